package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenClawSourceTest extends LogTest {

    private static final String SESSION = "{\"type\":\"session\",\"id\":\"s-1\",\"cwd\":\"/home/me/shop\"}";
    private static final String MODEL = "{\"type\":\"model_change\",\"provider\":\"openai\",\"modelId\":\"gpt-5\"}";

    private final OpenClawSource source = new OpenClawSource();

    private static String answer(long time, int input, String model) {
        return """
                {"type":"message","timestamp":"2026-02-01T10:00:09.000Z","message":{"role":"assistant",%s\
                "usage":{"input":%s,"output":2,"cacheRead":1,"cacheWrite":0,"totalTokens":%s,"cost":{"total":0.5}},\
                "timestamp":%s}}""".formatted(model, input, input + 3, time);
    }

    @Test
    void answerWithoutAModel_isOfTheOneChosenLast() throws IOException {
        Path file = write(
                "agents/main/sessions/s-1.jsonl",
                SESSION,
                MODEL,
                answer(1_769_940_001_500L, 3, ""),
                answer(1_769_940_002_500L, 4, "\"model\":\"claude-opus-4-5\",\"provider\":\"anthropic\","));
        write("agents/main/sessions/sessions.json", "{}");
        run(source);
        append(file, answer(1_769_940_003_500L, 5, ""));
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(records())
                .extracting(record ->
                        record.identity().model() + " " + record.identity().provider())
                .containsExactly("gpt-5 openai", "claude-opus-4-5 anthropic", "claude-opus-4-5 anthropic");
        assertThat(records()).extracting(UsageRecord::source).containsOnly("openclaw");
        assertThat(records()).allSatisfy(record -> assertThat(record.notes()).isEmpty());
    }

    /** A session that is put aside keeps its calls, and moving it adds none. */
    @Test
    void sessionsPutAside_count() throws IOException {
        write("agents/a/sessions/s-1.jsonl.deleted.1769940001500", SESSION, MODEL, answer(1_769_940_001_500L, 3, ""));
        Path file = write("agents/b/sessions/s-2.jsonl", SESSION, MODEL, answer(1_769_940_002_500L, 4, ""));
        assertThat(run(source).appended()).isEqualTo(2);
        Files.move(file, file.resolveSibling("s-2.jsonl.reset.2026-02-01T10-00-00.000Z"));
        ImportReport report = run(source);
        assertThat(report.appended()).isZero();
        assertThat(report.duplicates()).isEqualTo(1);
    }

    @Test
    void folders_areThoseOfAllItsNames() {
        assertThat(source.defaultFolders(Map.of(), Path.of("/home/me")))
                .extracting(Path::toString)
                .containsExactly("/home/me/.openclaw", "/home/me/.clawdbot", "/home/me/.moltbot", "/home/me/.moldbot");
        assertThat(source.reads(Path.of("s.jsonl.lock"))).isFalse();
    }
}
