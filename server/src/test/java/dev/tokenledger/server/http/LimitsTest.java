package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Batch;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitsTest {

    @Test
    void batch_isNoLongerThanACommitTakes() {
        assertThat(Limits.builder().batchRecords(Batch.MAX_STEPS).build().batchRecords())
                .isEqualTo(Batch.MAX_STEPS);
        assertThatThrownBy(
                        () -> Limits.builder().batchRecords(Batch.MAX_STEPS + 1).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batchRecords: expected at most 100000, which one commit takes, found 100001");
    }

    @Test
    void limit_isPositive() {
        assertThatThrownBy(() -> Limits.builder().bodyTime(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bodyTime: expected more than 0, found 0");
    }

    /** A body that is as long as it may be has room as it was sent and unpacked, so that no retry is in vain. */
    @Test
    void longestBody_isHalfOfTheRoom_withinBounds() {
        assertThat(longestBody(128 << 20)).isEqualTo(64 << 20);
        assertThat(longestBody(1 << 30)).isEqualTo(64 << 20);
        assertThat(longestBody(44 << 20)).isEqualTo(22 << 20);
        assertThat(longestBody(4 << 20)).isEqualTo(8 << 20);
        assertThat(Limits.builder().bodyBytes(5).pendingBytes(128 << 20).build().bodyBytes())
                .isEqualTo(5);
    }

    private static int longestBody(long pendingBytes) {
        return Limits.builder().pendingBytes(pendingBytes).build().bodyBytes();
    }

    @Test
    void bodies_leaveMostOfTheMemoryToWhatIsMadeOfThem() {
        assertThat(Limits.usual().pendingBytes())
                .isBetween(1L, Runtime.getRuntime().maxMemory() / 8);
    }
}
