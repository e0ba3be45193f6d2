package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
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
}
