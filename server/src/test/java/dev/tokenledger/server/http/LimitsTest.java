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

    @Test
    void bodies_leaveMostOfTheMemoryToWhatIsMadeOfThem() {
        assertThat(Limits.usual().pendingBytes())
                .isBetween(1L, Runtime.getRuntime().maxMemory() / 8);
    }
}
