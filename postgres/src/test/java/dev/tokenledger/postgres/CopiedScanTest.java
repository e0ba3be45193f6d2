package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.sql.engine.RecordCopy.Failure;
import dev.tokenledger.sql.engine.RecordCopy.Row;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.QueryGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.UsageRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Questions that a copy answers in part, at every place that it may be, and whatever it says. */
class CopiedScanTest {

    private static final TimeWindow ALL = TimeWindow.all();
    private static final SummaryQuery BY_SESSION =
            SummaryQuery.over(ALL).by(Dimension.SESSION).build();

    private final SettableClock clock = new SettableClock(Samples.NOW);
    private final AtomicLong nanoTime = new AtomicLong();
    private final List<String> warnings = new ArrayList<>();
    private SchemaStore store;
    private OwnCopy copy;

    @BeforeEach
    void openStore() {
        store = new SchemaStore(Version.NEWEST, 2);
        copy = new OwnCopy(store.source(), store.schema, 0);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private PostgresLedger.Builder builder() {
        return store.builder(Samples.prices(), clock)
                .copy(copy)
                .nanoTime(nanoTime::get)
                .onWarning(warning -> {
                    // Not that the tests' server need not keep anything.
                    if (warning.contains("the copy")) {
                        warnings.add(warning);
                    }
                });
    }

    /** Three sessions of a record each, some hours apart, all of which the copy has. */
    private PostgresLedger filled() throws SQLException {
        PostgresLedger ledger = builder().open(store.source());
        for (int i = 0; i < 3; i++) {
            ledger.append(record(i));
        }
        moveBehindAll();
        return ledger;
    }

    private static UsageRecord record(int number) {
        return Samples.builder("r" + number)
                .timestamp(Samples.NOW.plus(Duration.ofHours(5L * number)))
                .sessionId("session-" + number)
                .attribute("team", "t" + number % 2)
                .attribute("user", "u" + number)
                .build();
    }

    private void moveBehindAll() throws SQLException {
        try (Connection connection = store.source().getConnection()) {
            Database database = new Database(connection, new PostgresSchema(store.schema));
            OwnCopy.set(database, database.number("SELECT max(written) + 1 FROM {records}"));
            database.closeStatements();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = store.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(new PostgresSchema(store.schema).sql(sql));
        }
    }

    private static int sessions(Ledger ledger) {
        assertThat(ledger.summaries(BY_SESSION))
                .allSatisfy(row -> assertThat(row.summary().totalRecords()).isEqualTo(1));
        return ledger.summaries(BY_SESSION).size();
    }

    @Test
    void itIsAskedForWhatReadsTheRecordsOfALongWindow_andForNothingElse() throws SQLException {
        TimeWindow hour = TimeWindow.of(Samples.NOW, Samples.NOW.plus(Duration.ofHours(1)));
        try (PostgresLedger ledger = filled()) {
            assertThat(asked(ledger, BY_SESSION)).isTrue();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(ALL).by(Dimension.CONVERSATION).build()))
                    .isTrue();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(ALL)
                                    .by(Dimension.attribute("team"))
                                    .by(Dimension.attribute("user"))
                                    .build()))
                    .isTrue();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(ALL)
                                    .asOf(Samples.NOW.minusSeconds(1))
                                    .build()))
                    .isTrue();

            assertThat(asked(ledger, SummaryQuery.over(ALL).build())).isFalse();
            assertThat(asked(ledger, SummaryQuery.over(ALL).by(Dimension.MODEL).build()))
                    .isFalse();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(ALL)
                                    .by(Dimension.attribute("team"))
                                    .build()))
                    .isFalse();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(TimeWindow.of(
                                            Samples.NOW.plusSeconds(7), Samples.NOW.plus(Duration.ofDays(9))))
                                    .every(CalendarBucket.HOUR, Samples.ZONES.get(0))
                                    .build()))
                    .isFalse();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(hour).by(Dimension.SESSION).build()))
                    .isFalse();
            assertThat(asked(
                            ledger,
                            SummaryQuery.over(ALL)
                                    .where(Dimension.SESSION, "session-1")
                                    .build()))
                    .isFalse();
            int before = copy.asked.get();
            assertThat(ledger.verify().differences()).isEmpty();
            ledger.rebuild();
            assertThat(copy.asked).hasValue(before);
        }
    }

    private boolean asked(Ledger ledger, SummaryQuery query) {
        int before = copy.asked.get();
        ledger.summaries(query);
        return copy.asked.get() > before;
    }

    @Test
    void windowWithFewRecords_isLeftToPostgres() throws SQLException {
        copy = new OwnCopy(store.source(), store.schema, 4);
        try (PostgresLedger ledger = filled()) {
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            ledger.append(record(3));
            assertThat(asked(ledger, BY_SESSION)).isTrue();
            assertThat(sessions(ledger)).isEqualTo(4);
        }
    }

    @Test
    void copyOfAnotherLedger_orOneThatGoesFurtherThanThisMoment_isNotAsked() throws SQLException {
        try (PostgresLedger ledger = filled()) {
            execute("UPDATE {copies} SET origin = origin || '0'");
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            moveBehindAll();
            assertThat(asked(ledger, BY_SESSION)).isTrue();
            execute("UPDATE {copies} SET written = written + 1000000000");
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            execute("UPDATE {copies} SET written = 0");
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            execute("DELETE FROM {copies}");
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            assertThat(sessions(ledger)).isEqualTo(3);
        }
    }

    @Test
    void roleThatOnlyReads_mayAskTheCopy() throws SQLException {
        try (PostgresLedger owner = filled()) {
            assertThat(owner.schemaVersion()).isEqualTo(PostgresLedger.newestSchema());
            String role = "reader_of_" + store.schema;
            execute("CREATE ROLE " + role + " LOGIN");
            try {
                execute("GRANT USAGE ON SCHEMA " + store.schema + " TO " + role);
                execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + store.schema + " TO " + role);
                PGSimpleDataSource source =
                        PostgresServer.shared(Version.NEWEST).dataSource();
                source.setUser(role);
                try (PostgresLedger reader = PostgresLedger.builder()
                        .schema(store.schema)
                        .readOnly(true)
                        .copy(copy)
                        .open(source)) {
                    assertThat(asked(reader, BY_SESSION)).isTrue();
                    assertThat(reader.copyCounts().orElseThrow().answered()).isEqualTo(1);
                }
            } finally {
                execute("DROP OWNED BY " + role);
                execute("DROP ROLE " + role);
            }
        }
    }

    @Test
    void wrongAnswers_areNeverGiven() throws SQLException {
        List<OwnCopy.Fault> faults = List.of(
                rows -> rows.subList(1, rows.size()),
                rows -> {
                    List<Row> more = new ArrayList<>(rows);
                    more.add(rows.get(0));
                    return more;
                },
                rows -> List.of(),
                rows -> {
                    rows.get(0).figures()[1]++;
                    return rows;
                },
                rows -> {
                    rows.get(0).figures()[1] = Long.MAX_VALUE;
                    rows.get(1).figures()[1] = Long.MAX_VALUE;
                    return rows;
                },
                rows -> {
                    Row row = rows.get(0);
                    rows.set(0, new Row(row.occurred(), 1_000_000, row.thread(), row.values(), 0, row.figures()));
                    return rows;
                },
                rows -> {
                    throw new Failure(Failure.Reason.SLOW, "it took longer than 1 s");
                });
        try (PostgresLedger ledger = filled()) {
            for (OwnCopy.Fault fault : faults) {
                copy.fault = fault;
                nanoTime.addAndGet(2 * CopyUse.PAUSE_NANOS);
                assertThat(asked(ledger, BY_SESSION)).isTrue();
                assertThat(sessions(ledger)).isEqualTo(3);
            }
            CopyCounts counts = ledger.copyCounts().orElseThrow();
            assertThat(counts.answered()).isZero();
            assertThat(counts.failed())
                    .containsEntry("unfit", 6L)
                    .containsEntry("slow", 1L)
                    .hasSize(4);
            assertThat(counts.failing()).isTrue();
            assertThat(warnings)
                    .singleElement()
                    .satisfies(warning -> assertThat(warning).contains("its totals are not those of the ledger"));
        }
    }

    @Test
    void failedCopy_isLeftAloneForAWhile_thenTriedByOneQuestion() throws SQLException {
        try (PostgresLedger ledger = filled()) {
            copy.fault = rows -> {
                throw new Failure(Failure.Reason.AWAY, "it cannot be reached");
            };
            assertThat(asked(ledger, BY_SESSION)).isTrue();
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            nanoTime.addAndGet(CopyUse.PAUSE_NANOS - 1);
            assertThat(asked(ledger, BY_SESSION)).isFalse();
            nanoTime.addAndGet(1);
            // The one that tries it; what is asked meanwhile does not wait for what becomes of that.
            copy.fault = rows -> {
                copy.fault = same -> same;
                assertThat(asked(ledger, BY_SESSION)).isFalse();
                return rows;
            };
            assertThat(asked(ledger, BY_SESSION)).isTrue();
            assertThat(asked(ledger, BY_SESSION)).isTrue();

            CopyCounts counts = ledger.copyCounts().orElseThrow();
            assertThat(counts.answered()).isEqualTo(2);
            assertThat(counts.paused()).isEqualTo(3);
            assertThat(counts.failing()).isFalse();
            assertThat(warnings).hasSize(2);
            assertThat(warnings.get(1)).endsWith("the copy answers again");
        }
    }

    @Test
    void interruptedWhileTheCopyIsAsked_endsTheQuestion() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        try (PostgresLedger ledger = filled()) {
            copy.fault = rows -> {
                waiting.countDown();
                new CountDownLatch(1).await();
                return rows;
            };
            List<Throwable> thrown = new ArrayList<>();
            Thread asking = new Thread(() -> {
                try {
                    ledger.summaries(BY_SESSION);
                } catch (LedgerInterruptedException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        thrown.add(e);
                    }
                }
            });
            asking.start();
            waiting.await();
            asking.interrupt();
            asking.join();
            assertThat(thrown).hasSize(1);
            assertThat(ledger.copyCounts().orElseThrow().failing()).isFalse();
        }
    }

    @Test
    void copyMayTakeHalfOfAQuestionsTime_andNotLongerThanItsRecordsAreWorth() throws SQLException {
        try (PostgresLedger ledger = filled()) {
            ledger.summaries(BY_SESSION);
            assertThat(copy.lastLimitNanos).isEqualTo(Duration.ofSeconds(2).toNanos() + 3_000);
        }
        copy.minWait = Duration.ofHours(1);
        try (PostgresLedger ledger =
                builder().queryTimeLimit(Duration.ofMinutes(10)).open(store.source())) {
            ledger.summaries(BY_SESSION);
            assertThat(copy.lastLimitNanos)
                    .isPositive()
                    .isLessThanOrEqualTo(Duration.ofMinutes(5).toNanos());
        }
    }

    @Test
    void everyPlaceOfTheCopy_givesTheSameAnswers() {
        Seeds.run(1, random -> {
            OperationGenerator generator = new OperationGenerator(random);
            try (Ledger memory = InMemoryLedger.open(Samples.prices(), clock);
                    PostgresLedger ledger = builder().open(store.source())) {
                for (int i = 0; i < 25; i++) {
                    clock.advance(Duration.ofMinutes(7));
                    Operation operation = generator.nextOfRecords();
                    operation.apply(memory);
                    operation.apply(ledger);
                }
                QueryGenerator queries = new QueryGenerator(random);
                List<SummaryQuery> asked = new ArrayList<>();
                asked.add(BY_SESSION);
                for (int i = 0; i < 15; i++) {
                    asked.add(queries.summaries());
                }
                asked.add(SummaryQuery.over(ALL)
                        .by(Dimension.MODEL)
                        .asOf(Samples.NOW.plus(Duration.ofMinutes(60)))
                        .build());
                for (long written : places()) {
                    execute("DELETE FROM {copies}");
                    try (Connection connection = store.source().getConnection()) {
                        Database database = new Database(connection, new PostgresSchema(store.schema));
                        OwnCopy.set(database, written);
                        database.closeStatements();
                    }
                    asked.forEach(query -> LedgerComparison.assertSame(memory, ledger, query));
                }
                assertThat(warnings).isEmpty();
                assertThat(copy.asked.get()).isGreaterThan(20);
            }
            closeStore();
            openStore();
        });
    }

    private List<Long> places() throws SQLException {
        try (Connection connection = store.source().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(new PostgresSchema(store.schema)
                        .sql("SELECT DISTINCT written + 1 FROM {records} UNION SELECT min(written) FROM {records}"))) {
            List<Long> places = new ArrayList<>();
            while (row.next()) {
                places.add(row.getLong(1));
            }
            return places;
        }
    }

    @Test
    void randomOperations_withACopyThatMovesAndFails_areAnsweredAsByAListInMemory() {
        Seeds.run(2, random -> {
            SettableClock time = new SettableClock(Samples.NOW);
            OperationGenerator generator = new OperationGenerator(random);
            try (CopyStore moving = new CopyStore(new SplittableRandom(random.nextLong()));
                    Ledger memory = InMemoryLedger.open(Samples.prices(), time);
                    Ledger ledger = moving.open(Samples.prices(), time)) {
                for (int i = 1; i <= 50; i++) {
                    time.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
                    Operation operation = generator.nextOfRecords();
                    Object expected = operation.apply(memory);
                    assertThat(operation.apply(ledger))
                            .as("operation %s: %s", i, operation)
                            .isEqualTo(expected);
                    LedgerComparison.assertSame(memory, ledger, BY_SESSION);
                }
                assertThat(LedgerComparison.firstDifference(memory, ledger)).isEmpty();
                assertThat(moving.copy().asked.get()).isGreaterThan(10);
            }
        });
    }
}
