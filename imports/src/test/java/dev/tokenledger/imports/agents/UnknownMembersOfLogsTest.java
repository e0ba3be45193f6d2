package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No figure may be called priced that leaves out something of the price that the log itself states. */
class UnknownMembersOfLogsTest {

    private static final List<String> NAMES = List.of(
            "cache_holo_input_tokens",
            "audio_seconds",
            "image_count",
            "videoTokens",
            "server_side_calls",
            "tool_runs",
            "hyperTokens",
            "num_things",
            "total_fee",
            "extra_cost");

    @TempDir
    private Path folder;

    /** A log of one call, with a place for another member of its figures. */
    private record Sample(LogSource source, String file, String text) {}

    private static final List<Sample> SAMPLES = List.of(
            new Sample(new ClaudeCodeSource(), "p/s.jsonl", """
                    {"type":"assistant","timestamp":"2026-03-01T12:00:00Z","requestId":"req_1","message":{"id":"msg_1",\
                    "model":"house","stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":6@}}}
                    """),
            new Sample(new CodexSource(), "sessions/a.jsonl", """
                    {"timestamp":"2026-03-01T12:00:00Z","type":"session_meta","payload":{"id":"s"}}
                    {"timestamp":"2026-03-01T12:00:00Z","type":"turn_context","payload":{"model":"house"}}
                    {"timestamp":"2026-03-01T12:00:00Z","type":"event_msg","payload":{"type":"token_count","info":\
                    {"total_token_usage":{"input_tokens":5,"output_tokens":6,"total_tokens":11@}}}}
                    """),
            new Sample(new GeminiCliSource(), "tmp/p/chats/session-1.json", """
                    {"sessionId":"s","messages":[{"id":"m","type":"gemini","timestamp":"2026-03-01T12:00:00Z","model":"house",\
                    "tokens":{"input":5,"output":6,"total":11@}}]}
                    """),
            new Sample(new PiSource(), "sessions/a.jsonl", """
                    {"type":"message","timestamp":"2026-03-01T12:00:00Z","message":{"role":"assistant","model":"house",\
                    "usage":{"input":5,"output":6,"totalTokens":11@}}}
                    """),
            new Sample(new OpenClawSource(), "agents/a/sessions/a.jsonl.reset.1", """
                    {"type":"message","timestamp":"2026-03-01T12:00:00Z","message":{"role":"assistant","model":"house",\
                    "usage":{"input":5,"output":6,"totalTokens":11@}}}
                    """),
            new Sample(new GrokSource(), "sessions/p/s/updates.jsonl", """
                    {"timestamp":1772366400,"params":{"sessionId":"s","update":{"sessionUpdate":"turn_completed","prompt_id":"p",\
                    "usage":{"modelUsage":{"house":{"inputTokens":5,"outputTokens":6,"totalTokens":11@}}}}}}
                    """),
            new Sample(new QwenSource(), "projects/p/chats/s.jsonl", """
                    {"uuid":"u","type":"assistant","timestamp":"2026-03-01T12:00:00Z","model":"house",\
                    "usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":6,"totalTokenCount":11@}}
                    """),
            new Sample(new CopilotSource(), "session-state/s/events.jsonl", """
                    {"type":"session.shutdown","timestamp":"2026-03-01T12:00:00Z","data":{"modelMetrics":{"house":\
                    {"usage":{"inputTokens":5,"outputTokens":6@}}}}}
                    """),
            new Sample(ClineSource.cline(), "sessions/s/s.messages.json", """
                    {"messages":[{"id":"a","role":"assistant","ts":1772366400000,"modelInfo":{"id":"house"},"metrics":\
                    {"inputTokens":5,"outputTokens":6@}}]}
                    """),
            new Sample(new DroidSource(), "sessions/p/d.settings.json", """
                    {"model":"house","providerLockTimestamp":"2026-03-01T12:00:00Z","tokenUsage":{"inputTokens":5,"outputTokens":6@}}
                    """),
            new Sample(new KimiSource(), "sessions/h/s/wire.jsonl", """
                    {"timestamp":1772366400,"message":{"type":"StatusUpdate","payload":{"model":"house","message_id":"m",\
                    "token_usage":{"input_other":5,"output":6@}}}}
                    """),
            new Sample(new KimiSource(), "sessions/wd_h/s/agents/main/wire.jsonl", """
                    {"type":"usage.record","model":"house","usage":{"inputOther":5,"output":6@},"time":1772366400000}
                    """),
            new Sample(new OmpSource(), "sessions/a/b.jsonl", """
                    {"type":"message","timestamp":"2026-03-01T12:00:00Z","message":{"role":"assistant","model":"house",\
                    "usage":{"input":5,"output":6,"totalTokens":11@}}}
                    """),
            new Sample(new OpenCodeSource(), "storage/message/s/msg_1.json", """
                    {"id":"msg_1","role":"assistant","modelID":"house","time":{"created":1775000000000,"completed":1775000000009},\
                    "tokens":{"input":5,"output":6,"reasoning":0@}}
                    """));

    private static final PriceBook PRICES = PriceBook.of(
            List.of(PriceEntry.builder("house").rates(Rates.of("1", "2")).build()));

    private PricingStatus status(Sample sample, String member) throws IOException {
        try (InMemoryLedger ledger = InMemoryLedger.open(PRICES)) {
            Path root = Files.createTempDirectory(folder, "log");
            Path file = root.resolve(sample.file);
            Files.createDirectories(file.getParent());
            Files.writeString(file, sample.text.replace("@", member));
            Importer.into(ledger).build().run(sample.source, List.of(root));
            return only(ledger);
        }
    }

    private static PricingStatus only(InMemoryLedger ledger) {
        List<LedgerEntry> entries = ledger.records(
                        RecordQuery.over(TimeWindow.all()).limit(10).build())
                .entries();
        assertThat(entries).hasSize(1);
        return entries.get(0).cost().status();
    }

    @Test
    void knownMembers_arePriced() throws IOException {
        for (Sample sample : SAMPLES) {
            assertThat(status(sample, "")).as(sample.source.name()).isEqualTo(PricingStatus.PRICED);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void unknownMemberOfThePrice_isNeverCalledPriced(long seed) throws IOException {
        Random random = new Random(seed);
        for (Sample sample : SAMPLES) {
            for (String name : NAMES) {
                String value = Integer.toString(1 + random.nextInt(10_000));
                String member = ",\"" + name + "\":" + value;
                String nested = ",\"brand_new_details\":{\"deeper\":{\"" + name + "\":" + value + "}}";
                String chosen = random.nextBoolean() ? member : nested;
                assertThat(status(sample, chosen))
                        .as("seed %d, %s, %s", seed, sample.source.name(), chosen)
                        .isEqualTo(PricingStatus.PARTIAL);
                assertThat(status(sample, chosen.replace(":" + value, ":0")))
                        .as("seed %d, %s, %s is 0", seed, sample.source.name(), name)
                        .isEqualTo(PricingStatus.PRICED);
            }
        }
    }

    @Test
    void unknownMemberOfALiteLlmRow_isNeverCalledPriced() {
        for (String name : NAMES) {
            try (InMemoryLedger ledger = InMemoryLedger.open(PRICES)) {
                String row = """
                        {"request_id":"r","startTime":"2026-03-01T12:00:00Z","model":"house","prompt_tokens":5,\
                        "completion_tokens":6,"metadata":{"usage_object":{"prompt_tokens":5,"%s":3}}}
                        """.formatted(name);
                Importer.into(ledger)
                        .build()
                        .run(
                                new LiteLlmSource(),
                                ImportFile.of("rows", new ByteArrayInputStream(row.getBytes(StandardCharsets.UTF_8))));
                assertThat(only(ledger)).as(name).isEqualTo(PricingStatus.PARTIAL);
            }
        }
    }
}
