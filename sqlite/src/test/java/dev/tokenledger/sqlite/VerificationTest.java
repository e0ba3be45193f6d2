package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerException;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationTest {

    @TempDir
    Path folder;

    /** Roll-ups made anew agree with whatever a reversal says, so that it is compared with what it reverses. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "occurred = occurred + 1",
                "combination = combination + 1",
                "thread = NULL",
                "attributes = NULL",
                "circumstances = NULL",
                "price = NULL",
                "input = input + 1",
                "output = output + 1",
                "cache_read = cache_read + 1",
                "cache_creation = cache_creation - 1",
                "cache_creation_5m = cache_creation_5m + 1",
                "cache_creation_1h = cache_creation_1h + 1",
                "reasoning = reasoning + 1",
                "cost = cost + 1"
            })
    void aReversalThatNegatesSomethingElse_isFound(String change) throws SQLException {
        Path file = folder.resolve("ledger.db");
        try (Ledger ledger = TestLedgers.open(file)) {
            ledger.append(Samples.everyField("a").build());
            ledger.append(Samples.record("b"));
            ledger.reverse(RecordId.of("a"), "wrong");
            assertThat(ledger.verify().differences()).isEmpty();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE records SET " + change + " WHERE kind = 1"))
                    .isEqualTo(1);
        }
        try (Ledger ledger = TestLedgers.open(file)) {
            ledger.rebuild();
            assertThat(ledger.verify().differences())
                    .contains("1 reversals, 1 links to what they reverse, 1 of them wrong");
        }
    }

    /** An adjustment has a reason, no tokens, and a reversal of its own kind. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM adjustments WHERE adjustment = 1",
                "UPDATE adjustments SET reason = 'another' WHERE adjustment = 1",
                "UPDATE records SET cost = cost + 1 WHERE seq = 1",
                "UPDATE records SET input = 1, checksum = NULL WHERE seq = 1",
                "UPDATE records SET kind = 0, checksum = NULL WHERE seq = 1",
                "UPDATE records SET kind = 1, checksum = NULL WHERE seq = 3",
                "UPDATE records SET cost = cost - 1, checksum = NULL WHERE seq = 3"
            })
    void anAdjustmentThatIsNotWhatWasEntered_isFound(String change) throws SQLException {
        Path file = folder.resolve("ledger.db");
        try (Ledger ledger = TestLedgers.open(file)) {
            for (String id : List.of("a", "b")) {
                UsageRecord record = UsageRecord.builder()
                        .id(id)
                        .timestamp(Samples.NOW)
                        .model("adjustment")
                        .build();
                ledger.write(Batch.builder()
                        .step(new Batch.Step.Adjust(record, Usd.parse("-1.5"), "a credit"))
                        .build());
            }
            ledger.reverse(RecordId.of("b"), "wrong");
            assertThat(ledger.verify().differences()).isEmpty();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(change)).isEqualTo(1);
        }
        assertThat(isFound(file)).isTrue();
    }

    /** Whatever bits of the file flip: what a reader then sees is what was stored, or the check says that it is not. */
    @Test
    void damageThatChangesWhatIsListed_isFound() throws IOException {
        flip(60);
    }

    @Tag("long")
    @Test
    void damageThatChangesWhatIsListed_isFound_manyTimes() throws IOException {
        flip(3_000);
    }

    private void flip(int times) throws IOException {
        Path file = folder.resolve("ledger.db");
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            for (int i = 0; i < 120; i++) {
                ledger.append((i % 2 == 0 ? Samples.everyField("r" + i) : Samples.builder("r" + i))
                        .requestId("request-" + i)
                        .duration(Duration.ofMillis(1_000 + i))
                        .timestamp(Samples.NOW.plusSeconds(i * 97L))
                        .build());
            }
            ledger.reverse(RecordId.of("r3"), "counted twice");
            assertThat(ledger.verify().differences()).isEmpty();
        }
        byte[] sound = Files.readAllBytes(file);
        String before = listed(file);
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        int seen = 0;
        for (int i = 0; i < times; i++) {
            byte[] damaged = sound.clone();
            int at = 100 + random.nextInt(sound.length - 100);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            String after;
            try {
                after = listed(file);
            } catch (RuntimeException e) {
                // Whatever reading a damaged page ends with: it is a difference that shows.
                after = "failed";
            }
            if (!after.equals(before)) {
                seen++;
                assertThat(isFound(file))
                        .as("a bit of byte %d flipped, seed %d", at, seed)
                        .isTrue();
            }
        }
        assertThat(seen).as("damages that show").isPositive();
    }

    private static boolean isFound(Path file) {
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            return !ledger.verify().clean();
        } catch (LedgerException e) {
            return true;
        }
    }

    private static String listed(Path file) {
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            StringBuilder all = new StringBuilder();
            for (LedgerEntry entry : ledger.records(
                            RecordQuery.over(TimeWindow.all()).limit(1_000).build())
                    .entries()) {
                all.append(entry)
                        .append(ledger.find(entry.record().id()))
                        .append(ledger.explain(entry.record().id()))
                        .append('\n');
            }
            return all.append(ledger.summary(TimeWindow.all())).toString();
        }
    }
}
