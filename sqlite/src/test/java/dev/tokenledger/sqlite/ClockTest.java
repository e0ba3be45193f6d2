package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The computer's clock is set back while a ledger is open. */
class ClockTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00.000001Z");

    @TempDir
    private Path folder;

    @Test
    void clockSetBack_keepsOrderTotalsAndRetries() {
        SettableClock clock = new SettableClock(NOON);
        Path file = folder.resolve("usage.db");
        try (SqliteLedger ledger =
                SqliteLedger.builder().prices(Workload.PRICES).clock(clock).open(file)) {
            Workload.step(Mix.CORRECT, "r.t1", 1).writeTo(ledger);
            UsageRecord before = untimed("before");
            UsageRecord after = untimed("after");
            ledger.append(before);
            clock.advance(Duration.ofDays(-40));
            ledger.append(after);
            for (int number = 2; number <= 30; number++) {
                Workload.step(Mix.CORRECT, "r.t1", number).writeTo(ledger);
                clock.advance(Duration.ofMillis(-7));
            }

            LedgerEntry first = ledger.find(RecordId.of("before")).orElseThrow();
            LedgerEntry second = ledger.find(RecordId.of("after")).orElseThrow();
            assertThat(first.recorded()).isEqualTo(NOON);
            assertThat(first.occurred()).isEqualTo(NOON);
            assertThat(second.occurred()).isEqualTo(NOON.minus(Duration.ofDays(40)));
            // The order of writing does not follow the clock.
            assertThat(second.sequence()).isGreaterThan(first.sequence());
            assertThat(ledger.append(before)).isInstanceOf(AppendResult.Duplicate.class);
            TimeWindow earlier = TimeWindow.of(TimeWindow.MIN, NOON.minus(Duration.ofDays(39)));
            assertThat(ledger.summary(earlier).totalRecords()).isEqualTo(1);
            assertThat(ledger.verify().differences()).isEmpty();
            ledger.reverse(RecordId.of("before"), "not ours");
            ledger.reverse(RecordId.of("after"), "not ours");
            assertThat(ledger.summary(earlier).totalRecords()).isZero();
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private static UsageRecord untimed(String id) {
        return UsageRecord.builder()
                .id(id)
                .model("model-1")
                .inputTokens(1_000)
                .outputTokens(100)
                .build();
    }
}
