package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.questions.SummaryPlan;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Enough cells by an attribute for several threads, which together must answer as one would. */
class RollUpQueryTest {

    private static final int DAYS = 150;
    private static final int PROJECTS = 500;
    private static final Instant START = Instant.parse("2026-01-01T00:30:00Z");
    private static final Instant END = START.plus(Duration.ofDays(DAYS));
    private static final Dimension PROJECT = Dimension.attribute("project");
    private static final List<String> MODELS = List.of(Samples.ALPHA, Samples.OMEGA, Samples.DELTA);

    @TempDir
    private static Path folder;

    private static Path file;
    private static SqliteLedger ledger;
    private static Ledger model;

    /** Every project calls once a day, and so does nobody's project in every tenth of the calls. */
    @BeforeAll
    static void write() {
        file = folder.resolve("usage.db");
        ledger = SqliteLedger.open(file, Samples.prices());
        model = InMemoryLedger.open(Samples.prices());
        List<UsageRecord> records = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            for (int project = 0; project < PROJECTS; project++) {
                records.add(record(day, project));
            }
        }
        for (Ledger each : List.of(ledger, model)) {
            each.appendAll(records);
            each.reverse(RecordId.of("r70-7"), "a mistake");
        }
        ledger.rebuild();
        // What is not in pages yet.
        List<UsageRecord> late = List.of(record(3, PROJECTS + 7), record(DAYS - 2, PROJECTS + 8), record(70, PROJECTS));
        ledger.appendAll(late);
        model.appendAll(late);
    }

    private static UsageRecord record(int day, int project) {
        UsageRecord.Builder record = Samples.builder("r" + day + "-" + project)
                .timestamp(START.plus(Duration.ofDays(day)).plus(Duration.ofMinutes(project * 7L % 1_400)))
                .model(MODELS.get((day + project) % MODELS.size()))
                .inputTokens(1_000_000L + day * 1_000L + project)
                .outputTokens(900_000L + project)
                .cacheReadInputTokens(5_000_000L + day);
        return project % 10 == 0
                ? record.build()
                : record.attribute("project", "project-" + project % PROJECTS).build();
    }

    @AfterAll
    static void close() {
        ledger.close();
    }

    @Test
    void daysByAnAttribute_areWorthSeveralThreads_andAFewDaysAreNot() throws SQLException {
        assertThat(threads(START, END)).isGreaterThan(1);
        assertThat(threads(START, START.plus(Duration.ofDays(20)))).isLessThan(2);
    }

    private static long threads(Instant from, Instant to) throws SQLException {
        SummaryQuery query = SummaryQuery.over(TimeWindow.of(from, to))
                .by(PROJECT)
                .every(CalendarBucket.DAY, ZoneOffset.UTC)
                .build();
        try (Connections connections = Connections.to(file, true, Duration.ofSeconds(1), 0);
                Handle handle = connections.reader()) {
            return SummaryPlan.rollUpThreads(new SqliteReads(handle, connections, new Combinations()), query);
        }
    }

    @Test
    void bucketsOfAnyZone_areAsAPlainListHasThem() {
        for (TimeWindow window : List.of(
                TimeWindow.all(),
                TimeWindow.of(START.plus(Duration.ofMinutes(1_234)), END.minus(Duration.ofDays(11))))) {
            assertSame(buckets(window, CalendarBucket.DAY, "Asia/Kathmandu"));
            assertSame(buckets(window, CalendarBucket.WEEK, "America/New_York"));
            assertSame(buckets(window, CalendarBucket.MONTH, "UTC"));
        }
    }

    private static SummaryQuery buckets(TimeWindow window, CalendarBucket bucket, String zone) {
        return SummaryQuery.over(window)
                .by(PROJECT)
                .every(bucket, ZoneId.of(zone))
                .limit(5)
                .build();
    }

    @Test
    void groupsAndFilters_areAsAPlainListHasThem() {
        SummaryQuery.Order byKey = SummaryQuery.Order.KEY;
        assertSame(days().by(PROJECT).order(byKey).build());
        assertSame(days().by(Dimension.MODEL, PROJECT).order(byKey).build());
        assertSame(days().by(Dimension.MODEL).where(PROJECT, "project-7").build());
        assertSame(days().by(Dimension.MODEL).where(PROJECT, "").build());
        assertSame(days().by(PROJECT).where(PROJECT, "").build());
        assertSame(days().by(PROJECT).where(Dimension.MODEL, Samples.OMEGA).build());
    }

    private static SummaryQuery.Builder days() {
        return SummaryQuery.over(TimeWindow.all()).every(CalendarBucket.DAY, ZoneOffset.UTC);
    }

    private static void assertSame(SummaryQuery query) {
        assertThat(ledger.summaries(query)).isEqualTo(model.summaries(query));
    }

    /** Every commit adds a record to the first and to the last bucket, so no answer may hold more in one of them. */
    @Test
    void recordsOfOneCommit_areSeenTogetherOrNotAtAll() throws InterruptedException {
        Path copy = folder.resolve("copy.db");
        ledger.backUpTo(copy);
        SummaryQuery ofPair = days().where(PROJECT, "pair").build();
        try (SqliteLedger written = SqliteLedger.open(copy, Samples.prices())) {
            BackgroundWriter.during(
                    () -> {
                        for (int round = 0; round < 30; round++) {
                            List<Summary> pairs = written.summaries(ofPair).stream()
                                    .map(GroupedSummary::summary)
                                    .toList();
                            assertThat(pairs.size()).isIn(0, 2);
                            assertThat(pairs.stream().distinct().count()).isLessThan(2);
                        }
                    },
                    i -> written.appendAll(List.of(pair("first-" + i, START), pair("last-" + i, END.minusSeconds(1)))));
            assertThat(written.summaries(ofPair)).hasSize(2);
        }
    }

    /** A record whose id is taken adds nothing but its values, and one too many of those takes the key's roll-ups away. */
    @Test
    void keyThatBecomesTooWideMeanwhile_isReadAsItWasWhenTheAnswerBegan() throws SQLException {
        Path copy = folder.resolve("widened.db");
        ledger.backUpTo(copy);
        SummaryQuery query = days().by(PROJECT).order(SummaryQuery.Order.KEY).build();
        try (SqliteLedger written = SqliteLedger.open(copy, Samples.prices());
                Connections connections = Connections.to(copy, true, Duration.ofSeconds(1), 0);
                Handle handle = connections.reader()) {
            List<GroupedSummary> before = written.summaries(query);
            handle.run("BEGIN");
            SqliteReads reads = new SqliteReads(handle, connections, new Combinations());
            assertThat(reads.attributeKey("project")).isNotNull();

            List<UsageRecord> refused = new ArrayList<>();
            for (int i = 0; i <= NameWriter.MAX_VALUES; i++) {
                refused.add(Samples.builder("r0-0")
                        .attribute("project", "another-" + i)
                        .build());
            }
            assertThat(written.appendAll(refused)).hasOnlyElementsOfType(AppendResult.Conflict.class);

            assertThat(SummaryPlan.answer(reads, query, 100_000)).isEqualTo(before);
        }
    }

    private static UsageRecord pair(String id, Instant at) {
        return Samples.builder(id).timestamp(at).attribute("project", "pair").build();
    }
}
