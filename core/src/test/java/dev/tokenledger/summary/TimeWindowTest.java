package dev.tokenledger.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimeWindowTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    @Test
    void window_isHalfOpen() {
        TimeWindow window = TimeWindow.of(NOON, NOON.plusSeconds(1));
        assertThat(window.contains(NOON)).isTrue();
        assertThat(window.contains(NOON.minusNanos(1))).isFalse();
        assertThat(window.contains(NOON.plusSeconds(1).minusNanos(1))).isTrue();
        assertThat(window.contains(NOON.plusSeconds(1))).isFalse();
        assertThat(window.isEmpty()).isFalse();
        assertThat(TimeWindow.of(NOON, NOON).isEmpty()).isTrue();
        assertThat(TimeWindow.of(NOON, NOON).contains(NOON)).isFalse();
    }

    @Test
    void bounds_betweenMicroseconds_goToTheNextOne() {
        TimeWindow window = TimeWindow.of(NOON.plusNanos(1), NOON.plusNanos(1_001));
        assertThat(window).isEqualTo(TimeWindow.of(NOON.plusNanos(1_000), NOON.plusNanos(2_000)));
        assertThat(TimeWindow.of(NOON.plusNanos(1), NOON.plusNanos(2)).isEmpty())
                .isTrue();
    }

    @Test
    void bounds_beyondWhatARecordCanHave_areMovedToIt() {
        assertThat(TimeWindow.of(Instant.MIN, Instant.MAX)).isEqualTo(TimeWindow.all());
        assertThat(TimeWindow.all().contains(Instant.parse("9999-12-31T00:00:00Z")))
                .isTrue();
        assertThat(TimeWindow.all().contains(Instant.EPOCH)).isTrue();
        assertThat(TimeWindow.of(Instant.MIN, Instant.EPOCH).isEmpty()).isTrue();
        assertThat(TimeWindow.of(TimeWindow.MAX.plusSeconds(1), Instant.MAX).isEmpty())
                .isTrue();
    }

    @Test
    void endBeforeStart_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimeWindow.of(NOON, NOON.minusSeconds(1)))
                .withMessage("a window ends after it starts: from 2026-03-10T12:00:00Z to 2026-03-10T11:59:59Z");
    }

    @Test
    void intersection_isWhatBothHave() {
        TimeWindow one = TimeWindow.of(NOON, NOON.plusSeconds(10));
        TimeWindow other = TimeWindow.of(NOON.plusSeconds(5), NOON.plusSeconds(20));
        TimeWindow shared = TimeWindow.of(NOON.plusSeconds(5), NOON.plusSeconds(10));
        assertThat(one.intersect(other)).isEqualTo(shared);
        assertThat(other.intersect(one)).isEqualTo(shared);
        assertThat(one.intersect(TimeWindow.all())).isEqualTo(one);
        assertThat(one.intersect(TimeWindow.of(NOON.plusSeconds(10), NOON.plusSeconds(11)))
                        .isEmpty())
                .isTrue();
        assertThat(one.intersect(TimeWindow.of(Instant.EPOCH, NOON.minusSeconds(9)))
                        .isEmpty())
                .isTrue();
    }
}
