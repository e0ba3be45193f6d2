package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DroidSourceTest extends LogTest {

    private static final String SETTINGS = "sessions/-srv-garden/d-1.settings.json";
    private static final String MESSAGES = "sessions/-srv-garden/d-1.jsonl";

    private final DroidSource source = new DroidSource();

    private static String settings(String model, int input, int output, int thinking) {
        return """
                {"assistantActiveTimeMs":5000,"model":"%s","providerLock":"anthropic","tokenUsage":{"inputTokens":%s,"outputTokens":%s,\
                "cacheCreationTokens":30,"cacheReadTokens":600,"thinkingTokens":%s,"factoryCredits":17},\
                "inclusiveTokenUsage":{"inputTokens":99999,"outputTokens":1}}""".formatted(model, input, output, thinking);
    }

    private static String message(String time) {
        return "{\"type\":\"message\",\"timestamp\":\"%s\",\"message\":{\"role\":\"assistant\",\"content\":[]}}"
                .formatted(time);
    }

    @Test
    void session_isAnAggregateThatGrows() throws IOException {
        Path messages = write(
                MESSAGES,
                "{\"type\":\"session_start\",\"id\":\"d-1\",\"cwd\":\"/srv/garden\"}",
                message("2026-05-01T10:00:00Z"),
                message("2026-05-01T10:05:00Z"));
        Path file = write(SETTINGS, settings("claude-sonnet-4-5", 100, 50, 7));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(57)
                        .cacheCreation(30)
                        .cacheRead(600)
                        .reasoning(7)
                        .build());
        assertThat(record.aggregate()).isTrue();
        assertThat(record.timestamp()).contains(Instant.parse("2026-05-01T10:05:00Z"));
        assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.sessionId()).isEqualTo("d-1");
        assertThat(record.attributes()).isEqualTo(Map.of("project", "/srv/garden"));
        assertThat(record.notes()).containsExactly("cache_split_missing", "reasoning_added_to_output");

        Files.writeString(messages, message("2026-05-01T11:00:00Z") + "\n{\"type\":\"mess", StandardOpenOption.APPEND);
        Files.writeString(file, settings("claude-sonnet-4-5", 200, 60, 7));
        assertThat(run(source).corrected()).isEqualTo(1);
        assertThat(record().tokens().input()).isEqualTo(200);
        assertThat(record().timestamp()).contains(Instant.parse("2026-05-01T11:00:00Z"));
        write("sessions/copy/d-1.jsonl", message("2026-05-01T11:00:00Z"));
        write("sessions/copy/d-1.settings.json", settings("claude-sonnet-4-5", 200, 60, 7));
        assertThat(run(source).duplicates()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "custom:GLM-5.1-[Proxy]-0, GLM-5.1",
        "custom:house-model-12, house-model",
        "gpt-5.4, gpt-5.4",
        "claude-opus-4-5, claude-opus-4-5"
    })
    void modelOfOnesOwn_isNamedAsItsUserDoes(String stated, String model) throws IOException {
        write(MESSAGES, message("2026-05-01T10:00:00Z"));
        write(SETTINGS, settings(stated, 1, 1, 0));
        run(source);
        assertThat(record().identity().upstreamModel()).isEqualTo(model);
    }

    @Test
    void impossibleFigures_orNoTime_areSkipped_andASessionWithoutUsageIsNone() throws IOException {
        write("sessions/a/d-1.settings.json", settings("m", -1, 1, 0));
        write("sessions/a/d-2.settings.json", settings("m", 1, 1, 0));
        write("sessions/a/d-3.settings.json", "{\"model\":\"m\"}");
        write(
                "sessions/a/d-4.settings.json",
                "{\"model\":\"m\",\"tokenUsage\":{\"inputTokens\":0,\"outputTokens\":0}}");
        write("sessions/a/d-5.settings.json", "{\"model\":\"m\",\"tokenUsage\":{\"tokensNow\":7}}");
        write("sessions/a/d-6.settings.json", "{\"model\":");
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 3L, "invalid_json", 1L));
        assertThat(report.ignored()).isEqualTo(2);
        assertThat(records()).isEmpty();
        assertThat(source.defaultFolders(Map.of(), Path.of("/h"))).containsExactly(Path.of("/h/.factory"));
    }
}
