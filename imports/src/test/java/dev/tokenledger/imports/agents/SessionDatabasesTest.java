package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goose and Hermes, whose databases say of each session what all of its calls used. */
class SessionDatabasesTest extends LogTest {

    private static final String GOOSE =
            "create table sessions (id text primary key, session_type text, working_dir text,"
                    + " created_at timestamp, updated_at timestamp, accumulated_total_tokens integer, accumulated_input_tokens integer,"
                    + " accumulated_output_tokens integer, accumulated_cache_read_tokens integer,"
                    + " accumulated_cache_write_tokens integer, accumulated_cost real, provider_name text, model_config_json text);";
    private static final String HERMES =
            "create table sessions (id text primary key, source text, model text, cwd text,"
                    + " billing_provider text, input_tokens integer, output_tokens integer, cache_read_tokens integer,"
                    + " cache_write_tokens integer, reasoning_tokens integer, estimated_cost_usd real, actual_cost_usd real,"
                    + " started_at real, ended_at real);";
    private static final String HERMES_BY_MODEL = "create table session_model_usage (session_id text, model text,"
            + " billing_provider text, billing_base_url text, billing_mode text, task text, api_call_count integer,"
            + " input_tokens integer, output_tokens integer, cache_read_tokens integer, cache_write_tokens integer,"
            + " reasoning_tokens integer, estimated_cost_usd real, actual_cost_usd real, first_seen real, last_seen real);";

    private void database(String file, String sql) throws SQLException, IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";")) {
                statement.executeUpdate(one);
            }
        }
    }

    private static String goose(String id, String counts) {
        return "insert into sessions values ('" + id + "', 'user', '/srv/garden', '2026-05-01 10:00:00',"
                + " '2026-05-02 11:00:00', " + counts + ", 0.125, 'aws_bedrock',"
                + " '{\"model_name\":\"claude-sonnet-4-5\",\"temperature\":1}');";
    }

    @Test
    void sessionOfGoose_isAnAggregateThatGrows() throws Exception {
        LogSource source = new GooseSource();
        database("sessions/sessions.db", GOOSE + goose("20260501_1", "1100, 1000, 100, 600, 300"));
        assertThat(run(source).appended()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(100)
                        .cacheCreation(300)
                        .cacheRead(600)
                        .build());
        assertThat(record.aggregate()).isTrue();
        assertThat(record.timestamp()).contains(Instant.parse("2026-05-02T11:00:00Z"));
        assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5");
        assertThat(record.identity().provider()).isEqualTo("aws.bedrock");
        assertThat(record.reportedCost().orElseThrow().toString()).startsWith("0.125");
        assertThat(record.sessionId()).isEqualTo("20260501_1");
        assertThat(record.attributes()).isEqualTo(Map.of("project", "/srv/garden"));
        assertThat(record.notes()).containsExactly("cache_split_missing");

        database(
                "sessions/sessions.db",
                "update sessions set accumulated_input_tokens = 1500, accumulated_output_tokens = 150,"
                        + " updated_at = '2026-05-03 11:00:00';"
                        + goose("20260501_2", "0, 0, 0, 0, 0"));
        ImportReport report = run(source);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(record().tokens().input()).isEqualTo(600);
        assertThat(run(source).corrected()).isZero();
        Files.copy(
                folder.resolve("sessions/sessions.db"),
                Files.createDirectories(folder.resolve("copy")).resolve("sessions.db"));
        assertThat(run(source, folder.resolve("copy")).duplicates()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1100, 1000, 400", "1700, 1000, 1000", "null, 1000, 400", "null, 500, 500"})
    void inputOfGoose_includesTheCacheUnlessTheFiguresProveOtherwise(String total, int told, int input)
            throws Exception {
        database("sessions/sessions.db", GOOSE + goose("a", total + ", " + told + ", 100, 600, 0"));
        run(new GooseSource());
        assertThat(record().tokens().input()).isEqualTo(input);
        assertThat(record().tokens().cacheRead()).isEqualTo(600);
    }

    @Test
    void olderGoose_doesNotTellTheCachesShare_andWrongRowsCostNoOther() throws Exception {
        database(
                "sessions/sessions.db",
                "create table sessions (id text, created_at text, accumulated_input_tokens integer,"
                        + " accumulated_output_tokens integer, model_config_json text);"
                        + "insert into sessions values ('a', '2026-05-01 10:00:00', 7, 3, 'no JSON');"
                        + "insert into sessions values ('b', '2026-05-01 10:00:00', -7, 3, null);"
                        + "insert into sessions values ('c', null, 7, 3, null);"
                        + "insert into sessions values (null, '2026-05-01 10:00:00', 7, 3, null)");
        ImportReport report = run(new GooseSource());
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 3L));
        assertThat(record().notes()).containsExactly("cache_share_missing", "model_missing");
    }

    private static String hermes(String id, String counts) {
        return "insert into sessions values ('" + id + "', 'cli', 'claude-opus-4-5', '/srv/garden', 'anthropic', "
                + counts + ", 0.5, null, 1777629600.5, null);";
    }

    private static String byModel(String model, String task, String counts, double lastSeen) {
        return "insert into session_model_usage values ('s-1', '" + model + "', 'anthropic', '', '', '" + task
                + "', 2, " + counts + ", 0.25, 0.0, 1777629601.0, " + lastSeen + ");";
    }

    @Test
    void sessionOfHermes_staysOneRecord_whenItSaysMoreByModel() throws Exception {
        LogSource source = new HermesSource();
        database("state.db", HERMES + hermes("s-1", "100, 50, 600, 30, 20"));
        assertThat(run(source).appended()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheCreation(30)
                        .cacheRead(600)
                        .reasoning(20)
                        .build());
        assertThat(record.aggregate()).isTrue();
        assertThat(record.timestamp()).contains(Instant.parse("2026-05-01T10:00:00.500Z"));
        assertThat(record.reportedCost().orElseThrow().toString()).startsWith("0.5");
        assertThat(record.attributes()).isEqualTo(Map.of("project", "/srv/garden"));

        // 40 of the input are another model's, 7 of an auxiliary task beside the total.
        database(
                "state.db",
                HERMES_BY_MODEL
                        + "update sessions set input_tokens = 180;"
                        + byModel("claude-opus-4-5", "", "60, 5, 0, 0, 0", 1_777_629_700.0)
                        + byModel("claude-haiku-4-5", "", "40, 1, 0, 0, 0", 1_777_629_600.25)
                        + byModel("claude-haiku-4-5", "title", "7, 2, 0, 0, 0", 1_777_629_600.25));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(records())
                .extracting(one -> one.identity().model() + " " + one.tokens().input() + " "
                        + one.tokens().output() + " " + one.taskName() + " " + one.role())
                .containsExactlyInAnyOrder(
                        "claude-opus-4-5 140 49  ", "claude-haiku-4-5 40 1  ", "claude-haiku-4-5 7 2 title auxiliary");
        ImportReport again = run(source);
        assertThat(again.appended() + again.corrected()).isZero();
    }

    @Test
    void profilesOfHermes_andSessionsThatAreGone_count() throws Exception {
        database("state.db", HERMES + hermes("s-2", "1, 1, 0, 0, 0"));
        database(
                "profiles/coder/state.db",
                HERMES + HERMES_BY_MODEL + byModel("claude-haiku-4-5", "", "40, 1, 0, 0, 0", 1_777_629_600.25));
        database("elsewhere/state.db", HERMES + hermes("s-3", "1000, 1, 0, 0, 0"));
        ImportReport report = run(new HermesSource());
        assertThat(report.appended()).isEqualTo(2);
        assertThat(total().totalInputTokens()).isEqualTo(41);
    }

    @Test
    void wrongRowsOfHermes_costNoOther() throws Exception {
        database(
                "state.db",
                HERMES
                        + hermes("a", "-1, 1, 0, 0, 0")
                        + hermes("b", "1, 1, 0, 0, 9")
                        + hermes("c", "2, 1, 0, 0, 0")
                        + "update sessions set started_at = null where id = 'c';"
                        + hermes("d", "3, 1, 0, 0, 0"));
        ImportReport report = run(new HermesSource());
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 3L));
        assertThat(record().tokens().input()).isEqualTo(3);
    }

    @Test
    void otherDatabases_areUnreadable() throws Exception {
        database("state.db", "create table things (id integer)");
        database("sessions/sessions.db", "create table things (id integer)");
        assertThat(run(new HermesSource()).unreadableFiles()).isEqualTo(1);
        assertThat(run(new GooseSource()).unreadableFiles()).isEqualTo(1);
    }

    @Test
    void folders_areThoseOfTheVariables() {
        assertThat(new GooseSource().defaultFolders(Map.of(), Path.of("/h")))
                .contains(Path.of("/h/.local/share/goose"));
        assertThat(new GooseSource().defaultFolders(Map.of("GOOSE_PATH_ROOT", "/g"), Path.of("/h")))
                .containsExactly(Path.of("/g"));
        assertThat(new HermesSource()
                        .defaultFolders(Map.of("HERMES_HOMES", "/a" + File.pathSeparator + "/b"), Path.of("/h")))
                .containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(new HermesSource().defaultFolders(Map.of("HERMES_HOME", "/a"), Path.of("/h")))
                .containsExactly(Path.of("/a"));
    }
}
