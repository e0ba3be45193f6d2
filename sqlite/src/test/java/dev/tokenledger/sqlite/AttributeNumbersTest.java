package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.sql.writing.WriteKernel;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers of attributes' keys and pairs, which a writer remembers from one transaction to the next. */
class AttributeNumbersTest {

    /** More than a key may have to be rolled up. */
    private static final int MANY = 1_001;

    /** As a key may have. */
    private static final int VALUES = 900;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("usage.db");
    }

    private static UsageRecord call(String id, String... attributes) {
        UsageRecord.Builder record = Samples.builder(id);
        for (int i = 0; i < attributes.length; i += 2) {
            record.attribute(attributes[i], attributes[i + 1]);
        }
        return record.build();
    }

    private static Map<String, Long> calls(Ledger ledger, String attribute) {
        return ledger.summaryBy("attribute." + attribute, TimeWindow.all()).stream()
                .collect(Collectors.toMap(
                        group -> group.keys().values().iterator().next(),
                        (GroupedSummary group) -> group.summary().totalRecords(),
                        Long::sum,
                        TreeMap::new));
    }

    private void execute(String statement) throws SQLException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement direct = other.createStatement()) {
            direct.execute(statement);
        }
    }

    @Test
    void numbersOfATransactionThatFailed_areForgotten() throws SQLException {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.append(call("r0", "team", "x"));
            execute("CREATE TRIGGER refuse BEFORE INSERT ON deltas BEGIN SELECT RAISE(ABORT, 'refused'); END");
            assertThatThrownBy(() -> ledger.append(call("r1", "team", "a", "project", "p", "zone", "z")))
                    .isInstanceOf(LedgerException.class);
            execute("DROP TRIGGER refuse");

            ledger.append(call("r2", "place", "here", "team", "b"));
            ledger.append(call("r3", "project", "q", "team", "a"));
            ledger.append(call("r4", "project", "p", "team", "a"));

            assertThat(calls(ledger, "team")).isEqualTo(Map.of("x", 1L, "b", 1L, "a", 2L));
            assertThat(calls(ledger, "project")).isEqualTo(Map.of("", 2L, "p", 1L, "q", 1L));
            assertThat(calls(ledger, "place")).isEqualTo(Map.of("", 3L, "here", 1L));
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    @Test
    void keyThatAnotherProcessMadeWide_isAnsweredFromTheRecords() {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices());
                Ledger other = SqliteLedger.open(file, Samples.prices())) {
            ledger.append(call("r0", "user", "u0", "team", "t0"));
            List<UsageRecord> many = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                many.add(call("o" + i, "user", "u" + i));
            }
            other.appendAll(many);
            int appends = WriteKernel.MAX_DELTAS + 4;
            for (int i = 1; i <= appends; i++) {
                ledger.append(call("r" + i, "user", i % 2 == 0 ? "u0" : "new" + i, "team", "t" + i % 9));
                if (i == 3) {
                    assertThat(ledger.verify().differences())
                            .as("not folded yet")
                            .isEmpty();
                }
            }

            assertThat(calls(ledger, "user")).hasSize(MANY + appends / 2).containsEntry("u0", 2L + appends / 2);
            assertThat(calls(ledger, "team")).hasSize(10).containsEntry("", (long) MANY);
            assertThat(other.verify().differences()).isEmpty();
        }
    }

    /** As many sets as records, and more pairs than are remembered. */
    @Test
    void morePairsThanAreRemembered_keepTheirNumbers() {
        int groups = 5;
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            List<UsageRecord> records = new ArrayList<>();
            for (int i = 0; i < groups * VALUES; i++) {
                String[] attributes = new String[2 * UsageRecord.MAX_ENTRIES];
                for (int key = 0; key < UsageRecord.MAX_ENTRIES; key++) {
                    attributes[2 * key] = "key-" + i % groups + "-" + key;
                    attributes[2 * key + 1] = "value-" + (i / groups + key) % VALUES;
                }
                records.add(call("r" + i, attributes));
            }
            ledger.appendAll(records);

            for (String key : List.of("key-0-0", "key-4-15")) {
                assertThat(calls(ledger, key))
                        .hasSize(VALUES + 1)
                        .containsEntry("", (groups - 1L) * VALUES)
                        .containsEntry("value-0", 1L)
                        .containsEntry("value-" + (VALUES - 1), 1L);
            }
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }
}
