package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopilotSourceTest extends LogTest {

    private static final String TABLES = "create table sessions (id text, cwd text);"
            + "create table assistant_usage_events (id integer primary key, session_id text, model text, input_tokens integer,"
            + " output_tokens integer, cache_read_tokens integer, cache_write_tokens integer, reasoning_tokens integer,"
            + " created_at text, initiator text);";

    private final CopilotSource source = new CopilotSource();

    private void database(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("session-store.db"));
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";")) {
                statement.executeUpdate(one);
            }
        }
    }

    private static String row(String values) {
        return "insert into assistant_usage_events (session_id, model, input_tokens, output_tokens, cache_read_tokens,"
                + " cache_write_tokens, reasoning_tokens, created_at, initiator) values (" + values + ");";
    }

    @Test
    void rows_areCalls() throws Exception {
        database(TABLES
                + "insert into sessions values ('s-1', '/home/me/garden');"
                + row("'s-1', 'claude-sonnet-4.6', 2848, 100, 1824, 1000, 30, '2026-08-01 10:00:00', 'user'")
                + row("'s-1', 'gpt-5', 10, 5, 0, 0, 0, '2026-08-01T10:00:01.250Z', 'compaction'")
                + row("'s-2', 'gpt-5', 0, 0, 0, 0, 0, '2026-08-01 10:00:02', null"));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.ignored()).isEqualTo(1);
        UsageRecord first = records().get(0);
        assertThat(first.tokens().input()).isEqualTo(24);
        assertThat(first.tokens().cacheRead()).isEqualTo(1824);
        assertThat(first.tokens().cacheCreation()).isEqualTo(1000);
        assertThat(first.tokens().reasoning()).isEqualTo(30);
        assertThat(first.identity().provider()).isEqualTo("github-copilot");
        assertThat(first.timestamp()).contains(Instant.parse("2026-08-01T10:00:00Z"));
        assertThat(first.attributes()).containsExactly(Map.entry("project", "/home/me/garden"));
        assertThat(records().get(1).taskName()).isEqualTo("compaction");

        database("delete from assistant_usage_events where id = 1;"
                + row("'s-1', 'gpt-5', 20, 5, 0, 0, 0, '2026-08-01 10:00:03', null"));
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(records()).hasSize(3);
    }

    @Test
    void columnsThatCameLater_mayBeMissing_andWrongRowsCostNoOther() throws Exception {
        database("create table assistant_usage_events (id integer primary key, session_id text, model text,"
                + " input_tokens integer, output_tokens integer, created_at text);"
                + "insert into assistant_usage_events values (1, 's', 'gpt-5', 7, 3, '2026-08-01 10:00:00');"
                + "insert into assistant_usage_events values (2, 's', 'gpt-5', -7, 3, '2026-08-01 10:00:00');"
                + "insert into assistant_usage_events values (3, 's', 'gpt-5', 7, 3, 'yesterday');"
                + "insert into assistant_usage_events values (4, null, null, 8, 3, '2026-08-01 10:00:00')");
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 2L));
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.notes()).isEqualTo(Map.of("model_missing", 1L));
    }

    @Test
    void anotherDatabase_isUnreadable() throws Exception {
        database("create table things (id integer)");
        assertThat(run(source).unreadableFiles()).isEqualTo(1);
    }

    private static String start() {
        return "{\"type\":\"session.start\",\"timestamp\":\"2026-05-01T10:00:00Z\",\"data\":{\"sessionId\":\"s-9\","
                + "\"context\":{\"cwd\":\"/srv/app\"}}}";
    }

    private static String shutdown(int minute, String model, int input, int output) {
        return String.format(Locale.ROOT, """
                {"type":"session.shutdown","timestamp":"2026-05-01T10:%02d:00Z","data":{"modelMetrics":{"%s":{"requests":{"count":3,\
                "cost":1},"usage":{"inputTokens":%d,"outputTokens":%d,"cacheReadTokens":4,"cacheWriteTokens":0,\
                "reasoningTokens":0}}}}}""", minute, model, input, output);
    }

    private static final String COMPACTED =
            "{\"type\":\"session.compaction_complete\",\"timestamp\":\"2026-05-01T10:30:00Z\",\"data\":{\"success\":true}}";

    @Test
    void legsOfASession_areCountedOnce() throws IOException {
        Path file = write("session-state/s-9/events.jsonl", start(), shutdown(1, "gpt-5", 100, 10));
        run(source);
        assertThat(record().aggregate()).isTrue();
        append(file, shutdown(2, "gpt-5", 150, 15));
        assertThat(run(source).corrected()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(15);

        append(
                file,
                shutdown(3, "gpt-5", 20, 2),
                COMPACTED,
                shutdown(40, "gpt-5", 30, 3),
                shutdown(41, "gpt-5", 31, 4));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(total().totalOutputTokens()).isEqualTo(15 + 2 + 4);
        assertThat(records())
                .allSatisfy(record -> assertThat(record.sessionId()).isEqualTo("s-9"));
    }

    @Test
    void sessionThatTheDatabaseHas_isNotCountedAgain() throws Exception {
        database(TABLES + row("'s-9', 'gpt-5', 100, 10, 0, 0, 0, '2026-05-01 10:00:30', null"));
        write("session-state/s-9.jsonl", start(), shutdown(1, "gpt-5", 100, 10), shutdown(2, "gpt-mini", 5, 1));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(total().totalOutputTokens()).isEqualTo(11);
    }

    @Test
    void impossibleMetrics_areSkipped() throws IOException {
        write(
                "session-state/s-9/events.jsonl",
                start(),
                shutdown(1, "gpt-5", 3, 10),
                shutdown(1, "gpt-5", 30, 10)
                        .replace("inputTokens", "others")
                        .replace("outputTokens", "more")
                        .replace("cacheReadTokens", "reads")
                        .replace("cacheWriteTokens", "writes"));
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 2L));
        assertThat(records()).isEmpty();
    }
}
