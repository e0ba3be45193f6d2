package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    @Test
    void questionThatNoRollUpAnswers_isSaidToReadRecords() {
        Dimension team = Dimension.attribute("team");
        Dimension user = Dimension.attribute("user");
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            assertThat(ledger.readsRecords(all().by(team, Dimension.MODEL).build()))
                    .isFalse();
            assertThat(ledger.readsRecords(all().where(team, "team-1").build())).isFalse();
            assertThat(ledger.readsRecords(
                            all().by(user).where(Dimension.SESSION, "s").build()))
                    .isFalse();
            assertThat(ledger.readsRecords(all().by(user).build())).isTrue();
            assertThat(ledger.readsRecords(all().where(user, "user-1").build())).isTrue();
            assertThat(ledger.readsRecords(all().by(team)
                            .where(Dimension.attribute("nobody"), "")
                            .build()))
                    .isTrue();
        }
    }

    private static SummaryQuery.Builder all() {
        return SummaryQuery.over(TimeWindow.all());
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
            assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
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

    /** What records share is looked up once a page: one page of all must say what pages of one each say, and the model. */
    @Test
    void pages_ofEveryKindOfEntry_byTwoWriters_sayWhatTheModelSays() {
        InstantSource clock = InstantSource.fixed(Samples.NOW.plus(Duration.ofDays(1)));
        Path shared = folder.resolve("shared.db");
        try (Ledger model = InMemoryLedger.open(Samples.prices(), clock);
                Ledger one = SqliteLedger.builder()
                        .prices(Samples.prices())
                        .clock(clock)
                        .open(shared);
                Ledger other = SqliteLedger.builder()
                        .prices(Samples.prices())
                        .clock(clock)
                        .open(shared)) {
            // Each writer remembers what it gave numbers to, and meets numbers that the other one gave.
            for (int i = 0; i < 12; i++) {
                Ledger writer = i % 2 == 0 ? one : other;
                for (UsageRecord record : everyKind(i)) {
                    writer.append(record);
                    model.append(record);
                }
                if (i % 3 == 0) {
                    for (String kind : List.of("full-", "plain-", "partial-", "given-", "unpriced-")) {
                        writer.reverse(RecordId.of(kind + i / 2), "counted twice");
                        model.reverse(RecordId.of(kind + i / 2), "counted twice");
                    }
                }
            }

            LedgerComparison.assertSame(model, one);
            for (boolean history : new boolean[] {false, true}) {
                List<LedgerEntry> whole = pages(other, history, RecordQuery.MAX_LIMIT);
                assertThat(whole).hasSize(history ? 80 : 40);
                for (int limit : new int[] {1, 7, whole.size() - 1, whole.size()}) {
                    assertThat(pages(one, history, limit))
                            .as("pages of %d", limit)
                            .isEqualTo(whole);
                }
            }
        }
    }

    private static List<UsageRecord> everyKind(int i) {
        Instant instant = Samples.NOW.plus(Duration.ofMinutes(7L * (i % 5)));
        return List.of(
                Samples.everyField("full-" + i).timestamp(instant).build(),
                Samples.builder("plain-" + i).timestamp(instant).build(),
                Samples.builder("partial-" + i)
                        .timestamp(instant)
                        .model(Samples.DELTA)
                        .cacheReadInputTokens(5 + i)
                        .conversationId("conversation-" + i % 2)
                        .build(),
                Samples.builder("given-" + i)
                        .timestamp(instant)
                        .cost(Usd.ofPicos(i))
                        .duration(Duration.ZERO)
                        .reportedCost(Usd.ZERO)
                        .sessionId("session-" + i % 3)
                        .build(),
                Samples.builder("unpriced-" + i)
                        .timestamp(instant)
                        .model(Samples.OMEGA)
                        .requestedModel(Samples.ALPHA)
                        .attribute("team", "team-" + i % 2)
                        .build());
    }

    private static List<LedgerEntry> pages(Ledger ledger, boolean history, int limit) {
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(history).limit(limit);
        List<LedgerEntry> entries = new ArrayList<>();
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            entries.addAll(page.entries());
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return entries;
    }

    @Test
    void attributeThatNobodyHas_listsNothing_whetherItIsRolledUpOrNot() throws SQLException {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            assertThat(listed(ledger, "team", "team-1")).isEqualTo(2 * USERS / 3);
            assertThat(listed(ledger, "team", "")).isEqualTo(2 * USERS / 3);
            assertThat(listed(ledger, "team", "user-7")).isZero();
            assertThat(listed(ledger, "user", "user-7")).isEqualTo(2);
            assertThat(listed(ledger, "user", "")).isZero();
            assertThat(listed(ledger, "user", "nobody")).isZero();
            assertThat(listed(ledger, "project", "apollo")).isZero();
            assertThat(listed(ledger, "project", "")).isEqualTo(2 * USERS);
            assertThat(listed(ledger, "no key at all", "apollo")).isZero();
            // What another writer adds later is found.
            try (Ledger other = SqliteLedger.open(file, Samples.prices())) {
                other.append(
                        Samples.builder("new").attribute("project", "apollo").build());
            }
            assertThat(listed(ledger, "project", "apollo")).isEqualTo(1);
        }
    }

    private static int listed(Ledger ledger, String attribute, String value) {
        return ledger.records(RecordQuery.over(TimeWindow.all())
                        .where(Dimension.attribute(attribute), value)
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()
                .size();
    }

    @Test
    void queryBeyondItsTimeLimit_isStopped_andTheLedgerAnswersOn() {
        try (SqliteLedger ledger =
                SqliteLedger.builder().queryTimeLimit(Duration.ofNanos(1)).open(file)) {
            assertThatThrownBy(() -> ledger.summaries(SummaryQuery.over(TimeWindow.all())
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
