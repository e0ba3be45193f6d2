package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
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

/** Cline, and the programs that descend from it. */
class ClineSourceTest extends LogTest {

    private static final String TASK = "tasks/1767225600000/ui_messages.json";
    private static final long TIME = 1_767_225_601_000L;

    private static String message(String say, long time, String more, String text) {
        return "{\"ts\":%s,\"type\":\"say\",\"say\":\"%s\"%s,\"text\":\"%s\"}"
                .formatted(time, say, more, text.replace("\"", "\\\""));
    }

    private static String call(long time, String figures) {
        return message("api_req_started", time, "", "{\"request\":\"Prune the roses.\"," + figures + "}");
    }

    private static String figures(int in, int out, int writes, int reads) {
        return "\"tokensIn\":%s,\"tokensOut\":%s,\"cacheWrites\":%s,\"cacheReads\":%s,\"cost\":0.0125"
                .formatted(in, out, writes, reads);
    }

    private Path task(String... messages) throws IOException {
        return write(TASK, "[" + String.join(",\n", messages) + "]");
    }

    @Test
    void requestOfCline_hasFourDisjointClasses_andTheModelOfItsMessage() throws IOException {
        task(
                message("text", TIME - 1, "", "Prune the roses."),
                message(
                        "api_req_started",
                        TIME,
                        ",\"modelInfo\":{\"modelId\":\"claude-sonnet-4-5\",\"providerId\":\"anthropic\",\"mode\":\"act\"}",
                        "{" + figures(9, 40, 300, 20_000) + "}"),
                message("api_req_started", TIME + 5, ",\"partial\":true", "{" + figures(1, 1, 1, 1) + "}"),
                call(TIME + 9, "\"cancelReason\":\"user_cancelled\""));
        write(
                "state/taskHistory.json",
                "[{\"id\":\"1\",\"cwdOnTaskInitialization\":\"/no\"},{\"id\":\"1767225600000\",\"modelId\":\"m\","
                        + "\"cwdOnTaskInitialization\":\"/srv/garden\"}]");
        ImportReport report = run(ClineSource.cline());
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(3);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(9)
                        .output(40)
                        .cacheCreation(300)
                        .cacheRead(20_000)
                        .build());
        assertThat(record.reportedCost().orElseThrow().toString()).startsWith("0.0125");
        assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.timestamp()).contains(Instant.ofEpochMilli(TIME));
        assertThat(record.sessionId()).isEqualTo("1767225600000");
        assertThat(record.source()).isEqualTo("cline");
        assertThat(record.attributes()).isEqualTo(Map.of("project", "/srv/garden"));
        assertThat(record.notes()).containsExactly("cache_split_missing");
        assertThat(record.outcome()).isEqualTo(Outcome.UNSTATED);
    }

    /** The input of some of Cline's providers includes the cache's share, unless that is larger than the input. */
    @ParameterizedTest
    @CsvSource({"anthropic, 900, 900", "litellm, 900, 500", "xai, 900, 500", "litellm, 300, 300", "openrouter, 400, 400"
    })
    void inputOfCline_isAsItsProviderCounts(String provider, int in, int input) throws IOException {
        write(
                "tasks/1767225600000/task_metadata.json",
                "{\"model_usage\":[{\"ts\":%s,\"model_id\":\"m-1\",\"model_provider_id\":\"%s\",\"mode\":\"act\"}]}"
                        .formatted(TIME - 10, provider));
        task(call(TIME, figures(in, 5, 0, 400)));
        run(ClineSource.cline());
        assertThat(record().tokens().input()).isEqualTo(input);
        assertThat(record().tokens().cacheRead()).isEqualTo(400);
        assertThat(record().identity().model()).isEqualTo("m-1");
    }

    @ParameterizedTest
    @CsvSource({
        "anthropic, 2025-10-31T23:59:59Z, 900, 900",
        "anthropic, 2025-11-01T00:00:00Z, 900, 500",
        "anthropic, 2026-01-01T00:00:00Z, 300, 300",
        "openai, 2025-10-01T00:00:00Z, 900, 500"
    })
    void inputOfRooCode_includesTheCacheSinceItsRelease(String protocol, Instant time, int in, int input)
            throws IOException {
        task(call(time.toEpochMilli(), "\"apiProtocol\":\"" + protocol + "\"," + figures(in, 5, 0, 400)));
        run(ClineSource.rooCode());
        assertThat(record().tokens().input()).isEqualTo(input);
        assertThat(record().source()).isEqualTo("roo-code");
        assertThat(record().notes()).containsExactly("model_missing");
    }

    /** The model is told behind a request's beginning; a text of the user's that looks like it tells none. */
    @Test
    void modelOfRooCode_isThatOfItsRequest() throws IOException {
        write(
                "tasks/1767225600000/api_conversation_history.json",
                ("[{\"role\":\"user\",\"ts\":%s,\"content\":[{\"type\":\"text\",\"text\":\"<model>no</model>\"},{\"type\":\"text\","
                                + "\"text\":\"<environment_details># Mode <model>m-1</model></environment_details>\"}]},"
                                + "{\"role\":\"assistant\",\"ts\":%s,\"content\":\"<environment_details><model>no</model>\"},"
                                + "{\"role\":\"user\",\"ts\":%s,\"content\":\"<environment_details><model>m-2</model>\"}]")
                        .formatted(TIME + 2, TIME + 50, TIME + 102));
        write("tasks/1767225600000/history_item.json", "{\"id\":\"1767225600000\",\"workspace\":\"/srv/garden\"}");
        task(
                call(TIME, figures(9, 5, 0, 0)),
                call(TIME + 100, figures(9, 5, 0, 0)),
                call(TIME + 200, figures(9, 5, 0, 0)));
        run(ClineSource.rooCode());
        assertThat(records())
                .extracting(record -> record.identity().upstreamModel())
                .containsExactly("m-1", "m-2", "m-2");
        assertThat(records())
                .allSatisfy(record -> assertThat(record.attributes()).containsEntry("project", "/srv/garden"));
    }

    @Test
    void messageThatGrows_isCorrected_andOneOfSubAgentsIsAnAggregate() throws IOException {
        LogSource source = ClineSource.cline();
        task(call(TIME, figures(9, 5, 0, 0)));
        assertThat(run(source).appended()).isEqualTo(1);
        task(
                call(TIME, figures(9, 50, 0, 0)),
                message("subagent_usage", TIME, "", "{\"source\":\"subagents\"," + figures(70, 7, 0, 0) + "}"),
                message("deleted_api_reqs", TIME + 1, "", "{" + figures(1_000, 7, 0, 0) + "}"));
        ImportReport report = run(source);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(57);
        assertThat(records())
                .extracting(record -> record.tokens().input() + " " + record.aggregate() + " " + record.role())
                .containsExactlyInAnyOrder("9 false ", "70 true delegate");
        assertThat(run(source).calls()).isZero();
    }

    /** The figures stand in a text, in which nothing may go unnoticed either. */
    @Test
    void unknownFigure_isNoted() throws IOException {
        task(
                call(TIME, figures(9, 5, 0, 0) + ",\"cacheHolds\":3"),
                call(TIME + 1, figures(9, 5, 0, 0) + ",\"cacheHolds\":0,\"inferenceProvider\":\"x\""));
        run(ClineSource.rooCode());
        assertThat(records())
                .extracting(record -> record.notes().toString())
                .containsExactlyInAnyOrder("[model_missing, unpriced_member_cache_holds]", "[model_missing]");
    }

    @Test
    void impossibleFigures_andABrokenList_areSkipped() throws IOException {
        Path file = task(
                call(TIME, figures(9, -5, 0, 0)),
                message("api_req_started", TIME, "", "{\"tokensIn\":"),
                call(TIME, "\"promptTokens\":7"),
                "{\"type\":\"say\",\"say\":\"api_req_started\",\"text\":\"{\\\"tokensIn\\\":3}\"}",
                "{\"ts\":1,\"ts\":2}",
                "7",
                call(TIME + 1, figures(9, 5, 0, 0)));
        ImportReport report = run(ClineSource.cline());
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 5L));
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(record().tokens().output()).isEqualTo(5);

        Files.writeString(
                file,
                "[" + call(TIME + 2, figures(8, 5, 0, 0)) + ","
                        + call(TIME + 3, "").substring(0, 40));
        ImportReport broken = run(ClineSource.cline());
        assertThat(broken.appended()).isEqualTo(1);
        assertThat(broken.skippedReasons()).isEqualTo(Map.of("invalid_json", 1L));
        assertThat(broken.problems())
                .allSatisfy(problem -> assertThat(problem.message()).doesNotContain("roses"));
    }

    @Test
    void sessionOfClineSinceItsFourthVersion_includesTheCacheInItsInput() throws IOException {
        String metrics =
                "{\"inputTokens\":1000,\"outputTokens\":50,\"cacheReadTokens\":700,\"cacheWriteTokens\":200,\"cost\":0.5}";
        String messages = """
                {"version":1,"agent":"lead","sessionId":"s-1","messages":[{"id":"u1","role":"user","ts":%s,"content":"Hello"},\
                {"id":"a1","role":"assistant","ts":%s,"content":[{"type":"text","text":"Hi"}],"modelInfo":\
                {"id":"claude-sonnet-4-5","provider":"anthropic"},"metrics":%s},{"id":"a2","role":"assistant","ts":%s,"metrics":%s,\
                "metadata":{"displayOnly":true}}]}""".formatted(TIME, TIME + 1, metrics, TIME + 2, metrics);
        write("sessions/s-1/s-1.messages.json", messages);
        write("sessions/s-1/s-1.json", "{\"model\":\"m-9\",\"provider\":\"openai-native\",\"cwd\":\"/srv/garden\"}");
        write(
                "sessions/s-1/agent-7.messages.json",
                messages.replace("\"id\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\"", ""));
        assertThat(run(ClineSource.cline()).appended()).isEqualTo(2);
        assertThat(records())
                .allSatisfy(record -> assertThat(record.tokens())
                        .isEqualTo(TokenCounts.builder()
                                .input(100)
                                .output(50)
                                .cacheCreation(200)
                                .cacheRead(700)
                                .build()));
        assertThat(records())
                .extracting(record -> record.conversationId() + " " + record.role() + " "
                        + record.identity().model() + " " + record.identity().provider() + " " + record.attributes())
                .containsExactlyInAnyOrder(
                        "s-1  claude-sonnet-4-5 anthropic {project=/srv/garden}",
                        "s-1/agent-7 delegate m-9 openai {project=/srv/garden}");
        write("sessions/s-2/s-2.messages.json", messages.replace("\"inputTokens\":1000", "\"inputTokens\":800"));
        assertThat(run(ClineSource.cline()).skippedReasons()).isEqualTo(Map.of("invalid_record", 1L));
    }

    @Test
    void databaseOfKilo_isReadAsOpenCodes_andItsTasksAsRooCodes() throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("kilo.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("create table message (id text primary key, session_id text, data text)");
            statement.execute("""
                    insert into message values ('msg_1', 'ses_1', '{"role":"assistant","modelID":"m","providerID":"p",
                    "time":{"created":1775000000000,"completed":1775000000009},"tokens":{"input":5,"output":6,"reasoning":2,
                    "cache":{"read":7,"write":0}}}')""");
        }
        LogSource source = new KiloSource();
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(record().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(5)
                        .output(8)
                        .cacheRead(7)
                        .reasoning(2)
                        .build());
        assertThat(record().source()).isEqualTo("kilo");
        assertThat(run(source).appended()).isZero();

        Files.delete(folder.resolve("kilo.db"));
        task(call(
                Instant.parse("2025-11-12T00:00:00Z").toEpochMilli(),
                "\"apiProtocol\":\"anthropic\"," + figures(900, 5, 0, 400)));
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(records().get(0).tokens().input()).isEqualTo(500);
        assertThat(records().get(0).source()).isEqualTo("kilo");
        assertThat(source.reads(Path.of("opencode.db"))).isFalse();
        assertThat(new OpenCodeSource().reads(Path.of("kilo.db"))).isFalse();
    }

    @Test
    void folders_areThoseOfTheEditors() {
        assertThat(ClineSource.cline().defaultFolders(Map.of("CLINE_DIR", "/c"), Path.of("/h")))
                .contains(
                        Path.of("/c/data"),
                        Path.of("/h/.config/Code/User/globalStorage/saoudrizwan.claude-dev"),
                        Path.of("/h/Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev"));
        assertThat(ClineSource.rooCode().defaultFolders(Map.of("XDG_CONFIG_HOME", "/x"), Path.of("/h")))
                .contains(Path.of("/x/VSCodium/User/globalStorage/rooveterinaryinc.roo-cline"));
        assertThat(new KiloSource().defaultFolders(Map.of(), Path.of("/h")))
                .contains(
                        Path.of("/h/.local/share/kilo"),
                        Path.of("/h/.config/Code/User/globalStorage/kilocode.kilo-code"));
        assertThat(ClineSource.rooCode().reads(Path.of("s.messages.json"))).isFalse();
    }
}
