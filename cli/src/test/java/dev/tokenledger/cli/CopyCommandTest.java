package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ledgers moved from engine to engine: between files, and schemas of the oldest and the newest PostgreSQL. */
@Tag("once")
class CopyCommandTest {

    private static final int BATCH = EntryWalk.PAGE;

    @TempDir
    Path folder;

    private final List<Place> places = new ArrayList<>();

    enum Engine {
        FILE,
        OLDEST,
        NEWEST
    }

    /** A place for a ledger. */
    private final class Place {

        final String name;
        final PostgresServer server;
        final String schema;

        Place(Engine engine) {
            server = engine == Engine.FILE
                    ? null
                    : PostgresServer.shared(engine == Engine.OLDEST ? Version.OLDEST : Version.NEWEST);
            schema = server == null ? "" : server.newSchemaName();
            name = server == null
                    ? folder.resolve("ledger-" + places.size() + ".db").toString()
                    : server.address() + "?schema=" + schema;
            places.add(this);
        }

        Ledger open(PriceBook prices, InstantSource clock) {
            return server == null
                    ? SqliteLedger.builder().prices(prices).clock(clock).open(Path.of(name))
                    : PostgresLedger.builder()
                            .schema(schema)
                            .prices(prices)
                            .clock(clock)
                            .onWarning(warning -> {})
                            .open(server.dataSource());
        }

        Ledger open() {
            return open(Samples.prices(), InstantSource.fixed(Samples.NOW));
        }

        long records() {
            try (Ledger ledger = open()) {
                return ledger.summary(TimeWindow.all()).totalRecords();
            }
        }
    }

    @AfterEach
    void dropSchemas() {
        for (Place place : places) {
            if (place.server != null) {
                place.server.dropSchema(place.schema);
            }
        }
    }

    private Result copy(Place from, Place to, String... options) {
        List<String> words = new ArrayList<>(List.of("copy", from.name, to.name));
        words.addAll(List.of(options));
        return new TestProgram(folder).run(words.toArray(String[]::new));
    }

    private static void fill(Ledger ledger, RandomGenerator random, SettableClock time, int operations) {
        OperationGenerator generator = new OperationGenerator(random);
        for (int i = 0; i < operations; i++) {
            time.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
            generator.nextOfRecords().apply(ledger);
        }
        ledger.write(Batch.builder()
                .readerState("claude-code:/home/ann/log.jsonl", "4711\nof 9000")
                .build());
    }

    @ParameterizedTest
    @CsvSource({"FILE,NEWEST", "FILE,OLDEST", "NEWEST,FILE", "OLDEST,NEWEST", "FILE,FILE"})
    void copy_isTheLedger_andAgainAddsNothing(Engine one, Engine other) {
        Seeds.run(1, random -> {
            Place from = new Place(one);
            Place to = new Place(other);
            SettableClock time = new SettableClock(Samples.NOW);
            try (Ledger ledger = from.open(Samples.prices(), time)) {
                fill(ledger, random, time, 40);
            }

            Result first = copy(from, to);
            assertThat(first.code()).as(first.err()).isZero();
            assertThat(first.out()).contains(" 0 there before\nequal: ");
            try (Ledger ledger = from.open();
                    Ledger copied = to.open()) {
                assertThat(LedgerComparison.firstDifferenceOfCopy(ledger, copied))
                        .isEmpty();
                assertThat(copied.readerStates(""))
                        .isEqualTo(ledger.readerStates(""))
                        .isNotEmpty();
                assertThat(copied.verify().differences()).isEmpty();
                // Whoever tells either of them the same afterwards gets the same answers.
                UsageRecord known = LedgerComparison.entries(ledger).get(0).record();
                assertThat(copied.append(known)).isEqualTo(ledger.append(known));
            }

            Result again = copy(from, to, "--format", "json");
            assertThat(again.code()).as(again.err()).isZero();
            assertThat(again.out())
                    .contains("\"added\":0,")
                    .contains("\"equal\":true,")
                    .contains("\"reader_states\":")
                    .endsWith("\"difference\":null}\n");
        });
    }

    /** Many entries of one instant, a page's and more of them, reversed ones among them. */
    @ParameterizedTest
    @CsvSource({"FILE,NEWEST", "NEWEST,FILE"})
    void copy_keepsTheOrderOfCallsOfTheSameInstant(Engine one, Engine other) {
        Place from = new Place(one);
        Place to = new Place(other);
        try (Ledger ledger = from.open()) {
            ledger.appendAll(records(0, 2 * BATCH + 7));
            for (int i = 0; i < 40; i++) {
                ledger.reverse(RecordId.of("r" + 61 * i), "a mistake");
                ledger.append(Samples.record("later-" + i));
            }
        }
        Result result = copy(from, to);
        assertThat(result.code()).as(result.err()).isZero();
        try (Ledger ledger = from.open();
                Ledger copied = to.open()) {
            assertThat(LedgerComparison.entries(copied).stream().map(entry -> entry.id()))
                    .containsExactlyElementsOf(LedgerComparison.entries(ledger).stream()
                            .map(entry -> entry.id())
                            .toList());
        }
    }

    private static List<UsageRecord> records(int first, int number) {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = first; i < first + number; i++) {
            records.add(Samples.record("r" + i));
        }
        return records;
    }

    /** What arrived between two runs is added, wherever it stands in time. */
    @Test
    void copy_isBroughtUpToDate() {
        Place from = new Place(Engine.FILE);
        Place to = new Place(Engine.NEWEST);
        try (Ledger ledger = from.open()) {
            ledger.appendAll(records(0, 20));
        }
        assertThat(copy(from, to).code()).isZero();
        try (Ledger ledger = from.open()) {
            ledger.append(Samples.builder("older")
                    .timestamp(Samples.NOW.minus(Duration.ofDays(400)))
                    .build());
            ledger.reverse(RecordId.of("r3"), "a mistake");
        }
        Result result = copy(from, to);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains(": 2 entries added, 20 there before");
    }

    @ParameterizedTest
    @CsvSource({"FILE,NEWEST", "NEWEST,FILE"})
    void copy_isNotMixedWithAnotherLedger(Engine one, Engine other) {
        Place from = new Place(one);
        Place to = new Place(other);
        try (Ledger ledger = from.open()) {
            ledger.appendAll(records(0, 5));
        }
        try (Ledger ledger = to.open()) {
            ledger.append(Samples.record("mine"));
        }
        Result result = copy(from, to);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("entry mine at ", " is missing in ", ", and there in ", ": 0 entries were added");
        assertThat(to.records()).isEqualTo(1);
    }

    @Test
    void difference_isNamed() {
        Place from = new Place(Engine.FILE);
        try (Ledger ledger = from.open()) {
            ledger.appendAll(records(0, 5));
        }
        Place otherField = new Place(Engine.NEWEST);
        try (Ledger ledger = otherField.open()) {
            ledger.append(Samples.builder("r2").role("other").build());
        }
        Result result = copy(from, otherField, "--format", "json");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).contains("\"equal\":false", "\"difference\":{\"what\":\"entry r2: role\"");
        assertThat(result.err()).contains("entry r2: role is ", ", and other in ", ": 0 entries were added");
        assertThat(otherField.records()).isEqualTo(1);

        Place otherCost = new Place(Engine.NEWEST);
        try (Ledger ledger = otherCost.open(PriceBook.empty(), InstantSource.fixed(Samples.NOW))) {
            ledger.append(Samples.record("r2"));
        }
        assertThat(copy(from, otherCost).err()).contains("entry r2: cost is ");

        Place otherInstant = new Place(Engine.NEWEST);
        try (Ledger ledger = otherInstant.open(Samples.prices(), InstantSource.fixed(Samples.NOW.plusSeconds(1)))) {
            ledger.append(Samples.record("r2"));
        }
        assertThat(copy(from, otherInstant).err()).contains("entry r2: recorded is ");

        Place otherReversal = new Place(Engine.NEWEST);
        assertThat(copy(from, otherReversal).code()).isZero();
        try (Ledger ledger = from.open()) {
            ledger.reverse(RecordId.of("r2"), "one reason");
        }
        try (Ledger ledger = otherReversal.open()) {
            ledger.reverse(RecordId.of("r2"), "another reason");
        }
        // The reversals are entries of their own, with ids of their own.
        assertThat(copy(from, otherReversal).err()).contains(" is missing in ", ": 0 entries were added");

        Place wrongTotal = new Place(Engine.NEWEST);
        assertThat(copy(from, wrongTotal).code()).isZero();
        wrongTotal.server.execute("DELETE FROM " + wrongTotal.schema + ".deltas");
        assertThat(copy(from, wrongTotal).err()).contains("all time");

        Place moreStates = new Place(Engine.NEWEST);
        try (Ledger ledger = moreStates.open()) {
            ledger.write(Batch.builder().readerState("codex:/x", "7").build());
        }
        assertThat(copy(from, moreStates).err()).contains("number of readers' states");
    }

    /** Killed while it waits inside its third commit, before any commit, and again; what is there is kept, and the rest added. */
    @Test
    void killedCopy_isCompletedByTheNext() throws Exception {
        Place from = new Place(Engine.FILE);
        Place to = new Place(Engine.NEWEST);
        int entries = 6 * BATCH;
        try (Ledger ledger = from.open()) {
            for (int i = 0; i < entries; i += BATCH) {
                ledger.appendAll(records(i, BATCH));
            }
        }
        to.open().close();
        String lock = Integer.toString(to.schema.hashCode() & Integer.MAX_VALUE);
        to.server.execute("CREATE FUNCTION " + to.schema + ".hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF (SELECT count(*) FROM " + to.schema
                + ".records) > current_setting('tokenledger.hold', true)::int THEN"
                + " PERFORM pg_advisory_xact_lock(" + lock + "); END IF; RETURN NULL; END $$");
        to.server.execute("CREATE TRIGGER hold AFTER INSERT ON " + to.schema
                + ".records FOR EACH STATEMENT EXECUTE FUNCTION " + to.schema + ".hold()");
        try (Connection holder = to.server.dataSource().getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + lock + ")");
            for (int batches : List.of(0, 2, 4)) {
                String options = "&options=-c%20tokenledger.hold%3D" + batches * BATCH;
                Process child = child("copy", from.name, to.name + options);
                try {
                    awaitWaiting(statement, lock, child);
                } finally {
                    child.toHandle().destroyForcibly();
                    child.waitFor();
                }
                // The server finds out only when it answers, so its transaction is ended by hand.
                statement.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory'"
                        + " AND NOT granted AND classid = 0 AND objid = " + lock);
                assertThat(to.records()).isEqualTo(batches * (long) BATCH);
            }
        }
        to.server.execute("DROP TRIGGER hold ON " + to.schema + ".records");
        Result result = copy(from, to);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains(": 2,000 entries added, 4,000 there before\nequal: 6,000 records");
    }

    private Process child(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("HOME", folder.toString());
        return builder.start();
    }

    private static void awaitWaiting(Statement statement, String lock, Process child) throws SQLException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (true) {
            try (ResultSet waiting = statement.executeQuery("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                    + " AND NOT granted AND classid = 0 AND objid = " + lock)) {
                if (waiting.next()) {
                    return;
                }
            }
            if (!child.isAlive() || System.nanoTime() - end > 0) {
                throw new AssertionError("the copy did not come to the commit at which it is killed");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Test
    void misuse_isRefusedBeforeAnythingIsMade() {
        Place from = new Place(Engine.FILE);
        Place to = new Place(Engine.NEWEST);
        Result absent = copy(from, to);
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).startsWith("cannot copy from ").contains("there is no ledger");
        assertThat(PostgresLedger.builder().schema(to.schema).isAbsent(to.server.dataSource()))
                .isTrue();
        from.open().close();
        for (List<String> words : List.of(
                List.of("copy", from.name, from.name),
                List.of("copy", from.name, ""),
                List.of("copy", from.name),
                List.of("copy", from.name, "mysql://ann:s3cret@host/db"),
                List.of("copy", from.name, "postgresql://ann:s3cret@host:port/db"),
                List.of("--ledger", from.name, "copy", from.name, to.name))) {
            Result result = new TestProgram(folder).run(words.toArray(String[]::new));
            assertThat(result.code()).as("%s", words).isEqualTo(2);
            assertThat(result.err()).doesNotContain("s3cret");
        }
        assertThat(PostgresLedger.builder().schema(to.schema).isAbsent(to.server.dataSource()))
                .isTrue();
    }

    @Test
    void emptyLedger_isCopiedToAnEmptyOne() {
        Place from = new Place(Engine.NEWEST);
        from.open().close();
        Place to = new Place(Engine.FILE);
        Result result = copy(from, to);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains(": 0 entries added, 0 there before\nequal: 0 records and 0 reversals");
    }
}
