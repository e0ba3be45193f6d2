package dev.tokenledger.imports.agents;

import static dev.tokenledger.imports.agents.Transcript.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.money.Usd;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.payloads.telemetry.Signal;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call that an agent's log and its telemetry both tell of is one record, in whatever order and however often they come. */
class ToldTwiceTest extends LogTest {

    private static final String MODEL = "claude-sonnet-4-5-20250929";

    private static Signal event(String request, Object... more) {
        Map<String, Object> attributes = new HashMap<>(Map.of(
                "event.name",
                "api_request",
                "session.id",
                "session-1",
                "model",
                MODEL,
                "input_tokens",
                10L,
                "output_tokens",
                20L,
                "cache_read_tokens",
                40L,
                "cache_creation_tokens",
                30L,
                "request_id",
                request,
                "duration_ms",
                2_000L,
                "cost_usd",
                0.0125));
        attributes.put("user.email", "ada@example.org");
        for (int i = 0; i < more.length; i += 2) {
            attributes.put(more[i].toString(), more[i + 1]);
        }
        return new Signal(
                "claude_code.api_request",
                "com.anthropic.claude_code.events",
                "",
                "",
                Optional.of(Instant.parse("2026-03-01T12:00:01Z")),
                Optional.empty(),
                false,
                attributes,
                Map.of("service.name", "claude-code"));
    }

    private void send(Signal event) {
        ledger.write(Batch.builder()
                .step(TelemetryReader.ofEvent(event).orElseThrow().step())
                .build());
    }

    private ImportReport run() {
        ImportReport report = Importer.into(ledger).build().run(new ClaudeCodeSource(), List.of(folder));
        assertThat(report.clean()).isTrue();
        return report;
    }

    private static UsageRecord withoutId(UsageRecord record) {
        return record.toBuilder().id("any").build();
    }

    @Test
    void eventAndTranscriptOfACall_areOneRecord_inEitherOrder() throws IOException {
        write("a.jsonl", row().toString());
        send(event("req_1"));
        run();
        UsageRecord eventFirst = record();
        assertThat(eventFirst.id().value()).isEqualTo("claude-code:msg_1");

        ToldTwiceTest other = new ToldTwiceTest();
        other.folder = folder;
        other.run();
        other.send(event("req_1"));
        assertThat(withoutId(other.record())).isEqualTo(withoutId(eventFirst));

        assertThat(eventFirst.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(20)
                        .cacheCreation(30)
                        .cacheCreation5m(12)
                        .cacheCreation1h(18)
                        .cacheRead(40)
                        .build());
        assertThat(eventFirst.source()).isEqualTo("claude-code");
        assertThat(eventFirst.role()).isEqualTo("interactive");
        assertThat(eventFirst.reportedCost()).contains(Usd.parse("0.0125"));
        assertThat(eventFirst.duration()).contains(Duration.ofSeconds(2));
        assertThat(eventFirst.timestamp()).contains(Instant.parse("2026-03-01T11:59:59Z"));
        assertThat(eventFirst.notes()).isEmpty();
        assertThat(eventFirst.attributes())
                .containsEntry("project", "/home/ada/engine")
                .containsEntry("user.email", "ada@example.org");
    }

    /** A transcript's output is mostly a snapshot; the event comes when the answer is there. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eventCompletesASnapshot(boolean eventFirst) throws IOException {
        write("a.jsonl", row().output(3).message("stop_reason", "null").toString());
        if (eventFirst) {
            send(event("req_1"));
            run();
        } else {
            run();
            send(event("req_1"));
        }
        assertThat(record().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(20)
                        .cacheCreation(30)
                        .cacheCreation5m(12)
                        .cacheCreation1h(18)
                        .cacheRead(40)
                        .build());
        assertThat(record().notes()).isEmpty();
        assertThat(record().outcome()).isEqualTo(Outcome.SUCCESS);
    }

    @Test
    void everyOrderAndEveryRepetition_givesTheSameRecord() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        write("a.jsonl", row().output(3).message("stop_reason", "null").toString());
        write("b.jsonl", row().toString());
        write("c.jsonl", row().sidechain().with("requestId", "\"req_2\"").toString());
        for (int round = 0; round < 40; round++) {
            ToldTwiceTest told = new ToldTwiceTest();
            told.folder = folder;
            List<Runnable> tellings = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                tellings.add(() -> told.send(event("req_1")));
                for (String name : List.of("a.jsonl", "b.jsonl", "c.jsonl")) {
                    tellings.add(() -> told.run(new ClaudeCodeSource(), folder.resolve(name)));
                }
            }
            Collections.shuffle(tellings, random);
            tellings.forEach(Runnable::run);
            assertThat(told.records()).as("seed %d, round %d", seed, round).hasSize(1);
            UsageRecord record = told.record();
            assertThat(record.tokens())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(TokenCounts.builder()
                            .input(10)
                            .output(20)
                            .cacheCreation(30)
                            .cacheCreation5m(12)
                            .cacheCreation1h(18)
                            .cacheRead(40)
                            .build());
            assertThat(record.reportedCost())
                    .as("seed %d, round %d", seed, round)
                    .contains(Usd.parse("0.0125"));
        }
    }

    @Test
    void sameTellingAgain_changesNothing() throws IOException {
        write("a.jsonl", row().toString());
        run();
        send(event("req_1"));
        UsageRecord first = record();
        send(event("req_1"));
        run();
        write("b.jsonl", row().toString());
        assertThat(run().corrected()).isZero();
        assertThat(record()).isEqualTo(first);
    }

    @Test
    void otherRequestsAndModelsAndSessions_areOtherCalls() throws IOException {
        write("a.jsonl", row().toString());
        run();
        send(event("req_2"));
        send(event("req_1", "session.id", "session-2"));
        send(event("req_1", "model", "claude-opus-4-8", "session.id", "session-3"));
        assertThat(records()).hasSize(3);
    }

    /** An adviser's call has the request's id too. */
    @Test
    void eventOfATurnWithAnAdviser_completesTheTurn() throws IOException {
        write(
                "a.jsonl",
                row().usage(
                                "iterations",
                                "[{\"type\":\"message\",\"input_tokens\":10,\"output_tokens\":20,"
                                        + "\"cache_read_input_tokens\":40,\"cache_creation_input_tokens\":30},"
                                        + "{\"type\":\"advisor_message\",\"model\":\"claude-opus-4-8\","
                                        + "\"input_tokens\":7,\"output_tokens\":5}]")
                        .toString());
        run();
        assertThat(records()).hasSize(2);
        send(event("req_1"));
        assertThat(records()).hasSize(2);
        assertThat(records().stream().filter(record -> record.reportedCost().isPresent()))
                .singleElement()
                .satisfies(record -> assertThat(record.identity().model()).isEqualTo(MODEL));
    }

    // ---- LiteLLM

    private static final String ROW = """
            {"request_id":"%1$s","call_type":"acompletion","spend":0.0042,"total_tokens":1050,"prompt_tokens":1000,\
            "completion_tokens":50,"startTime":"2026-01-05T10:00:00.250Z","endTime":"2026-01-05T10:00:02.000Z",\
            "model":"gpt-4o-mini","custom_llm_provider":"openai","user":"u-1","metadata":{"usage_object":\
            {"prompt_tokens_details":{"cached_tokens":600}}},"cache_hit":"False","status":"success"}""";

    private static Signal span(String scope, String response, Object... more) {
        Map<String, Object> attributes = new HashMap<>(Map.of(
                "gen_ai.operation.name",
                "acompletion",
                "gen_ai.system",
                "openai",
                "gen_ai.response.id",
                response,
                "gen_ai.request.model",
                "gpt-4o-mini",
                "gen_ai.usage.input_tokens",
                1_000L,
                "gen_ai.usage.output_tokens",
                50L));
        for (int i = 0; i < more.length; i += 2) {
            attributes.put(more[i].toString(), more[i + 1]);
        }
        return new Signal(
                "chat",
                scope,
                "0123456789abcdef0123456789abcdef",
                "0123456789abcdef",
                Optional.of(Instant.parse("2026-01-05T10:00:00Z")),
                Optional.of(Instant.parse("2026-01-05T10:00:03Z")),
                false,
                attributes,
                Map.of("service.name", "proxy"));
    }

    private void sendSpan(Signal span) {
        ledger.write(Batch.builder()
                .step(TelemetryReader.ofSpan(span).orElseThrow().step())
                .build());
    }

    private ImportReport rows(String text) {
        return Importer.into(ledger)
                .build()
                .run(
                        new LiteLlmSource(),
                        ImportFile.of("rows", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
    }

    private void answer(String response) {
        UsageRecord record = UsageRecord.builder()
                .upstreamModel("gpt-4o-mini")
                .provider("openai")
                .timestamp(Instant.parse("2026-01-05T10:00:02Z"))
                .upstreamRequestId(response)
                .tokens(TokenCounts.builder()
                        .input(400)
                        .output(50)
                        .cacheRead(600)
                        .build())
                .build();
        ledger.write(Batch.builder()
                .step(SameCall.answerStep(SameCall.answerKey("OpenAI", response).orElseThrow(), response, record))
                .build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"chatcmpl-0123456789abcdef", "chatcmpl-7"})
    void rowAndSpanOfACall_areOneRecord_inEveryOrder(String response) {
        for (int order = 0; order < 2; order++) {
            ToldTwiceTest told = new ToldTwiceTest();
            Runnable row = () ->
                    assertThat(told.rows(ROW.formatted(response)).conflicts()).isZero();
            Runnable span = () -> told.sendSpan(span("litellm", response));
            for (Runnable telling : order == 0 ? List.of(row, span, row, span) : List.of(span, row, span, row)) {
                telling.run();
            }
            UsageRecord record = told.record();
            assertThat(record.id().value()).startsWith("litellm:" + response);
            assertThat(record.tokens())
                    .isEqualTo(TokenCounts.builder()
                            .input(400)
                            .output(50)
                            .cacheRead(600)
                            .build());
            assertThat(record.reportedCost()).contains(Usd.parse("0.0042"));
            assertThat(record.attributes()).containsEntry("user", "u-1").containsEntry("service.name", "proxy");
        }
    }

    @Test
    void anotherRowUnderTheIdOfARow_isAConflict_alsoOnceASpanHasCompletedIt() {
        String response = "chatcmpl-0123456789abcdef";
        rows(ROW.formatted(response));
        String other = ROW.formatted(response).replace("0.0042", "0.0043");
        assertThat(rows(other).conflicts()).isEqualTo(1);
        sendSpan(span("litellm", response));
        assertThat(rows(other).conflicts()).isEqualTo(1);
        assertThat(rows(ROW.formatted(response)).duplicates()).isEqualTo(1);
        assertThat(record().reportedCost()).contains(Usd.parse("0.0042"));
    }

    @Test
    void rowSpanAndAnswer_areOneRecord_inEveryOrder() {
        String response = "chatcmpl-0123456789abcdef";
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            ToldTwiceTest told = new ToldTwiceTest();
            List<Runnable> tellings = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                tellings.add(() -> told.rows(ROW.formatted(response)));
                tellings.add(() -> told.sendSpan(span("litellm", response)));
                tellings.add(
                        () -> told.sendSpan(span("openlit.otel.openai", response, "gen_ai.operation.name", "chat")));
                tellings.add(() -> told.answer(response));
            }
            Collections.shuffle(tellings, random);
            tellings.forEach(Runnable::run);
            assertThat(told.records()).as("seed %d, round %d", seed, round).hasSize(1);
            assertThat(told.record().reportedCost())
                    .as("seed %d, round %d", seed, round)
                    .contains(Usd.parse("0.0042"));
            assertThat(told.record().tokens())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(TokenCounts.builder()
                            .input(400)
                            .output(50)
                            .cacheRead(600)
                            .build());
        }
    }

    /** Ollama's ids are small numbers that come again. */
    @Test
    void shortIdsOfAnswers_areNoKeys() {
        assertThat(SameCall.answerKey("ollama", "chatcmpl-417")).isEmpty();
        assertThat(SameCall.answerKey("", "chatcmpl-0123456789abcdef")).isEmpty();
        assertThat(SameCall.answerKey("OPEN_AI", " resp_1 ")).contains("openai:resp_1");
        assertThat(SameCall.answerKey("openai", "r".repeat(120)).orElseThrow()).hasSizeLessThan(100);
    }
}
