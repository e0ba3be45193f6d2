package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentCallsTest {

    private static final Instant END = Instant.parse("2026-11-22T12:00:00Z");

    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty());

    private void call(Instant instant) {
        ledger.append(UsageRecord.builder()
                .model("m")
                .timestamp(instant)
                .inputTokens(1)
                .build());
    }

    private TimeWindow recent(TimeWindow window, long most) {
        return RecentCalls.of(ledger, window, ZoneOffset.UTC, most);
    }

    @Test
    void windowWithFewCalls_isAllOfIt() {
        call(END.minus(Duration.ofDays(400)));
        call(END.minusSeconds(1));
        TimeWindow year = TimeWindow.of(END.minus(Duration.ofDays(500)), END);
        assertThat(recent(year, 2)).isEqualTo(year);
        assertThat(recent(TimeWindow.all(), 2)).isEqualTo(TimeWindow.all());
        TimeWindow empty = TimeWindow.of(END, END.plusSeconds(5));
        assertThat(recent(empty, 1)).isEqualTo(empty);
    }

    @Test
    void cut_isBehindTheQuarterHourThatDoesNotFit() {
        for (int quarters = 1; quarters <= 8; quarters++) {
            call(END.minus(Duration.ofMinutes(15L * quarters)).plusSeconds(7));
            call(END.minus(Duration.ofMinutes(15L * quarters)).plusSeconds(9));
        }
        TimeWindow day = TimeWindow.of(END.minus(Duration.ofDays(1)), END);
        assertThat(recent(day, 4).start()).isEqualTo(END.minus(Duration.ofMinutes(30)));
        assertThat(recent(day, 5).start()).isEqualTo(END.minus(Duration.ofMinutes(30)));
        assertThat(recent(day, 6).start()).isEqualTo(END.minus(Duration.ofMinutes(45)));
        assertThat(recent(day, 15).start()).isEqualTo(END.minus(Duration.ofMinutes(105)));
        assertThat(recent(day, 16)).isEqualTo(day);
    }

    @Test
    void lastQuarterHourWithCalls_isToldWhateverItHas() {
        for (int i = 0; i < 5; i++) {
            call(END.minus(Duration.ofDays(2)).plusSeconds(i));
        }
        TimeWindow week = TimeWindow.of(END.minus(Duration.ofDays(7)), END);
        assertThat(recent(week, 3)).isEqualTo(TimeWindow.of(END.minus(Duration.ofDays(2)), END));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void part_isAsLongAsItMayBe(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ZoneId kathmandu = ZoneId.of("Asia/Kathmandu");
        TimeWindow window = TimeWindow.of(END.minus(Duration.ofDays(200)), END.minus(Duration.ofMinutes(7)));
        for (int i = 0; i < 2_000; i++) {
            double back =
                    Math.pow(random.nextDouble(), 3) * Duration.ofDays(220).toSeconds();
            call(END.minusSeconds((long) back));
        }
        for (long most : new long[] {1, 10, 100, 500, 1_000, 1_500}) {
            TimeWindow part = RecentCalls.of(ledger, window, kathmandu, most);
            long calls = ledger.summary(part).totalRecords();
            TimeWindow longer = TimeWindow.of(part.start().minus(Duration.ofMinutes(15)), part.end());
            assertThat(part.end()).isEqualTo(window.end());
            assertThat(ledger.summary(longer).totalRecords())
                    .as("seed %d, %d calls of at most %d", seed, calls, most)
                    .isGreaterThan(most);
            TimeWindow quarter = TimeWindow.of(part.start(), part.start().plus(Duration.ofMinutes(15)));
            assertThat(calls - (calls > most ? ledger.summary(quarter).totalRecords() : 0))
                    .as("seed %d, at most %d", seed, most)
                    .isLessThanOrEqualTo(most);
        }
    }
}
