package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GeminiCliSourceTest extends LogTest {

    private static final String ID = "7f0c2f60-3b0e-4a57-9c55-0d3a6a8b9e01";
    private static final String OTHER = "7f0c2f60-3b0e-4a57-9c55-0d3a6a8b9e02";
    private static final String HEADER = """
            {"sessionId":"g-1","projectHash":"abc","startTime":"2026-04-01T08:00:00.000Z","kind":"main"}""";

    private final GeminiCliSource source = new GeminiCliSource();

    private static String message(String id, long input, long cached, long output, long thoughts, long tool) {
        return """
                {"id":"%s","timestamp":"2026-04-01T08:00:05.250Z","type":"gemini","content":[{"text":"x","id":null}],\
                "thoughts":[{"subject":"s"}],"model":"gemini-2.5-pro","tokens":{"input":%s,"output":%s,"cached":%s,\
                "thoughts":%s,"tool":%s,"total":%s}}""".formatted(id, input, output, cached, thoughts, tool, input + output + thoughts + tool);
    }

    private static String document(String session, String... messages) {
        return """
                {
                  "sessionId": "%s", "projectHash": "abc", "startTime": "2026-04-01T08:00:00.000Z",
                  "messages": [
                    {"id": "u", "type": "user", "content": "hello"},
                    %s
                  ]
                }""".formatted(session, String.join(",\n", messages));
    }

    @Test
    void chat_isReadByItsConvention() throws IOException {
        write("tmp/abc/chats/session-1.json", document("g-1", message(ID, 1000, 200, 300, 50, 7)));
        write("tmp/abc/logs.json", "[]");
        ImportReport report = run(source);
        assertThat(report.files()).isEqualTo(1);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.id().value()).isEqualTo("gemini-cli:" + ID);
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(807)
                        .output(350)
                        .cacheRead(200)
                        .reasoning(50)
                        .build());
        assertThat(record.identity().upstreamModel()).isEqualTo("gemini-2.5-pro");
        assertThat(record.identity().provider()).isEqualTo("google");
        assertThat(record.sessionId()).isEqualTo("g-1");
        assertThat(record.role()).isEqualTo("interactive");
        assertThat(record.attributes()).containsExactly(Map.entry("project", "abc"));
        assertThat(record.notes()).isEmpty();
    }

    @Test
    void lines_areUpdatesOfMessages() throws IOException {
        write("tmp/abc/.project_root", "/home/ada/garden");
        Path file = write(
                "tmp/abc/chats/session-1.jsonl",
                HEADER,
                "{\"id\":\"u\",\"timestamp\":\"2026-04-01T08:00:01.000Z\",\"type\":\"user\",\"content\":\"hi\"}",
                message(ID, 100, 0, 3, 0, 0).replace("\"tokens\":{", "\"tokens\":null,\"later\":{"),
                message(ID, 100, 0, 3, 0, 0),
                message(ID, 100, 0, 30, 0, 0),
                "{\"$rewindTo\":\"u\"}",
                "{\"$set\":{\"lastUpdated\":\"2026-04-01T08:01:00.000Z\",\"messages\":[" + message(OTHER, 5, 0, 5, 0, 0)
                        + "," + message(ID, 100, 0, 3, 0, 0) + "]}}");
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(3);
        assertThat(report.ignored()).isEqualTo(4);
        assertThat(total().totalRecords()).isEqualTo(2);
        assertThat(total().totalOutputTokens()).isEqualTo(35);
        append(file, message(ID, 100, 0, 31, 4, 0));
        report = run(source);
        assertThat(report.lines()).isEqualTo(1);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(40);
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("g-1");
        assertThat(records())
                .allSatisfy(record -> assertThat(record.attributes()).containsEntry("project", "/home/ada/garden"));
    }

    @Test
    void chatTakenOverIntoTheNewerForm_countsOnce() throws IOException {
        write("tmp/abc/chats/session-1.json", document("g-1", message(ID, 100, 0, 30, 0, 0)));
        run(source);
        write("tmp/abc/chats/session-1.jsonl", HEADER, message(ID, 100, 0, 30, 0, 0));
        assertThat(run(source).duplicates()).isEqualTo(1);
    }

    @Test
    void idsThatAreNoUuids_areOfTheirSession() throws IOException {
        write("chats/session-1.json", document("g-1", message("m1", 100, 0, 30, 0, 0)));
        write("chats/session-2.json", document("g-2", message("m1", 100, 0, 30, 0, 0)));
        assertThat(run(source).appended()).isEqualTo(2);
    }

    @Test
    void subAgent_isADelegate() throws IOException {
        write("chats/g-1/sub.jsonl", HEADER.replace("main", "subagent"), message(ID, 1, 0, 1, 0, 0));
        run(source);
        assertThat(record().role()).isEqualTo("delegate");
    }

    @Test
    void impossibleFigures_areSkippedAndOddTotalsNoted() throws IOException {
        write(
                "chats/session-1.json",
                document(
                        "g-1",
                        message("m1", 100, 101, 30, 0, 0),
                        message("m2", 100, 0, 30, 0, 0).replace("\"total\":130", "\"total\":131"),
                        message("m3", 100, 0, 30, 0, 0).replace("\"output\":30", "\"output\":\"30\""),
                        message("m4", 100, 0, 30, 0, 0)
                                .replace("\"input\"", "\"promptTokens\"")
                                .replace("\"output\"", "\"answerTokens\"")
                                .replace("\"cached\"", "\"c\"")
                                .replace("\"thoughts\"", "\"th\"")
                                .replace("\"tool\"", "\"to\"")));
        write("chats/session-2.json", "{\"sessionId\":\"g-2\",\"messages\":[");
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 3L, "invalid_json", 1L));
        assertThat(report.problems())
                .extracting(Object::toString)
                .anyMatch(
                        problem -> problem.endsWith(
                                "session-1.json:2: messages[1].tokens.cached: 101 is more than the 100 of input that contain it"));
        assertThat(record().notes()).containsExactly("total_differs");
    }

    @Test
    void messageWithoutAModel_isKeptAndSaidToBe() throws IOException {
        write(
                "chats/session-1.json",
                document("g-1", message("m4", 100, 0, 30, 0, 0).replace("\"model\":\"gemini-2.5-pro\",", "")));
        ImportReport report = run(source);
        assertThat(report.skipped()).isZero();
        assertThat(record().notes()).containsExactly("model_missing");
        assertThat(record().tokens().input()).isEqualTo(100);
    }

    @Test
    void folders_followTheEnvironment() {
        Path home = Path.of("/home/me");
        assertThat(source.defaultFolders(Map.of(), home)).containsExactly(Path.of("/home/me/.gemini"));
        assertThat(source.defaultFolders(Map.of("GEMINI_CLI_HOME", "/g"), home)).containsExactly(Path.of("/g/.gemini"));
    }
}
