package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repricing that is killed with -9 somewhere in the middle, again and again, is completed by the same command, and then done. */
@Tag("once")
class RepriceKillTest {

    private static final String MODEL = "dark-matter-1";

    /** 2 and 10 USD a million: a call with n input tokens and 10 output tokens costs (2 n + 100) / 1,000,000 USD. */
    private static final String PRICES = """
            prices:
              - model: dark-matter-1
                usd_per_million: { input: 2, output: 10 }
            """;

    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");
    private static final int BATCH = 10_000;
    private static final int MAX_INPUT = 1_000;
    private static final long PATIENCE_SECONDS = 900;

    @TempDir
    private Path folder;

    @Test
    void repricing_killedAtRandom_isCompletedByTheSameCommand() throws Exception {
        killRepeatedly(20_000, 3);
    }

    @Tag("long")
    @Test
    void repricing_ofAMillionRecords_killedAtRandom_isCompletedByTheSameCommand() throws Exception {
        killRepeatedly(1_000_000, 10);
    }

    private void killRepeatedly(int records, int times) throws Exception {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        System.out.println("seed " + seed + ", another with -Dtokenledger.seed=…");
        Random random = new Random(seed);
        Path file = folder.resolve("ledger.db");
        Path prices = Files.writeString(folder.resolve("prices.yaml"), PRICES);
        fill(file, records);
        long started = System.nanoTime();
        int kills = 0;
        long unpriced = records;
        for (int left = times; left > 0 && unpriced > 0; left--) {
            long step = Math.max(1, unpriced / left);
            long target = unpriced - 1 - (long) (random.nextDouble() * step);
            kills += killBelow(file, prices, Math.max(0, target)) ? 1 : 0;
            Summary total = total(file);
            assertThat(total.totalRecords()).isEqualTo(records);
            assertThat(total.unpricedRecords()).isLessThan(unpriced);
            unpriced = total.unpricedRecords();
        }
        Process last = start(file, prices);
        assertThat(last.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(last.exitValue()).as(this::output).isZero();
        System.out.println(records + " records repriced in " + (System.nanoTime() - started) / 1_000_000_000
                + " s, killed " + kills + " times");
        Summary total = total(file);
        assertThat(total.unpricedRecords()).isZero();
        assertThat(total.totalCost()).isEqualTo(expected(records));

        Process again = start(file, prices);
        assertThat(again.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).as(this::output).isZero();
        audit(file, records);
    }

    /** Every record was revalued once, all in one run. */
    private static void audit(Path file, int records) {
        Set<String> runs = new HashSet<>();
        long revalued = 0;
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).limit(RecordQuery.MAX_LIMIT);
            RecordPage page;
            do {
                page = ledger.records(query.build());
                for (LedgerEntry entry : page.entries()) {
                    assertThat(entry.revaluations())
                            .as("revaluations of " + entry.id())
                            .isEqualTo(1);
                    runs.add(entry.revaluation().orElseThrow().run());
                    revalued++;
                }
                page.next().ifPresent(query::after);
            } while (page.next().isPresent());
            assertThat(ledger.verify().differences()).isEmpty();
        }
        assertThat(revalued).isEqualTo(records);
        assertThat(runs).hasSize(1);
    }

    private static void fill(Path file, int records) {
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            for (int first = 0; first < records; first += BATCH) {
                List<UsageRecord> batch = new ArrayList<>(BATCH);
                for (int i = first; i < Math.min(records, first + BATCH); i++) {
                    batch.add(UsageRecord.builder()
                            .id("call-" + i)
                            .timestamp(START.plusSeconds(i))
                            .model(MODEL)
                            .inputTokens(1 + i % MAX_INPUT)
                            .outputTokens(10)
                            .build());
                }
                ledger.appendAll(batch);
            }
        }
    }

    private static Usd expected(int records) {
        long input = 0;
        for (int i = 0; i < records; i++) {
            input += 1 + i % MAX_INPUT;
        }
        return Usd.ofPicos((2 * input + 100L * records) * 1_000_000);
    }

    private static Summary total(Path file) {
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            return ledger.summary(TimeWindow.all());
        }
    }

    /** Kills a run once so few records are unpriced; false if it was quicker. */
    private boolean killBelow(Path file, Path prices, long target) throws Exception {
        Process child = start(file, prices);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            while (ledger.summary(TimeWindow.all()).unpricedRecords() > target) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                if (child.waitFor(5, TimeUnit.MILLISECONDS)) {
                    assertThat(child.exitValue()).as(this::output).isZero();
                    return false;
                }
            }
        }
        child.destroyForcibly();
        assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return child.exitValue() != 0;
    }

    private Process start(Path file, Path prices) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("--ledger", file.toString(), "--prices", prices.toString()));
        command.addAll(List.of("reprice", "--period", "all", "--reason", "a list that came late", "--apply"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.txt").toFile());
        builder.environment().put("HOME", folder.toString());
        return builder.start();
    }

    private String output() {
        try {
            return Files.readString(folder.resolve("child.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
