package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole documents with flipped, lost and repeated bytes: nothing crashes, every line is told of once, no call counts twice. */
class MutatedDocumentsTest {

    private static final int MUTATIONS = 60;

    @TempDir
    Path folder;

    private static final String AMP = """
            {"id":"T-a","messages":[{"role":"assistant","messageId":1,"usage":{"cacheReadInputTokens":7}}],"usageLedger":{"events":[\
            {"id":"e-1","timestamp":"2026-05-01T11:42:10.652Z","model":"m","tokens":{"input":10,"output":5},"toMessageId":1}]}}""";
    private static final String GEMINI = """
            {"sessionId":"g-1","messages":[{"id":"m-1","timestamp":"2026-04-01T08:00:05.250Z","type":"gemini","model":"m",\
            "tokens":{"input":10,"output":5,"cached":2,"thoughts":1,"tool":0,"total":16}}]}""";
    private static final String OPEN_CODE = """
            {"id":"msg_1","sessionID":"ses_1","role":"assistant","modelID":"m","providerID":"p","cost":0.25,"time":{\
            "created":1775000000000,"completed":1775000001000},"tokens":{"input":10,"output":5,"reasoning":1,"cache":{"read":2,\
            "write":1}}}""";
    private static final String LITE_LLM = """
            [{"request_id":"r-1","spend":0.25,"prompt_tokens":10,"completion_tokens":5,"startTime":"2026-01-05T10:00:00Z",\
            "model":"m","metadata":{"usage_object":{"cache_read_input_tokens":2}},"request_tags":["a"]}]""";

    private static final String LITE_LLM_PAGE = "{\"data\":" + LITE_LLM + ",\"total\":1,\"page\":1,\"total_pages\":1}";

    private static final String DROID = """
            {"model":"m","providerLock":"anthropic","providerLockTimestamp":"2026-05-01T10:00:00Z","tokenUsage":{"inputTokens":9,\
            "outputTokens":5,"cacheReadTokens":3,"thinkingTokens":0},"title":"grüße"}""";
    private static final String CLINE = """
            [{"ts":1767225600000,"type":"say","say":"text","text":"grüße"},{"ts":1767225601000,"type":"say","say":\
            "api_req_started","text":"{\\"request\\":\\"grüße\\",\\"tokensIn\\":9,\\"tokensOut\\":5,\\"cacheReads\\":3,\\"cost\\":0.5}"}]""";
    private static final String CLINE_SESSION = """
            {"sessionId":"s","messages":[{"id":"a","role":"assistant","ts":1767225601000,"content":"grüße","modelInfo":{"id":"m"},\
            "metrics":{"inputTokens":9,"outputTokens":5,"cacheReadTokens":3}}]}""";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void documents_giveOneCallOrSayWhyNot(long seed) throws IOException {
        Random random = new Random(seed);
        hold(
                AMP,
                random,
                seed,
                text -> run(importer -> importer.run(new AmpSource(), List.of(file("T-a.json", text)))));
        hold(
                GEMINI,
                random,
                seed,
                text -> run(importer -> importer.run(new GeminiCliSource(), List.of(file("session-a.json", text)))));
        hold(
                OPEN_CODE,
                random,
                seed,
                text -> run(importer -> importer.run(new OpenCodeSource(), List.of(file("msg_1.json", text)))));
        hold(
                DROID,
                random,
                seed,
                text -> run(importer -> importer.run(new DroidSource(), List.of(file("d.settings.json", text)))));
        hold(
                CLINE,
                random,
                seed,
                text -> run(importer -> importer.run(ClineSource.rooCode(), List.of(file("ui_messages.json", text)))));
        hold(
                CLINE_SESSION,
                random,
                seed,
                text -> run(importer -> importer.run(ClineSource.cline(), List.of(file("s.messages.json", text)))));
        for (String rows : List.of(LITE_LLM, LITE_LLM_PAGE)) {
            hold(
                    rows,
                    random,
                    seed,
                    text -> run(importer ->
                            importer.run(new LiteLlmSource(), ImportFile.of("rows", new ByteArrayInputStream(text)))));
        }
    }

    /** What an import into an empty ledger came to. */
    private record Outcome(ImportReport report, long records) {}

    private static Outcome run(Function<Importer, ImportReport> reading) {
        InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty());
        ImportReport report = reading.apply(Importer.into(ledger).build());
        return new Outcome(report, ledger.summary(TimeWindow.all()).totalRecords());
    }

    private Path file(String name, byte[] text) {
        try {
            return Files.write(folder.resolve(name), text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void hold(String document, Random random, long seed, Function<byte[], Outcome> reading) {
        byte[] whole = document.getBytes(StandardCharsets.UTF_8);
        assertThat(reading.apply(whole).records()).isEqualTo(1);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutated = mutated(whole, random);
            Outcome outcome = reading.apply(mutated);
            ImportReport report = outcome.report();
            assertThat(report.lines())
                    .as("seed %d: %s", seed, new String(mutated, StandardCharsets.UTF_8))
                    .isEqualTo(report.used() + report.ignored() + report.skipped());
            assertThat(outcome.records())
                    .as("seed %d: %s", seed, new String(mutated, StandardCharsets.UTF_8))
                    .isEqualTo(report.appended())
                    .isBetween(0L, 1L);
        }
    }

    private static byte[] mutated(byte[] whole, Random random) {
        int at = random.nextInt(whole.length);
        int length = 1 + random.nextInt(Math.min(12, whole.length - at));
        byte[] mutated = whole.clone();
        return switch (random.nextInt(4)) {
            case 0 -> {
                mutated[at] ^= (byte) (1 << random.nextInt(8));
                yield mutated;
            }
            case 1 -> Arrays.copyOf(whole, at);
            case 2 -> joined(Arrays.copyOf(whole, at), Arrays.copyOfRange(whole, at + length, whole.length));
            default -> joined(Arrays.copyOf(whole, at + length), Arrays.copyOfRange(whole, at, whole.length));
        };
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] joined = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, joined, one.length, other.length);
        return joined;
    }
}
