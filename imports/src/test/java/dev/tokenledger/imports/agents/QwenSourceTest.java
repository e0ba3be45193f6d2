package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QwenSourceTest extends LogTest {

    private final QwenSource source = new QwenSource();

    private static String row(String id, String usage) {
        return """
                {"uuid":"%s","parentUuid":null,"sessionId":"s-1","timestamp":"2026-03-01T10:00:00.000Z","type":"assistant",\
                "cwd":"/home/me/garden","version":"0.9","model":"qwen3-coder","message":{"role":"model","parts":[]},\
                "usageMetadata":%s}""".formatted(id, usage);
    }

    private static String usage(int prompt, int candidates, int thoughts, int cached, int total) {
        return "{\"promptTokenCount\":%s,\"candidatesTokenCount\":%s,\"thoughtsTokenCount\":%s,\"cachedContentTokenCount\":%s,\"totalTokenCount\":%s}"
                .formatted(prompt, candidates, thoughts, cached, total);
    }

    @Test
    void thoughts_areInsideUnlessTheTotalProvesThemBeside() throws IOException {
        write(
                "projects/-home-me-garden/chats/a.jsonl",
                row("u1", usage(100, 20, 5, 40, 120)),
                row("u2", usage(100, 20, 5, 40, 125)),
                row("u3", usage(100, 20, 50, 40, 150)) + row("u4", usage(7, 1, 0, 0, 99)));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(4);
        assertThat(records())
                .extracting(record -> record.tokens().input() + " "
                        + record.tokens().cacheRead() + " " + record.tokens().output() + " "
                        + record.tokens().reasoning() + " " + record.notes())
                .containsExactlyInAnyOrder(
                        "60 40 20 5 [provider_inferred]",
                        "60 40 25 5 [provider_inferred]",
                        "60 40 70 50 [provider_inferred, total_differs]",
                        "7 0 1 0 [provider_inferred, total_differs]");
        assertThat(records())
                .allSatisfy(record -> assertThat(record.attributes()).containsEntry("project", "/home/me/garden"));
    }

    @Test
    void telemetryAndCopies_addNothing() throws IOException {
        String call = row("u1", usage(10, 2, 0, 0, 12));
        write("projects/p/chats/a.jsonl", call, """
                {"uuid":"u9","type":"system","subtype":"ui_telemetry","timestamp":"2026-03-01T10:00:00Z","systemPayload":\
                {"uiEvent":{"response_id":"r","model":"qwen3-coder","input_token_count":10,"output_token_count":2}}}""", row("u8", "{}"), row("u1", usage(11, 2, 0, 0, 13)));
        write("projects/p/chats/b.jsonl", call.replace("s-1", "s-2").replace("10:00:00.000Z", "11:00:00.000Z"));
        ImportReport report = run(source);
        assertThat(report.ignored()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(total().totalInputTokens()).isEqualTo(21);
        assertThat(run(source).calls()).isZero();
    }

    @Test
    void impossibleFigures_areSkipped() throws IOException {
        write(
                "projects/p/chats/a.jsonl",
                row("u1", usage(10, 2, 0, 11, 12)),
                row("u2", "{\"somethingElse\":3}"),
                row("u3", usage(10, -2, 0, 0, 12)),
                row("u4", usage(1, 2, 0, 0, 3)).replace("\"timestamp\":\"2026-03-01T10:00:00.000Z\",", ""));
        assertThat(run(source).skippedReasons()).isEqualTo(Map.of("invalid_record", 4L));
        assertThat(source.defaultFolders(Map.of(), Path.of("/h"))).containsExactly(Path.of("/h/.qwen"));
    }
}
