package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SQLite files of other programs with flipped, lost and repeated bytes. Nothing crashes; every row is told of once; whatever is
 * amiss with the file itself is told as a problem of the file; no row counts twice, and none is made up.
 */
@Tag("once")
class MutatedDatabasesTest {

    private static final int MUTATIONS = 100;
    private static final int ROWS = 120;
    private static final int COMMIT = 10;
    private static final int MAX_DAMAGE = 1_024;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void openCodesDatabase_givesItsMessagesOrSaysWhyNot(long seed) throws IOException, SQLException {
        Path whole = folder.resolve("whole").resolve("opencode.db");
        Files.createDirectories(whole.getParent());
        try (Connection connection = connect(whole)) {
            fillOpenCode(connection, 0, ROWS);
        }
        hold(
                seed,
                whole.getParent(),
                "opencode.db",
                file -> run(importer -> importer.run(new OpenCodeSource(), List.of(file))));
    }

    /**
     * As an agent that still runs leaves it: most of its rows are in the log alone. SQLite takes what is behind a broken frame
     * for what a crash left of a commit, so that a broken log is a shorter one, of whole commits.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void openCodesWriteAheadLog_givesTheCommitsBeforeItsDamage(long seed) throws IOException, SQLException {
        Path live = folder.resolve("live").resolve("opencode.db");
        Path whole = folder.resolve("whole");
        Files.createDirectories(live.getParent());
        Files.createDirectories(whole);
        try (Connection connection = connect(live)) {
            execute(connection, "pragma journal_mode = wal");
            execute(connection, "pragma wal_autocheckpoint = 0");
            fillOpenCode(connection, 0, COMMIT);
            execute(connection, "pragma wal_checkpoint(truncate)");
            for (int from = COMMIT; from < ROWS; from += COMMIT) {
                insertOpenCode(connection, from, from + COMMIT);
            }
            for (String name : List.of("opencode.db", "opencode.db-wal")) {
                Files.copy(live.resolveSibling(name), whole.resolve(name));
            }
        }
        hold(
                seed,
                whole,
                "opencode.db-wal",
                file -> run(
                        importer -> importer.run(new OpenCodeSource(), List.of(file.resolveSibling("opencode.db")))));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void thanesDatabase_givesItsRecordsOrSaysWhyNot(long seed) throws IOException, SQLException {
        Path whole = folder.resolve("whole").resolve("thane.db");
        Files.createDirectories(whole.getParent());
        try (Connection connection = connect(whole);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table usage_records (id text primary key, timestamp text not null, request_id text,"
                            + " session_id text, conversation_id text, model text not null, provider text not null, input_tokens"
                            + " integer not null, output_tokens integer not null, cost_usd real not null, role text not null,"
                            + " task_name text)");
            statement.execute("create index usage_records_timestamp on usage_records (timestamp)");
            for (int i = 0; i < ROWS; i++) {
                statement.execute(
                        "insert into usage_records values ('record-%s', '2026-01-%sT10:00:00Z', 'r', 's', 'c',"
                                        .formatted(i, 10 + i % 20)
                                + " 'claude-opus-4', 'anthropic', " + (1_000 + i)
                                + ", 500, 0.0525, 'interactive', 'poll')");
            }
        }
        hold(
                seed,
                whole.getParent(),
                "thane.db",
                file -> run(importer -> importer.run(new ThaneSource(), ImportFile.of(file))));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void copilotsDatabase_givesItsRequestsOrSaysWhyNot(long seed) throws IOException, SQLException {
        Path whole = folder.resolve("whole").resolve("session-store.db");
        Files.createDirectories(whole.getParent());
        try (Connection connection = connect(whole);
                Statement statement = connection.createStatement()) {
            statement.execute("create table sessions (id text primary key, cwd text)");
            statement.execute("insert into sessions values ('s-1', '/home/ada/app')");
            statement.execute(
                    "create table assistant_usage_events (id integer primary key, session_id text, model text,"
                            + " input_tokens integer, output_tokens integer, cache_read_tokens integer, cache_write_tokens integer,"
                            + " reasoning_tokens integer, created_at text, initiator text)");
            statement.execute("create index by_session on assistant_usage_events (session_id)");
            for (int i = 0; i < ROWS; i++) {
                statement.execute("insert into assistant_usage_events values (%s, 's-1', 'gpt-5', %s, 9, 4, 0, 1,"
                                .formatted(i, 1_000 + i)
                        + " '2026-08-01 10:00:00', 'user')");
            }
        }
        hold(
                seed,
                whole.getParent(),
                "session-store.db",
                file -> run(importer -> importer.run(new CopilotSource(), List.of(file))));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void goosesDatabase_givesItsSessionsOrSaysWhyNot(long seed) throws IOException, SQLException {
        Path whole = folder.resolve("whole").resolve("sessions.db");
        Files.createDirectories(whole.getParent());
        try (Connection connection = connect(whole);
                Statement statement = connection.createStatement()) {
            statement.execute("create table sessions (id text primary key, working_dir text, updated_at timestamp,"
                    + " accumulated_input_tokens integer, accumulated_output_tokens integer, provider_name text,"
                    + " model_config_json text)");
            for (int i = 0; i < ROWS; i++) {
                statement.execute(
                        "insert into sessions values ('20260801_%s', '/home/ada/app', '2026-08-01 10:00:00', %s, 9,"
                                        .formatted(i, 1_000 + i)
                                + " 'openai', '{\"model_name\":\"gpt-5\"}')");
            }
        }
        hold(
                seed,
                whole.getParent(),
                "sessions.db",
                file -> run(importer -> importer.run(new GooseSource(), List.of(file))));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void hermesDatabase_givesItsSessionsOrSaysWhyNot(long seed) throws IOException, SQLException {
        Path whole = folder.resolve("whole").resolve("state.db");
        Files.createDirectories(whole.getParent());
        try (Connection connection = connect(whole);
                Statement statement = connection.createStatement()) {
            statement.execute("create table sessions (id text primary key, model text, cwd text, input_tokens integer,"
                    + " output_tokens integer, started_at real)");
            for (int i = 0; i < ROWS; i++) {
                statement.execute(
                        "insert into sessions values ('session-%s', 'gpt-5', '/home/ada/app', %s, 9, 1777629600.5)"
                                .formatted(i, 1_000 + i));
            }
        }
        hold(
                seed,
                whole.getParent(),
                "state.db",
                file -> run(importer -> importer.run(new HermesSource(), List.of(file))));
    }

    private static Connection connect(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void fillOpenCode(Connection connection, int from, int to) throws SQLException {
        execute(
                connection,
                "create table message (id text primary key, session_id text not null, time_created integer,"
                        + " time_updated integer, data text not null)");
        insertOpenCode(connection, from, to);
    }

    private static void insertOpenCode(Connection connection, int from, int to) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("insert into message values (?, ?, ?, ?, ?)")) {
            for (int i = from; i < to; i++) {
                long time = 1_775_000_000_000L + 60_000L * i;
                insert.setString(1, "msg_" + i);
                insert.setString(2, "ses_1");
                insert.setLong(3, time);
                insert.setLong(4, time);
                insert.setString(5, """
                        {"role":"assistant","agent":"build","path":{"cwd":"/home/ada/app"},"cost":0.25,"modelID":"m",\
                        "providerID":"p","time":{"created":%s,"completed":%s},"tokens":{"input":%s,"output":5,\
                        "reasoning":1,"cache":{"read":2,"write":1}}}""".formatted(time, time + 900, 1_000 + i));
                insert.execute();
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** What an import into an empty ledger came to. */
    private record Outcome(ImportReport report, List<LedgerEntry> entries) {}

    private static Outcome run(Function<Importer, ImportReport> reading) {
        InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty());
        ImportReport report = reading.apply(Importer.into(ledger).build());
        return new Outcome(
                report,
                ledger.records(RecordQuery.over(TimeWindow.all()).limit(1_000).build())
                        .entries());
    }

    /** Mutates one of the folder's files again and again, each time from its whole state. */
    private void hold(long seed, Path whole, String mutated, Function<Path, Outcome> reading) throws IOException {
        Random random = new Random(seed);
        Map<String, byte[]> files = files(whole);
        Outcome truth = reading.apply(put(files, 0).resolve(mutated));
        assertThat(truth.entries()).hasSize(ROWS);
        assertThat(truth.report().problems()).isEmpty();
        boolean log = mutated.endsWith("-wal");
        boolean noticed = false;
        for (int i = 1; i <= MUTATIONS; i++) {
            Map<String, byte[]> broken = new TreeMap<>(files);
            broken.put(mutated, mutated(files.get(mutated), random));
            Outcome outcome = reading.apply(put(broken, i).resolve(mutated));
            ImportReport report = outcome.report();
            String told = "seed " + seed + ", mutation " + i;
            assertThat(report.lines()).as(told).isEqualTo(report.used() + report.ignored() + report.skipped());
            assertThat(report.appended()).as(told).isEqualTo(outcome.entries().size());
            assertThat(outcome.entries()).as(told).hasSizeLessThanOrEqualTo(ROWS);
            Set<Object> ids = new HashSet<>();
            outcome.entries().forEach(entry -> ids.add(entry.record().id()));
            assertThat(ids).as(told).hasSameSizeAs(outcome.entries());
            assertThat(report.problems())
                    .as(told)
                    .allSatisfy(problem -> assertThat(problem.message())
                            .isNotBlank()
                            .doesNotContain("Exception", "/home/ada", "{\"role\""));
            if (log) {
                assertThat(outcome.entries().size() % COMMIT).as(told).isZero();
                noticed |= outcome.entries().size() < ROWS;
            } else if (report.unreadableFiles() > 0) {
                assertThat(report.problems()).as(told).isNotEmpty();
                noticed = true;
            }
        }
        assertThat(noticed).as("seed %s: some damage makes a difference", seed).isTrue();
    }

    private Path put(Map<String, byte[]> files, int number) throws IOException {
        Path target = folder.resolve("mutation-" + number);
        Files.createDirectories(target);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.write(target.resolve(file.getKey()), file.getValue());
        }
        return target;
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }

    private static byte[] mutated(byte[] whole, Random random) {
        byte[] mutated = whole.clone();
        int at = random.nextInt(whole.length);
        int length = Math.min(1 + random.nextInt(MAX_DAMAGE), whole.length - at);
        switch (random.nextInt(6)) {
            case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> mutated[random.nextInt(Math.min(200, whole.length))] = (byte) random.nextInt();
            case 2 -> Arrays.fill(mutated, at, at + length, (byte) 0);
            case 3 -> System.arraycopy(whole, random.nextInt(whole.length - length + 1), mutated, at, length);
            case 4 -> {
                return Arrays.copyOf(whole, at);
            }
            default -> {
                for (int i = 0; i < 32; i++) {
                    mutated[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return mutated;
    }
}
