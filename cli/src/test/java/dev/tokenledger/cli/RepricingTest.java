package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenledger.Ledger;
import dev.tokenledger.ObservedLedger;
import dev.tokenledger.formats.reprice.RepriceRun;
import dev.tokenledger.formats.reprice.Repricing;
import dev.tokenledger.formats.reprice.Repricing.Outcome;
import dev.tokenledger.formats.reprice.Selection;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are stopped between their commits, and two at the same time. */
class RepricingTest {

    private static final int RECORDS = 4_500;

    private static final PriceBook PRICES = PriceBook.of(
            List.of(PriceEntry.builder(Samples.OMEGA).rates(Rates.of("2", "10")).build()));

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Samples.NOW);
    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("ledger.db");
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(Samples.builder("r" + i)
                    .model(Samples.OMEGA)
                    .timestamp(Samples.NOW.minusSeconds(i * 40L))
                    .build());
        }
        try (Ledger ledger = open()) {
            ledger.appendAll(records);
        }
    }

    private Ledger open() {
        return SqliteLedger.builder().prices(PriceBook.empty()).clock(clock).open(file);
    }

    private static Repricing repricing(Ledger ledger) {
        Selection unpriced = new Selection(
                EnumSet.of(PricingStatus.UNPRICED, PricingStatus.PARTIAL), false, TimeWindow.all(), Map.of());
        return Repricing.of(ledger, unpriced, PRICES, "came late", ZoneOffset.UTC);
    }

    /** Stops after so many commits, as the end of the process would. */
    private void stopAfter(int commits) {
        int[] left = {commits};
        try (Ledger ledger = open()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> repricing(ledger).apply(Optional.empty(), clock, done -> {
                        if (--left[0] == 0) {
                            throw new IllegalStateException("stopped");
                        }
                    }));
        }
    }

    private void assertDone(Ledger ledger, int runs) {
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalCost()).isEqualTo(Usd.parse("13.5"));
        assertThat(total.totalRecords()).isEqualTo(RECORDS);
        assertThat(total.unpricedRecords()).isZero();
        assertThat(ledger.verify().differences()).isEmpty();
        assertThat(RepriceRun.of(ledger))
                .hasSize(runs)
                .allMatch(RepriceRun::applied)
                .extracting(RepriceRun::records)
                .satisfies(records -> assertThat(
                                records.stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(RECORDS));
    }

    @Test
    void stoppedAfterAnyCommit_isCompletedByTheSameAgain_asOneRun() {
        for (int commits = 1; commits <= 2; commits++) {
            stopAfter(commits);
            try (Ledger ledger = open()) {
                Summary total = ledger.summary(TimeWindow.all());
                RepriceRun run = RepriceRun.of(ledger).get(0);
                assertThat(run.applied()).isFalse();
                assertThat(total.unpricedRecords()).isEqualTo(RECORDS - run.records());
                assertThat(total.totalCost()).isEqualTo(run.after());
                assertThat(ledger.verify().differences()).isEmpty();
            }
        }
        try (Ledger ledger = open()) {
            Repricing.Result result = repricing(ledger).apply(Optional.empty(), clock, done -> {});
            assertThat(result.outcome()).isEqualTo(Outcome.APPLIED);
            assertDone(ledger, 1);
            assertThat(repricing(ledger)
                            .apply(Optional.empty(), clock, done -> {})
                            .outcome())
                    .isEqualTo(Outcome.NOTHING);
            assertThat(repricing(ledger)
                            .apply(Optional.of(result.digest()), clock, done -> {})
                            .outcome())
                    .isEqualTo(Outcome.BEFORE);
            assertDone(ledger, 1);
        }
    }

    @Test
    void stoppedRun_isCompletedByItsFirstDigest_andByThatOfWhatIsLeft() {
        String digest;
        try (Ledger ledger = open()) {
            digest = repricing(ledger).plan().digest();
        }
        stopAfter(1);
        try (Ledger ledger = open()) {
            String left = repricing(ledger).plan().digest();
            assertThat(left).isNotEqualTo(digest);
            assertThat(RepriceRun.of(ledger).get(0).digest()).isEqualTo(digest);
            assertThat(repricing(ledger)
                            .apply(Optional.of("0".repeat(32)), clock, done -> {})
                            .outcome())
                    .isEqualTo(Outcome.OUT_OF_DATE);
            assertThat(repricing(ledger)
                            .apply(Optional.of(left), clock, done -> {})
                            .outcome())
                    .isEqualTo(Outcome.APPLIED);
            assertDone(ledger, 1);
        }
    }

    /** The second run is through between two commits of the first, which finds its records repriced. */
    @Test
    void twoRunsAtTheSameTime_repriceEachRecordOnce() {
        try (Ledger ledger = ObservedLedger.of(open());
                Ledger other = open()) {
            boolean[] ran = {false};
            Repricing.Result first = repricing(ledger).apply(Optional.empty(), clock, done -> {
                if (!ran[0]) {
                    ran[0] = true;
                    Selection all =
                            new Selection(EnumSet.allOf(PricingStatus.class), false, TimeWindow.all(), Map.of());
                    Repricing.of(other, all, PRICES, "somebody else", ZoneOffset.UTC)
                            .apply(Optional.empty(), clock, nothing -> {});
                }
            });
            assertThat(first.outcome()).isEqualTo(Outcome.APPLIED);
            assertDone(ledger, 2);
        }
    }
}
