package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to questions to a file: attributes of many values, limits on time, reading alone. */
class ReadingTest {

    private static final int USERS = 1_200;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("usage.db");
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            List<UsageRecord> records = new ArrayList<>();
            for (int i = 0; i < 2 * USERS; i++) {
                records.add(Samples.builder("r" + i)
                        .timestamp(Samples.NOW.plus(Duration.ofMinutes(i)))
                        .attribute("user", "user-" + i % USERS)
                        .attribute("team", i % 3 == 0 ? "" : "team-" + i % 3)
                        .build());
            }
            ledger.appendAll(records);
        }
    }

    @Test
    void attributeOfVeryManyValues_isNotRolledUp_andStillAnswered() throws SQLException {
        assertThat(number("SELECT wide FROM attribute_keys WHERE name = 'user'"))
                .isEqualTo(1);
        assertThat(number("SELECT wide FROM attribute_keys WHERE name = 'team'"))
                .isZero();
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            List<GroupedSummary> users = ledger.summaryBy("attribute.user", TimeWindow.all());
            assertThat(users)
                    .hasSize(USERS)
                    .allSatisfy(
                            user -> assertThat(user.summary().totalRecords()).isEqualTo(2));
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    /** Names are looked up by the hundred; a session that comes up again after its hundred keeps its name. */
    @Test
    void manySessionsOfSeveralModels_keepTheirNames() {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < 2 * USERS; i++) {
            records.add(Samples.builder("s" + i)
                    .timestamp(Samples.NOW.plusMillis(i))
                    .sessionId("session-" + i % USERS)
                    .model(i < USERS ? "first" : "second")
                    .build());
        }
        try (Ledger ledger = SqliteLedger.open(folder.resolve("sessions.db"), Samples.prices())) {
            ledger.appendAll(records);
            List<GroupedSummary> sessions = ledger.summaryBy(Dimension.SESSION, TimeWindow.all());
            assertThat(sessions).hasSize(USERS).allSatisfy(session -> {
                assertThat(session.key()).startsWith("session-");
                assertThat(session.summary().totalRecords()).isEqualTo(2);
            });
            assertThat(ledger.query(SummaryQuery.over(TimeWindow.all())
                            .by(Dimension.SESSION, Dimension.MODEL)
                            .build()))
                    .hasSize(2 * USERS)
                    .allSatisfy(
                            row -> assertThat(row.keys().get(Dimension.SESSION)).startsWith("session-"));
        }
    }

    @Test
    void everyGrouping_addsUp_withOrWithoutRollUps() {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            Summary total = ledger.summary(TimeWindow.all());
            for (Dimension dimension : List.of(
                    Dimension.MODEL,
                    Dimension.SESSION,
                    Dimension.attribute("team"),
                    Dimension.attribute("user"),
                    Dimension.attribute("nobody"))) {
                assertThat(ledger.summaryBy(dimension, TimeWindow.all()).stream()
                                .map(GroupedSummary::summary)
                                .reduce(Summary.ZERO, Summary::plus))
                        .as(dimension.name())
                        .isEqualTo(total);
            }
        }
    }

    @Test
    void queryBeyondItsTimeLimit_isStopped_andTheLedgerAnswersOn() {
        try (SqliteLedger ledger =
                SqliteLedger.builder().queryTimeLimit(Duration.ofNanos(1)).open(file)) {
            assertThatThrownBy(() -> ledger.query(SummaryQuery.over(TimeWindow.all())
                            .by(Dimension.attribute("user"), Dimension.attribute("team"))
                            .build()))
                    .isInstanceOf(LedgerTimeoutException.class)
                    .hasMessageContaining(file.toString());
        }
        try (SqliteLedger ledger =
                SqliteLedger.builder().queryTimeLimit(Duration.ofHours(1)).open(file)) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2L * USERS);
        }
    }

    @Test
    void interruptedThread_getsNoAnswer_andKeepsItsFlag() {
        try (SqliteLedger ledger = SqliteLedger.open(file, Samples.prices())) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> ledger.summaryBy("attribute.user", TimeWindow.all()))
                    .isInstanceOf(LedgerInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2L * USERS);
        }
    }

    @Test
    void readOnlyLedger_answers_andRefusesToWrite() {
        try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            assertThat(ledger.records(
                                    RecordQuery.over(TimeWindow.all()).limit(5).build())
                            .entries())
                    .hasSize(5);
            assertThatThrownBy(() -> ledger.append(Samples.record("new")))
                    .isInstanceOf(LedgerReadOnlyException.class)
                    .hasMessageContaining("nothing was stored");
        }
    }

    @Test
    void everyKindOfDamageToWhatIsDerived_isFoundByVerify_andMendedByRebuild() throws SQLException {
        for (String damage : List.of(
                "DELETE FROM runs WHERE quarter = (SELECT min(quarter) FROM runs)",
                "UPDATE runs SET last = last - 1 WHERE quarter = (SELECT max(quarter) FROM runs)",
                "DELETE FROM pages",
                "DELETE FROM deltas")) {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = connection.createStatement()) {
                int changed = statement.executeUpdate(damage);
                try (SqliteLedger ledger = SqliteLedger.open(file, Samples.prices())) {
                    assertThat(ledger.verify().clean()).as(damage).isEqualTo(changed == 0);
                    ledger.rebuild();
                    assertThat(ledger.verify().differences()).as(damage).isEmpty();
                }
            }
        }
    }

    private long number(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.getLong(1);
        }
    }
}
