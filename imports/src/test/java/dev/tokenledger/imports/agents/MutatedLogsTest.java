package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs with flipped bytes, cut, joined and repeated lines: every line is told of once, and what stayed whole still counts. */
class MutatedLogsTest {

    @TempDir
    Path folder;

    /** Messages that say all about themselves. Each has a power of two as its output, so that a sum tells which counted. */
    private static List<String> messages(String form, int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(String.format(Locale.ROOT, form, i, 1L << i));
        }
        return lines;
    }

    private static final String PI = """
            {"type":"message","message":{"role":"assistant","content":"grüße","provider":"anthropic","model":"claude-opus-4-5",\
            "usage":{"input":1,"output":%2$s,"cacheRead":0,"cacheWrite":0,"cost":{"total":0.1}},"timestamp":17700000%1$05d}}""";
    private static final String GEMINI = """
            {"id":"m%1$s","timestamp":"2026-04-01T08:00:05.250Z","type":"gemini","content":"grüße","model":"gemini-2.5-pro",\
            "tokens":{"input":1,"output":%2$s,"cached":0,"thoughts":0,"tool":0,"total":3}}""";

    private static final String GROK = """
            {"timestamp":17700000%1$02d,"params":{"sessionId":"s","update":{"sessionUpdate":"turn_completed","prompt_id":"p%1$s",\
            "content":"grüße","usage":{"modelUsage":{"grok-code":{"inputTokens":1,"outputTokens":%2$s}}}}}}""";
    private static final String QWEN = """
            {"uuid":"u%1$s","type":"assistant","timestamp":"2026-04-01T08:00:05.250Z","model":"qwen3-coder","message":"grüße",\
            "usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":%2$s}}""";

    private static final String KIMI_CLI = """
            {"timestamp":1770983427.5,"message":{"type":"StatusUpdate","content":"grüße","payload":{"message_id":\
            "chatcmpl-3f0000000000-%1$s-%1$s","token_usage":{"input_other":1,"output":%2$s}}}}""";
    private static final String KIMI_CODE = """
            {"type":"usage.record","model":"kimi-code/k2","content":"grüße","usage":{"inputOther":1,"output":%2$s,\
            "inputCacheRead":0,"inputCacheCreation":0},"time":17809257%1$05d}""";

    /** A session's end, behind its beginning twice, so that its file's name never matters; no model's name is near another's. */
    private static final String COPILOT = """
            {"type":"session.start","data":{"sessionId":"s"}} {"type":"session.start","data":{"sessionId":"s"}} \
            {"type":"session.shutdown","content":"grüße","timestamp":"2026-04-01T08:00:05.250Z","data":{"modelMetrics":\
            {"model-%1$s-%1$s-%1$s":{"usage":{"inputTokens":1,"outputTokens":%2$s,"cacheReadTokens":0}}}}}""";

    private static final String CLAUDE = """
            {"type":"assistant","message":{"id":"msg_%2$s","model":"claude-opus-4-5","content":"grüße","stop_reason":"end_turn",\
            "usage":{"input_tokens":1,"output_tokens":%2$s}},"requestId":"req_%1$s","timestamp":"2026-04-01T08:00:05.250Z"}""";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void linesThatStayedWhole_countOnce(long seed) throws IOException {
        hold(new PiSource(), messages(PI, 36), seed, "a.jsonl");
        hold(new OpenClawSource(), messages(PI, 36), seed, "b.jsonl");
        hold(new GrokSource(), messages(GROK, 36), seed, "updates.jsonl");
        hold(new QwenSource(), messages(QWEN, 36), seed, "c.jsonl");
        hold(new OmpSource(), messages(PI, 36), seed, "d.jsonl");
        hold(new KimiSource(), messages(KIMI_CLI, 36), seed, "wire.jsonl");
        hold(new KimiSource(), messages(KIMI_CODE, 36), seed, "wire.jsonl");
        hold(new CopilotSource(), messages(COPILOT, 36), seed, "events.jsonl");
        hold(new ClaudeCodeSource(), messages(CLAUDE, 36), seed, "a.jsonl");
        hold(new GeminiCliSource(), messages(GEMINI, 36), seed, "session-a.jsonl");
    }

    private void hold(LogSource source, List<String> lines, long seed, String name) throws IOException {
        Random random = new Random(seed);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.write("{\"sessionId\":\"s\"}\n".getBytes(StandardCharsets.UTF_8));
        long whole = 0;
        for (int i = 0; i < lines.size(); i++) {
            byte[] line = (lines.get(i) + "\n").getBytes(StandardCharsets.UTF_8);
            switch (random.nextInt(6)) {
                case 0 -> {
                    line[random.nextInt(line.length - 1)] ^= (byte) (1 << random.nextInt(8));
                    text.write(line);
                }
                case 1 -> text.write(line, 0, random.nextInt(line.length));
                case 2 -> {
                    // Joined with the next line by nothing but a blank: two objects on a line.
                    line[line.length - 1] = ' ';
                    text.write(line);
                    text.write((lines.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
                    whole |= 1L << i;
                }
                case 3 -> {
                    text.write(line);
                    text.write(line);
                    whole |= 1L << i;
                }
                default -> {
                    text.write(line);
                    whole |= 1L << i;
                }
            }
            // What a cut line runs into is lost with it; so a line end stands between.
            text.write('\n');
        }
        Path file = Files.write(folder.resolve(name), text.toByteArray());
        InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty());
        ImportReport report = Importer.into(ledger).build().run(source, List.of(file));
        assertThat(report.lines()).as("seed %s", seed).isEqualTo(report.used() + report.ignored() + report.skipped());
        assertThat(report.lines()).as("seed %s", seed).isEqualTo(lines(text.toByteArray()));
        assertThat(report.corrected()).as("seed %s", seed).isZero();
        for (int i = 0; i < lines.size(); i++) {
            if ((whole & 1L << i) != 0) {
                long output = 1L << i;
                long found = ledger
                        .records(RecordQuery.over(TimeWindow.all()).limit(1_000).build())
                        .entries()
                        .stream()
                        .filter(entry -> entry.record().tokens().output() == output)
                        .count();
                assertThat(found).as("seed %s, line %s", seed, i).isEqualTo(1);
            }
        }
        Importer.into(ledger).build().run(source, List.of(file));
        Summary once = ledger.summary(TimeWindow.all());
        Files.write(folder.resolve("copy-" + name), text.toByteArray());
        Files.move(folder.resolve("copy-" + name), folder.resolve("session-copy.jsonl"));
        Importer.into(ledger).build().run(source, List.of(folder.resolve("session-copy.jsonl")));
        assertThat(ledger.summary(TimeWindow.all())).as("seed %s", seed).isEqualTo(once);
        Files.delete(folder.resolve("session-copy.jsonl"));
    }

    private static long lines(byte[] text) {
        long lines = 0;
        for (byte b : text) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void runningTotals_addUpToTheLastWhateverIsLostOrToldAgain(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> text = new ArrayList<>();
        text.add("{\"type\":\"session_meta\",\"payload\":{\"id\":\"s\"}}");
        text.add("{\"type\":\"turn_context\",\"payload\":{\"model\":\"gpt-5\"}}");
        long input = 0;
        long output = 0;
        int events = 60;
        List<String> told = new ArrayList<>();
        for (int i = 1; i <= events; i++) {
            long more = 1L + random.nextInt(500);
            long written = 1L + random.nextInt(90);
            input += more;
            output += written;
            String event = String.format(
                    Locale.ROOT,
                    "{\"timestamp\":\"2026-03-01T10:00:%02d.000Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\","
                            + "\"info\":{\"total_token_usage\":{\"input_tokens\":%s,\"output_tokens\":%s},"
                            + "\"last_token_usage\":{\"input_tokens\":%s,\"output_tokens\":%s}}}}",
                    i % 60,
                    input,
                    output,
                    more,
                    written);
            boolean last = i == events;
            switch (random.nextInt(5)) {
                case 0 -> text.add(last ? event : event.substring(0, random.nextInt(event.length())));
                case 1 -> {
                    text.add(event);
                    text.add(event);
                }
                case 2 -> {
                    // One of those told before is told again.
                    told.add(event);
                    text.add(event);
                    text.add(told.get(told.size() - 1 - random.nextInt(Math.min(9, told.size()))));
                }
                default -> {
                    told.add(event);
                    text.add(event);
                }
            }
        }
        Path file = Files.writeString(folder.resolve("a.jsonl"), String.join("\n", text) + "\n");
        InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty());
        ImportReport report = Importer.into(ledger).build().run(new CodexSource(), List.of(file));
        assertThat(report.lines()).as("seed %s", seed).isEqualTo(text.size());
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalInputTokens()).as("seed %s", seed).isEqualTo(input);
        assertThat(total.totalOutputTokens()).as("seed %s", seed).isEqualTo(output);
    }
}
