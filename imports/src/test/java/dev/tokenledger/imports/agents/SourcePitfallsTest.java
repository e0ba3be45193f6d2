package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.payloads.UsagePayload;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of other projects' bug reports that are about reading logs and payloads; the others are {@code PitfallRules},
 * by the same numbers. Each comment is the rule.
 */
class SourcePitfallsTest extends LogTest {

    /** The one call of every log below: 100 tokens read, 40 of them from the cache, and 10 written. */
    private static final TokenCounts CALL =
            TokenCounts.builder().input(60).output(10).cacheRead(40).build();

    /** A log with that call, said as its agent says it. */
    record Log(LogSource source, String file, List<String> lines) {

        static Log of(LogSource source, String file, String... lines) {
            return new Log(source, file, List.of(lines));
        }

        @Override
        public String toString() {
            return source.name();
        }
    }

    static List<Log> logs() {
        return List.of(
                Log.of(
                        new ClaudeCodeSource(),
                        "projects/garden/session-1.jsonl",
                        Transcript.row()
                                .usage("input_tokens", "60")
                                .usage("cache_creation_input_tokens", null)
                                .usage("cache_creation", null)
                                .usage("cache_read_input_tokens", "40")
                                .output(10)
                                .toString()),
                Log.of(
                        new CodexSource(),
                        "sessions/a.jsonl",
                        CODEX_SESSION,
                        CODEX_MODEL,
                        codexTotal("2026-03-01T10:00:01Z", 100, 40, 10)),
                Log.of(new GeminiCliSource(), "tmp/abc/chats/session-1.json", """
                        {"sessionId":"g-1","messages":[{"id":"m-1","timestamp":"2026-04-01T08:00:05Z","type":"gemini",
                         "model":"gemini-2.5-pro","tokens":{"input":100,"output":10,"cached":40,"thoughts":0,"tool":0,"total":110}}]}"""),
                Log.of(new OpenCodeSource(), "storage/message/ses_1/msg_1.json", """
                        {"id":"msg_1","sessionID":"ses_1","role":"assistant","modelID":"m","providerID":"p",
                         "time":{"created":1775000000000,"completed":1775000001000},
                         "tokens":{"input":60,"output":10,"reasoning":0,"cache":{"read":40,"write":0}}}"""),
                Log.of(new AmpSource(), "threads/T-a.json", """
                        {"id":"T-a","messages":[{"role":"assistant","messageId":1,"usage":{"model":"m","inputTokens":60,
                         "outputTokens":10,"cacheReadInputTokens":40,"timestamp":"2026-05-01T11:42:10Z"}}]}"""),
                Log.of(new PiSource(), "sessions/x/a.jsonl", PI_SESSION, piAnswer(1_769_940_001_500L)),
                Log.of(new OpenClawSource(), "agents/x/a.jsonl", PI_SESSION, piAnswer(1_769_940_001_500L)),
                Log.of(new OmpSource(), "sessions/x/a.jsonl", PI_SESSION, piAnswer(1_769_940_001_500L)),
                Log.of(new CopilotSource(), "session-state/s-1/events.jsonl", """
                        {"type":"session.start","data":{"sessionId":"s-1"}}""", """
                        {"type":"session.shutdown","timestamp":"2026-05-01T10:00:00Z","data":{"modelMetrics":{"m":{"usage":\
                        {"inputTokens":100,"outputTokens":10,"cacheReadTokens":40}}}}}"""),
                Log.of(new GrokSource(), "sessions/x/s-1/updates.jsonl", """
                        {"timestamp":1770000000,"params":{"sessionId":"s-1","update":{"sessionUpdate":"turn_completed",\
                        "prompt_id":"p","usage":{"modelUsage":{"m":{"inputTokens":100,"outputTokens":10,"cachedReadTokens":40}}}}}}"""),
                Log.of(new QwenSource(), "projects/x/chats/a.jsonl", """
                        {"uuid":"u","type":"assistant","timestamp":"2026-04-01T08:00:05Z","model":"m","usageMetadata":\
                        {"promptTokenCount":100,"candidatesTokenCount":10,"cachedContentTokenCount":40}}"""),
                Log.of(new KimiSource(), "sessions/x/s-1/wire.jsonl", """
                        {"timestamp":1770983427.5,"message":{"type":"StatusUpdate","payload":{"message_id":"m-1","token_usage":\
                        {"input_other":60,"input_cache_read":40,"output":10}}}}"""),
                Log.of(new KimiSource(), "sessions/wd_x/s-1/agents/main/wire.jsonl", """
                        {"type":"usage.record","model":"m","time":1780925702183,"usage":\
                        {"inputOther":60,"inputCacheRead":40,"output":10}}"""),
                Log.of(ClineSource.cline(), "tasks/1/ui_messages.json", """
                        [{"ts":1767225601000,"type":"say","say":"api_req_started","text":\
                        "{\\"tokensIn\\":60,\\"tokensOut\\":10,\\"cacheReads\\":40}"}]"""),
                Log.of(ClineSource.cline(), "sessions/s-1/s-1.messages.json", """
                        {"messages":[{"id":"a","role":"assistant","ts":1767225601000,"metrics":\
                        {"inputTokens":100,"outputTokens":10,"cacheReadTokens":40}}]}"""),
                Log.of(ClineSource.rooCode(), "tasks/1/ui_messages.json", """
                        [{"ts":1767225601000,"type":"say","say":"api_req_started","text":\
                        "{\\"apiProtocol\\":\\"openai\\",\\"tokensIn\\":100,\\"tokensOut\\":10,\\"cacheReads\\":40}"}]"""),
                Log.of(new DroidSource(), "sessions/x/d-1.settings.json", """
                        {"model":"m","providerLockTimestamp":"2026-05-01T10:00:00Z","tokenUsage":\
                        {"inputTokens":60,"outputTokens":10,"cacheReadTokens":40,"thinkingTokens":0}}"""));
    }

    private static final String CODEX_SESSION =
            "{\"timestamp\":\"2026-03-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{\"id\":\"s-1\"}}";
    private static final String CODEX_MODEL =
            "{\"timestamp\":\"2026-03-01T10:00:00Z\",\"type\":\"turn_context\",\"payload\":{\"model\":\"gpt-5\"}}";
    private static final String PI_SESSION =
            "{\"type\":\"session\",\"id\":\"s-1\",\"timestamp\":\"2026-02-01T10:00:00Z\"}";

    private static String codexTotal(String time, long input, long cached, long output) {
        return """
                {"timestamp":"%s","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{\
                "input_tokens":%s,"cached_input_tokens":%s,"output_tokens":%s,"reasoning_output_tokens":0,\
                "total_tokens":%s}}}}""".formatted(time, input, cached, output, input + output);
    }

    private static String piAnswer(long time) {
        return """
                {"type":"message","message":{"role":"assistant","provider":"p","model":"m","stopReason":"stop","timestamp":%s,\
                "usage":{"input":60,"output":10,"cacheRead":40,"cacheWrite":0,"totalTokens":110}}}""".formatted(time);
    }

    /** Inclusive or exclusive prompt tokens: declared per source, converted once, at the edge. */
    @ParameterizedTest
    @MethodSource("logs")
    void rule01_promptTokensAreWithoutTheirCachedPart_whateverTheLogsConvention(Log log) throws IOException {
        write(log);
        run(log.source());
        assertThat(record().tokens()).isEqualTo(CALL);
        assertThat(total().totalInputTokens()).isEqualTo(60);
        assertThat(total().totalCacheReadInputTokens()).isEqualTo(40);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            anthropic-messages | {"input_tokens":60,"cache_read_input_tokens":40,"output_tokens":10}
            openai-chat        | {"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":40},"completion_tokens":10}
            openai-responses   | {"input_tokens":100,"input_tokens_details":{"cached_tokens":40},"output_tokens":10}
            gemini             | {"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":10}
            bedrock-converse   | {"inputTokens":60,"cacheReadInputTokens":40,"outputTokens":10}
            mistral            | {"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":40},"completion_tokens":10}
            deepseek           | {"prompt_tokens":100,"prompt_cache_hit_tokens":40,"completion_tokens":10}
            """)
    void rule01_promptTokensAreWithoutTheirCachedPart_whateverTheProvidersConvention(String format, String usage) {
        assertThat(UsagePayload.of(format)
                        .read((Node.Mapping) Documents.readJson(usage))
                        .tokens())
                .isEqualTo(CALL);
    }

    @Test
    void rule01_promptTokensAreWithoutTheirCachedPart_inAnotherProgramsLedger() {
        String row = """
                {"request_id":"r-1","prompt_tokens":100,"completion_tokens":10,"startTime":"2026-01-05T10:00:00Z",\
                "model":"m","metadata":{"usage_object":{"cache_read_input_tokens":40}}}""";
        Importer.into(ledger)
                .build()
                .run(
                        new LiteLlmSource(),
                        ImportFile.of("rows", new ByteArrayInputStream(row.getBytes(StandardCharsets.UTF_8))));
        assertThat(record().tokens()).isEqualTo(CALL);
    }

    /** Cumulative counters become differences. */
    @Test
    void rule11_cumulativeCounters_becomeDifferences() throws IOException {
        write(
                "sessions/a.jsonl",
                CODEX_SESSION,
                CODEX_MODEL,
                codexTotal("2026-03-01T10:00:01Z", 100, 40, 10),
                codexTotal("2026-03-01T10:00:02Z", 350, 240, 35));
        run(new CodexSource());
        assertThat(records())
                .extracting(UsageRecord::tokens)
                .containsExactly(
                        CALL,
                        TokenCounts.builder()
                                .input(50)
                                .output(25)
                                .cacheRead(200)
                                .build());
        assertThat(total().totalOutputTokens()).isEqualTo(35);
    }

    /** Re-emitted totals count once. */
    @Test
    void rule11_totalsToldAgain_countOnce() throws IOException {
        write(
                "sessions/a.jsonl",
                CODEX_SESSION,
                CODEX_MODEL,
                codexTotal("2026-03-01T10:00:01Z", 100, 40, 10),
                codexTotal("2026-03-01T10:00:02Z", 100, 40, 10),
                codexTotal("2026-03-01T10:00:03Z", 100, 40, 10));
        run(new CodexSource());
        assertThat(record().tokens()).isEqualTo(CALL);
    }

    /** Copied branch history counts once. */
    @Test
    void rule11_copiedHistoryOfABranch_countsOnce() throws IOException {
        write("sessions/x/a.jsonl", PI_SESSION, piAnswer(1_769_940_001_500L), piAnswer(1_769_940_002_000L));
        write(
                "sessions/x/b.jsonl",
                PI_SESSION.replace("s-1", "s-2"),
                piAnswer(1_769_940_001_500L),
                piAnswer(1_769_940_003_000L));
        run(new PiSource());
        assertThat(total().totalRecords()).isEqualTo(3);
        assertThat(total().totalOutputTokens()).isEqualTo(30);
    }

    @ParameterizedTest
    @MethodSource("logs")
    void rule11_copyOfALog_addsNothing(Log log) throws IOException {
        Path file = write(log);
        run(log.source());
        Files.copy(file, copyOf(file, log.source()));
        ImportReport again = run(log.source());
        assertThat(again.files()).as("the copy was read").isGreaterThan(0);
        assertThat(again.appended()).isZero();
        assertThat(record().tokens()).isEqualTo(CALL);
    }

    /** Where a log's copy is read: beside it, or in a folder of the same name where a log has one name. */
    private static Path copyOf(Path file, LogSource source) throws IOException {
        Path folder = file.getParent();
        String name = file.getFileName().toString();
        Path beside = file.resolveSibling(name.replace(".", "-2."));
        boolean named = source.reads(beside) && !name.contains("messages.json") && !name.contains("settings.json");
        return named
                ? beside
                : Files.createDirectories(folder.resolveSibling("copy").resolve(folder.getFileName()))
                        .resolve(name);
    }

    /** All that a ledger says of its history. */
    private record History(Summary total, List<LedgerEntry> entries, VerifyReport verify) {}

    private History history() {
        return new History(
                total(),
                ledger.records(RecordQuery.over(TimeWindow.all()).history(true).build())
                        .entries(),
                ledger.verify());
    }

    /** Deleting the source log does not delete history. */
    @ParameterizedTest
    @MethodSource("logs")
    void rule21_deletingTheLog_deletesNoHistory(Log log) throws IOException {
        Path file = write(log);
        run(log.source());
        History before = history();
        assertThat(before.total().totalRecords()).isEqualTo(1);
        assertThat(before.verify().clean()).isTrue();

        Files.delete(file);
        ImportReport again = run(log.source());
        assertThat(Map.of("lines", again.lines(), "appended", again.appended(), "corrected", again.corrected()))
                .isEqualTo(Map.of("lines", 0L, "appended", 0L, "corrected", 0L));
        assertThat(history()).isEqualTo(before);

        // A log that comes back is the one that was read.
        write(log);
        assertThat(run(log.source()).appended()).isZero();
        assertThat(history()).isEqualTo(before);
    }

    private Path write(Log log) throws IOException {
        return write(log.file(), log.lines().toArray(String[]::new));
    }
}
