package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PiSourceTest extends LogTest {

    private static final String HEADER = """
            {"type":"session","id":"s-1","timestamp":"2026-02-01T10:00:00.000Z","cwd":"/home/me/garden"}""";

    private final PiSource source = new PiSource();

    private static String answer(long time, int input, int output, int read, int write, String cost, String stop) {
        return """
                {"type":"message","timestamp":"2026-02-01T10:00:09.000Z","message":{"role":"assistant","content":[{"type":\
                "toolCall","id":null,"arguments":{"usage":{"input":7}}}],"provider":"anthropic","model":"claude-opus-4-5",\
                "usage":{"input":%s,"output":%s,"cacheRead":%s,"cacheWrite":%s,"totalTokens":%s,"cost":{"input":9,"total":%s}},\
                "stopReason":"%s","timestamp":%s}}""".formatted(input, output, read, write, input + output + read + write, cost, stop, time);
    }

    @Test
    void answer_isACallWithItsOwnCostBeside() throws IOException {
        write(
                "sessions/x/a.jsonl",
                HEADER,
                "{\"type\":\"message\",\"message\":{\"role\":\"user\",\"content\":[]}}",
                answer(1_769_940_001_500L, 3, 191, 20, 1684, "0.017400000000000002", "toolUse"));
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.ignored()).isEqualTo(2);
        UsageRecord record = record();
        assertThat(record.tokens().input()).isEqualTo(3);
        assertThat(record.tokens().output()).isEqualTo(191);
        assertThat(record.tokens().cacheRead()).isEqualTo(20);
        assertThat(record.tokens().cacheCreationUnattributed()).isEqualTo(1684);
        assertThat(record.reportedCost()).contains(Usd.parse("0.0174"));
        assertThat(record.givenCost()).isEmpty();
        assertThat(record.timestamp()).contains(Instant.ofEpochMilli(1_769_940_001_500L));
        assertThat(record.identity().model()).isEqualTo("claude-opus-4-5");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.sessionId()).isEqualTo("s-1");
        assertThat(record.attributes()).containsExactly(Map.entry("project", "/home/me/garden"));
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.notes()).containsExactly("cache_split_missing");
        assertThat(report.notes()).isEqualTo(Map.of("cache_split_missing", 1L));
        assertThat(run(source).notes()).isEmpty();
    }

    @Test
    void abortedAnswer_countsIfItReportedUsage() throws IOException {
        write(
                "a.jsonl",
                HEADER,
                answer(1_769_940_001_500L, 0, 0, 0, 0, "0", "aborted"),
                answer(1_769_940_002_500L, 5, 1, 0, 0, "0.1", "aborted"),
                answer(1_769_940_003_500L, 6, 0, 0, 0, "0.2", "error"));
        assertThat(run(source).used()).isEqualTo(2);
        assertThat(records()).extracting(UsageRecord::outcome).containsExactly(Outcome.CANCELED, Outcome.ERROR);
    }

    @Test
    void branch_countsCopiedMessagesOnce() throws IOException {
        String shared = answer(1_769_940_001_500L, 3, 4, 0, 0, "0.1", "stop");
        write("b.jsonl", HEADER.replace("s-1", "s-2"), shared, answer(1_769_940_005_000L, 1, 1, 0, 0, "0.1", "stop"));
        run(source);
        write("a.jsonl", HEADER, shared, answer(1_769_940_006_000L, 1, 1, 0, 0, "0.1", "stop"));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(total().totalInputTokens()).isEqualTo(5);
    }

    @Test
    void grownFile_isReadOnInItsSession() throws IOException {
        Path file = write("a.jsonl", HEADER, answer(1_769_940_001_500L, 3, 4, 0, 0, "0.1", "stop"));
        run(source);
        append(file, answer(1_769_940_002_500L, 5, 6, 0, 0, "0.1", "stop"));
        ImportReport report = run(source);
        assertThat(report.lines()).isEqualTo(1);
        assertThat(records()).extracting(UsageRecord::sessionId).containsExactly("s-1", "s-1");
        assertThat(records())
                .allSatisfy(record -> assertThat(record.attributes()).containsKey("project"));
    }

    @Test
    void unusableLines_areSkippedForAReasonAndCostNoOther() throws IOException {
        String good = answer(1_769_940_001_500L, 3, 4, 0, 0, "0.1", "stop");
        write(
                "a.jsonl",
                HEADER,
                "{\"type\":\"message\",",
                answer(1_769_940_002_500L, -3, 4, 0, 0, "0.1", "stop"),
                good.replace("\"input\":3,", "\"input\":3.5,"),
                good.replace("\"input\":3,", "\"input\":3,\"input\":4,"),
                good.replace("\"total\":0.1", "\"total\":-0.1"),
                good.replace(",\"timestamp\":1769940001500", "")
                        .replace("\"timestamp\":\"2026-02-01T10:00:09.000Z\"", "\"timestamp\":\"today\""),
                good + " " + answer(1_769_940_009_500L, 30, 4, 0, 0, "0.1", "stop"),
                good.replace(":", " : "));
        ImportReport report = run(source);
        assertThat(report.skippedReasons())
                .containsExactly(Map.entry("invalid_json", 1L), Map.entry("invalid_record", 5L));
        assertThat(report.problems())
                .extracting(problem -> problem.toString().replaceAll(".*jsonl:", ""))
                .contains(
                        "3: message.usage.input: a count is 0 to 1000000000000, found -3",
                        "4: message.usage.input: a count is a whole number, found 3.5",
                        "5: message.usage.input: duplicate field",
                        "6: message.usage.cost.total: an amount is not negative, found -0.1");
        assertThat(report.used()).isEqualTo(2);
        assertThat(total().totalInputTokens()).isEqualTo(33);
    }

    private static String of(String row, int second, String usage) {
        return row.replace("SECOND", "0" + second).replace("USAGE", "\"usage\":" + usage);
    }

    private static final String COMPACTION =
            "{\"type\":\"compaction\",\"timestamp\":\"2026-02-01T10:00:SECOND.000Z\",\"summary\":\"x\",USAGE,"
                    + "\"retainedTail\":[{\"role\":\"assistant\",\"usage\":{\"input\":1}}]}";

    /** They ran on the model in force, and are in pi's own totals. */
    @Test
    void compactionsAndSummaries_areCalls() throws IOException {
        Path file = write(
                "a.jsonl",
                HEADER,
                answer(1_769_940_000_000L, 3, 4, 0, 0, "0.1", "stop"),
                of(COMPACTION, 1, "{\"input\":50,\"output\":5,\"cost\":{\"total\":0.5}}"),
                "{\"type\":\"model_change\",\"provider\":\"openai\",\"modelId\":\"gpt-5\"}");
        run(source);
        append(
                file,
                of(COMPACTION, 2, "{\"input\":60,\"output\":6}").replace("compaction", "branch_summary"),
                answer(1_769_940_007_000L, 7, 4, 0, 0, "0.1", "stop"),
                of(COMPACTION, 9, "{\"input\":70,\"output\":7}"),
                of(COMPACTION, 9, "{}"),
                of(COMPACTION, 9, "null"));
        ImportReport report = run(source);

        assertThat(report.appended()).isEqualTo(3);
        assertThat(report.skipped()).isZero();
        assertThat(records())
                .extracting(record ->
                        record.tokens().input() + " " + record.identity().upstreamModel() + " "
                                + record.identity().provider())
                .containsExactlyInAnyOrder(
                        "3 claude-opus-4-5 anthropic",
                        "50 claude-opus-4-5 anthropic",
                        "60 gpt-5 openai",
                        "7 claude-opus-4-5 anthropic",
                        "70 claude-opus-4-5 anthropic");
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("s-1");
    }

    @Test
    void toolsResultWithUsage_isACallOfAModelThatIsNotTold() throws IOException {
        String result =
                "{\"type\":\"message\",\"timestamp\":\"2026-02-01T10:00:01.000Z\",\"message\":{\"role\":\"toolResult\","
                        + "\"toolName\":\"ask\",\"usage\":{\"input\":9,\"output\":1,\"cost\":{\"total\":0.2}}}}";
        write("a.jsonl", HEADER, answer(1_769_940_000_000L, 3, 4, 0, 0, "0.1", "stop"), result);
        run(source);
        UsageRecord record = records().stream()
                .filter(each -> each.tokens().input() == 9)
                .findFirst()
                .orElseThrow();
        assertThat(record.notes()).containsExactly("model_missing");
        assertThat(record.reportedCost()).contains(Usd.parse("0.2"));
    }

    @Test
    void usageOfAnUnknownShape_isSkippedAndNamed() throws IOException {
        write(
                "a.jsonl",
                HEADER,
                of(COMPACTION, 1, "{\"inputTokens\":5,\"outputTokens\":6}"),
                of(COMPACTION, 2, "{\"inputTokens\":0}"));
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
        assertThat(report.problems().get(0).message()).contains("none of its counts is known");
    }

    @Test
    void folders_followTheEnvironment() {
        Path home = Path.of("/home/me");
        assertThat(source.defaultFolders(Map.of(), home)).containsExactly(Path.of("/home/me/.pi/agent"));
        assertThat(source.defaultFolders(Map.of("PI_CODING_AGENT_DIR", "/a, /b"), home))
                .isEqualTo(List.of(Path.of("/a"), Path.of("/b")));
    }
}
