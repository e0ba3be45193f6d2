package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrokSourceTest extends LogTest {

    private static final String LOG = "sessions/%2Fhome%2Fme%2Fgarden/s-1/updates.jsonl";

    private final GrokSource source = new GrokSource();

    private static String turn(String time, String prompt, String usage) {
        return """
                {"timestamp":%s,"method":"session/update","params":{"sessionId":"s-1","update":{"sessionUpdate":"turn_completed",\
                "prompt_id":"%s","usage":%s}}}""".formatted(time, prompt, usage);
    }

    private static String usage(int input, int output, int read, int calls) {
        return "{\"inputTokens\":%s,\"outputTokens\":%s,\"totalTokens\":%s,\"cachedReadTokens\":%s,\"reasoningTokens\":3,\"modelCalls\":%s}"
                .formatted(input, output, input + output, read, calls);
    }

    @Test
    void turn_isARecordOfEachModel() throws IOException {
        write(
                LOG,
                "{\"timestamp\":1772359200,\"params\":{\"update\":{\"sessionUpdate\":\"agent_message_chunk\",\"content\":\"x\"}}}",
                turn("1772359201", "p1", """
                        {"inputTokens":130,"outputTokens":17,"modelUsage":{"grok-code":{"inputTokens":100,"outputTokens":10,\
                        "cachedReadTokens":60,"cacheCreationTokens":5,"totalTokens":110,"reasoningTokens":4,"modelCalls":3,\
                        "costUsdTicks":25000001},"grok-small":{"inputTokens":30,"outputTokens":7,"modelCalls":1}}}"""));
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(records()).hasSize(2);
        UsageRecord code = records().stream()
                .filter(record -> record.identity().model().equals("grok-code"))
                .findFirst()
                .orElseThrow();
        assertThat(code.tokens().input()).isEqualTo(35);
        assertThat(code.tokens().cacheRead()).isEqualTo(60);
        assertThat(code.tokens().cacheCreation()).isEqualTo(5);
        assertThat(code.tokens().reasoning()).isEqualTo(4);
        assertThat(code.aggregate()).isTrue();
        assertThat(code.reportedCost()).contains(Usd.parse("0.0025000001"));
        assertThat(code.timestamp()).contains(Instant.ofEpochSecond(1_772_359_201));
        assertThat(code.identity().provider()).isEqualTo("xai");
        assertThat(code.attributes()).containsExactly(Map.entry("project", "/home/me/garden"));
        assertThat(code.notes()).containsExactly("cache_split_missing");
        assertThat(records()).filteredOn(record -> !record.aggregate()).hasSize(1);
    }

    @Test
    void turnWithoutModels_isOfTheSessionsModel() throws IOException {
        write(
                "sessions/x/s-1/summary.json",
                "{\"info\":{\"id\":\"s-1\",\"cwd\":\"/srv/app\"},\"current_model_id\":\"grok-build\"}");
        write("sessions/x/s-1/updates.jsonl", turn("\"2026-03-01T10:00:00.5Z\"", "p1", usage(10, 5, 4, 1)));
        run(source);
        assertThat(record().identity().model()).isEqualTo("grok-build");
        assertThat(record().attributes()).containsValue("/srv/app");
        assertThat(record().timestamp()).contains(Instant.parse("2026-03-01T10:00:00.5Z"));
    }

    @Test
    void turnWrittenDownAgain_isCorrected() throws IOException {
        Path file =
                write(LOG, turn("1772359201", "p1", usage(50, 5, 0, 1)), turn("1772359202", "p1", usage(40, 5, 0, 1)));
        run(source);
        assertThat(total().totalInputTokens()).isEqualTo(40);
        append(file, turn("1772359203", "p1", usage(30, 5, 0, 1)), turn("1772359203", "p2", usage(1, 5, 0, 1)));
        ImportReport report = run(source);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(total().totalInputTokens()).isEqualTo(31);
        assertThat(run(source).calls()).isZero();
    }

    @Test
    void unusableTurns_areSkippedForAReason() throws IOException {
        write(
                LOG,
                turn("1772359201", "p1", usage(3, 5, 4, 1)),
                turn("null", "p2", usage(3, 5, 0, 1)),
                turn("1772359201", "p3", "{\"tokens\":5}"),
                turn("1772359201", "p4", "{\"inputTokens\":1.5}"),
                turn("1772359201", "p5", "{}"),
                turn("1772359201", "p6", usage(0, 0, 0, 1).replace("Tokens\":3", "Tokens\":0")),
                turn("1772359201", "p7", usage(8, 5, 0, 1).replace("\"totalTokens\":13", "\"totalTokens\":20")));
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 4L));
        assertThat(report.ignored()).isEqualTo(2);
        assertThat(record().notes()).containsExactlyInAnyOrder("total_differs", "model_missing");
    }

    @Test
    void folders_areGroksOwn() {
        assertThat(source.defaultFolders(Map.of(), Path.of("/home/me"))).isEqualTo(List.of(Path.of("/home/me/.grok")));
        assertThat(source.defaultFolders(Map.of("GROK_HOME", "/g"), Path.of("/home/me")))
                .isEqualTo(List.of(Path.of("/g")));
        assertThat(source.reads(Path.of("signals.json"))).isFalse();
    }
}
