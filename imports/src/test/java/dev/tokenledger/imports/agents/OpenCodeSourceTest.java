package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportProblem;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.ImportedCall;
import dev.tokenledger.imports.ImportedCall.CopyMerge;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OpenCodeSourceTest extends LogTest {

    private final OpenCodeSource source = new OpenCodeSource();

    private static String data(long created, String completed, int output, String cost) {
        return """
                {"role":"assistant","parentID":"msg_u","agent":"build","mode":"build","path":{"cwd":"/home/ada/app","root":"/"},\
                "cost":%s,"tokens":{"input":10,"output":%s,"reasoning":7,"cache":{"read":300,"write":40}},\
                "modelID":"claude-sonnet-4-5","providerID":"anthropic","time":{"created":%s%s}}""".formatted(cost, output, created, completed.isEmpty() ? "" : ",\"completed\":" + completed);
    }

    private static final long NOON = 1_775_000_000_000L;
    private static final String DONE = data(NOON, "1775000002500", 20, "0.0123");

    private Connection database(boolean dated) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("opencode.db"));
        try (Statement statement = connection.createStatement()) {
            statement.execute("pragma journal_mode = wal");
            statement.execute("create table message (id text primary key, session_id text not null, "
                    + (dated ? "time_created integer, time_updated integer, " : "") + "data text not null)");
        }
        return connection;
    }

    private static void put(Connection connection, String id, String session, long updated, String data)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert or replace into message (id, session_id, time_updated, data) values (?, ?, ?, ?)")) {
            insert.setString(1, id);
            insert.setString(2, session);
            insert.setLong(3, updated);
            insert.setString(4, data);
            insert.execute();
        }
    }

    @Test
    void message_isACallWithItsOwnCostBeside() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
            put(connection, "msg_0", "ses_1", NOON, "{\"role\":\"user\",\"time\":{\"created\":1}}");
        }
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(27)
                        .cacheCreation(40)
                        .cacheRead(300)
                        .reasoning(7)
                        .build());
        assertThat(record.reportedCost()).contains(Usd.parse("0.0123"));
        assertThat(record.givenCost()).isEmpty();
        assertThat(record.timestamp()).contains(Instant.ofEpochMilli(NOON));
        assertThat(record.duration()).contains(Duration.ofMillis(2_500));
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.identity().upstreamModel()).isEqualTo("claude-sonnet-4-5");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.sessionId()).isEqualTo("ses_1");
        assertThat(record.requestId()).isEqualTo("msg_1");
        assertThat(record.attributes()).isEqualTo(Map.of("agent", "build", "project", "/home/ada/app"));
    }

    /** Older versions kept the reasoning of some models inside the output and beside it: the total says which. */
    @Test
    void reasoning_isInsideTheOutput_whereTheTotalProvesIt() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE.replace("\"input\":10", "\"total\":370,\"input\":10"));
            String later = data(NOON + 1_000, "", 20, "0.1");
            put(connection, "msg_2", "ses_1", NOON, later.replace("\"input\":10", "\"total\":377,\"input\":10"));
            String odd = data(NOON + 2_000, "", 20, "0.2");
            put(connection, "msg_3", "ses_1", NOON, odd.replace("\"input\":10", "\"total\":999,\"input\":10"));
        }
        run(source);
        assertThat(records()).extracting(record -> record.tokens().output()).containsExactly(20L, 27L, 27L);
        assertThat(records()).extracting(record -> record.tokens().reasoning()).containsOnly(7L);
        assertThat(records().get(0).notes()).doesNotContain("total_differs");
        assertThat(records().get(1).notes()).doesNotContain("total_differs");
        assertThat(records().get(2).notes()).contains("total_differs");
    }

    private static void versionTwo(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table session_message (id text primary key, session_id text not null, type text not null,"
                            + " time_updated integer, data text not null)");
        }
    }

    private static void putVersionTwo(Connection connection, String id, String type, long updated, String data)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert or replace into session_message (id, session_id, type, time_updated, data) values (?, 'ses_2', ?, ?, ?)")) {
            insert.setString(1, id);
            insert.setString(2, type);
            insert.setLong(3, updated);
            insert.setString(4, data);
            insert.execute();
        }
    }

    private static String dataOfVersionTwo(long created, int output) {
        return """
                {"agent":"build","model":{"id":"gpt-5","providerID":"openai"},"time":{"created":%s,"completed":%s},\
                "tokens":{"input":10,"output":%s,"reasoning":5,"cache":{"read":3,"write":0}}}""".formatted(created, created + 9, output);
    }

    @Test
    void messagesOfVersionTwo_areReadBesideThoseOfVersionOne() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
            versionTwo(connection);
            putVersionTwo(connection, "msg_u", "user", NOON, "{\"text\":\"x\"}");
            putVersionTwo(connection, "msg_2", "assistant", NOON + 5, dataOfVersionTwo(NOON + 1, 100));
        }
        assertThat(run(source).appended()).isEqualTo(2);
        assertThat(records().get(1).tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(105)
                        .cacheRead(3)
                        .reasoning(5)
                        .build());
        assertThat(records().get(1).identity().provider()).isEqualTo("openai");
        assertThat(records().get(1).sessionId()).isEqualTo("ses_2");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("opencode.db"))) {
            putVersionTwo(connection, "msg_3", "assistant", NOON + 20, dataOfVersionTwo(NOON + 10, 200));
        }
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(1);
        // The last row of each table and the new one.
        assertThat(report.lines()).isEqualTo(3);
    }

    /** A state that version 1 of the reader left goes on for its table; the other is read from its beginning. */
    @Test
    void databaseThatVersionTwoCameTo_isReadOn() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
            run(source);
            versionTwo(connection);
            putVersionTwo(connection, "msg_2", "assistant", NOON - 5, dataOfVersionTwo(NOON + 1, 100));
        }
        assertThat(run(source).appended()).isEqualTo(1);
    }

    @Test
    void databaseOfVersionTwoAlone_isRead() throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("opencode.db"))) {
            versionTwo(connection);
            putVersionTwo(connection, "msg_2", "assistant", NOON, dataOfVersionTwo(NOON + 1, 100));
        }
        assertThat(run(source).appended()).isEqualTo(1);
    }

    @Test
    void timesInSeconds_areTakenForSeconds() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, data(NOON / 1_000, Long.toString(NOON / 1_000 + 2), 20, "0.1"));
        }
        run(source);
        assertThat(record().timestamp()).contains(Instant.ofEpochMilli(NOON));
        assertThat(record().duration()).contains(Duration.ofSeconds(2));
    }

    @Test
    void usageOfAnUnknownShape_isSkippedAndNamed() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            String renamed = DONE.replace("\"input\":10", "\"in\":10")
                    .replace("\"output\":20", "\"out\":20")
                    .replace("\"reasoning\":7", "\"thought\":7")
                    .replace("\"cache\"", "\"cached\"");
            put(connection, "msg_1", "ses_1", NOON, renamed);
            put(
                    connection,
                    "msg_2",
                    "ses_1",
                    NOON,
                    DONE.replaceAll("\"tokens\":\\{.*?}}", "\"tokens\":{}").replace("\"cost\":0.0123", "\"cost\":0"));
        }
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
        assertThat(report.problems().get(0).message()).contains("none of its counts is known");
    }

    @Test
    void nothing_isWrittenBesideTheDatabase() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
        }
        Map<String, byte[]> before = files();
        assertThat(before.keySet()).containsExactly("opencode.db");
        run(source);
        assertThat(files()).usingRecursiveComparison().isEqualTo(before);
    }

    @Test
    void messagesOfARunningAgent_areSeen() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
            assertThat(files()).containsKey("opencode.db-wal");
            run(source);
            assertThat(total().totalRecords()).isEqualTo(1);
        }
    }

    /** Without its log the database is read as one that does not change, and this one is larger than SQLite's memory of it. */
    @Test
    void databaseThatAnAgentWritesToWhileItIsRead_isReadAgainByTheNextImport() throws IOException, SQLException {
        int messages = 400;
        String padding = " ".repeat(20_000);
        try (Connection connection = database(true)) {
            for (int i = 0; i < messages; i++) {
                put(connection, "msg_" + (1_000 + i), "ses_1", NOON, data(NOON + i, "", 1, "0") + padding);
            }
        }
        ImportReport torn = run(new Interrupted(source, () -> {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("opencode.db"));
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < 2; i++) {
                    statement.execute("update message set data = '" + data(NOON + i, "", 5, "0") + padding
                            + "', time_updated = " + (NOON + 1 + i) + " where id = 'msg_" + (1_000 + i) + "'");
                }
            }
        }));
        assertThat(run(source).clean()).isTrue();
        // Each with 7 of reasoning.
        assertThat(total().totalOutputTokens()).isEqualTo((messages - 2) * 8 + 2 * 12);
        assertThat(torn.problems())
                .extracting(ImportProblem::message)
                .containsExactly("another program wrote to it while it was read; import it again");
    }

    @FunctionalInterface
    private interface SqlAction {
        void run() throws SQLException;
    }

    /** The source, but something happens once it has told of the first message. */
    private record Interrupted(LogSource source, SqlAction action) implements LogSource {

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public List<Path> defaultFolders(Map<String, String> environment, Path home) {
            return source.defaultFolders(environment, home);
        }

        @Override
        public boolean reads(Path file) {
            return source.reads(file);
        }

        @Override
        public Growth growth(Path file) {
            return source.growth(file);
        }

        @Override
        public void read(ImportFile file, ImportSink sink) throws IOException {
            source.read(file, new ImportSink() {
                private boolean begun;

                @Override
                public void call(long line, ImportedCall call) {
                    sink.call(line, call);
                    if (!begun) {
                        begun = true;
                        try {
                            action.run();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                }

                @Override
                public void further(long line, ImportedCall call) {
                    sink.further(line, call);
                }

                @Override
                public void restore(long line, LedgerEntry entry, Optional<PriceEntry> price) {
                    sink.restore(line, entry, price);
                }

                @Override
                public void append(long line, UsageRecord record) {
                    sink.append(line, record);
                }

                @Override
                public void append(long line, UsageRecord record, Elsewhere elsewhere, CopyMerge correction) {
                    sink.append(line, record, elsewhere, correction);
                }

                @Override
                public void use(long line) {
                    sink.use(line);
                }

                @Override
                public void ignore(long line) {
                    sink.ignore(line);
                }

                @Override
                public void skip(long line, String reason, String message) {
                    sink.skip(line, reason, message);
                }

                @Override
                public void problem(long line, String reason, String message) {
                    sink.problem(line, reason, message);
                }

                @Override
                public void reached(long offset, long line, String carry) {
                    sink.reached(offset, line, carry);
                }
            });
        }
    }

    @Test
    void growingMessage_isCorrectedAndOnlyChangesAreRead() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, data(NOON + 7, "1775000009000", 1, "0"));
            put(connection, "msg_2", "ses_1", NOON + 1, data(NOON, "", 5, "0"));
            run(source);
            assertThat(records().get(0).notes()).contains("output_incomplete");
            put(connection, "msg_2", "ses_1", NOON + 9, DONE);
            ImportReport report = run(source);
            assertThat(report.lines()).isEqualTo(1);
            assertThat(report.corrected()).isEqualTo(1);
            assertThat(records().get(0).notes()).doesNotContain("output_incomplete");
            report = run(source);
            assertThat(report.lines()).isEqualTo(1);
            assertThat(report.duplicates()).isEqualTo(1);
            assertThat(total().totalOutputTokens()).isEqualTo(35);
        }
    }

    @Test
    void olderRowsThatCome_areRead() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_2", "ses_1", NOON, DONE);
            run(source);
            put(connection, "msg_1", "ses_1", NOON - 5, data(NOON - 9, "1775000000000", 1, "0"));
            assertThat(run(source).appended()).isEqualTo(1);
        }
    }

    @Test
    void databaseWithoutTimes_isReadAgainAndAddsNothing() throws IOException, SQLException {
        try (Connection connection = database(false);
                Statement statement = connection.createStatement()) {
            statement.execute("insert into message values ('msg_1', 'ses_1', '" + DONE + "')");
        }
        run(source);
        assertThat(run(source).duplicates()).isEqualTo(1);
    }

    @Test
    void fork_countsCopiedMessagesOnce() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
            put(connection, "msg_5", "ses_2", NOON, DONE);
            assertThat(run(source).appended()).isEqualTo(1);
            put(connection, "msg_9", "ses_3", NOON + 1, DONE);
            ImportReport report = run(source);
            assertThat(report.appended()).isZero();
            assertThat(record().sessionId()).isEqualTo("ses_1");
        }
    }

    @Test
    void callsOfTheSameMillisecond_areTwo() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, data(NOON, "", 5, "0"));
            put(connection, "msg_2", "ses_2", NOON, data(NOON, "", 5, "0"));
            assertThat(run(source).appended()).isEqualTo(2);
            put(connection, "msg_1", "ses_1", NOON + 1, DONE);
            put(connection, "msg_2", "ses_2", NOON + 1, data(NOON, "1775000003000", 60, "0"));
            assertThat(run(source).corrected()).isEqualTo(2);
            assertThat(run(source).duplicates()).isEqualTo(2);
            assertThat(total().totalOutputTokens()).isEqualTo(27 + 67);
        }
    }

    @Test
    void legacyFile_isTheSameMessage() throws IOException, SQLException {
        String legacy = "{\"id\":\"msg_1\",\"sessionID\":\"ses_1\"," + DONE.substring(1);
        write("storage/message/ses_1/msg_1.json", legacy);
        write("storage/message/ses_1/msg_2.json", legacy.replace("\"input\":10", "\"input\":1e3"));
        write("storage/message/ses_1/msg_3.json", "{");
        write("storage/part/msg_4.json", "{");
        ImportReport report = run(source);
        assertThat(report.files()).isEqualTo(3);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 1L, "invalid_json", 1L));
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "ses_1", NOON, DONE);
        }
        assertThat(run(source).duplicates()).isEqualTo(1);
    }

    @Test
    void outcomes_areTold() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            String error = "\"error\":{\"name\":\"%s\",\"data\":{}},\"cost\"";
            put(
                    connection,
                    "msg_1",
                    "s",
                    1,
                    data(NOON, "1775000002500", 1, "0").replace("\"cost\"", error.formatted("MessageAbortedError")));
            put(
                    connection,
                    "msg_2",
                    "s",
                    1,
                    data(NOON + 1, "1775000002500", 1, "0").replace("\"cost\"", error.formatted("ProviderAuthError")));
            put(connection, "msg_3", "s", 1, data(NOON + 2, "", 1, "0"));
        }
        run(source);
        assertThat(records())
                .extracting(UsageRecord::outcome)
                .containsExactly(Outcome.CANCELED, Outcome.ERROR, Outcome.UNSTATED);
    }

    @Test
    void brokenRowsAndFiles_areReported() throws IOException, SQLException {
        try (Connection connection = database(true)) {
            put(connection, "msg_1", "s", 1, "{");
            put(connection, "msg_2", "s", 1, DONE.replace("\"input\":10", "\"input\":-1"));
            put(connection, "msg_3", "s", 1, DONE);
        }
        write("opencode-x.db", "short");
        Files.write(folder.resolve("opencode-y.db"), new byte[4_096]);
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 1L, "invalid_json", 1L));
        assertThat(report.unreadableFiles()).isEqualTo(2);
        assertThat(report.problems())
                .extracting(problem -> problem.message().replaceAll("the SQLite database: .*", "the SQLite database"))
                .containsExactlyInAnyOrder(
                        "message msg_1: not valid JSON",
                        "message msg_2: tokens.input: a count is 0 to 1000000000000, found -1",
                        "not an SQLite database: it has only 6 bytes",
                        "cannot read the SQLite database");
        assertThat(total().totalRecords()).isEqualTo(1);
    }

    @Test
    void folders_followTheEnvironment() {
        Path home = Path.of("/home/me");
        assertThat(source.defaultFolders(Map.of(), home)).containsExactly(Path.of("/home/me/.local/share/opencode"));
        assertThat(source.defaultFolders(Map.of("XDG_DATA_HOME", "/x"), home)).containsExactly(Path.of("/x/opencode"));
        assertThat(source.defaultFolders(Map.of("OPENCODE_DATA_DIR", "/a,/b"), home))
                .isEqualTo(List.of(Path.of("/a"), Path.of("/b")));
    }

    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }
}
