package dev.tokenledger.payloads.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.payloads.telemetry.MetricPoint.Temporality;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Points in the shapes of Claude Code, Codex and Gemini CLI. */
class MetricUsageTest {

    private static final Instant TIME = Instant.parse("2026-11-03T10:15:00.25Z");

    private static final List<MetricPoint> CLAUDE = List.of(
            claude("input", 1_000.0),
            claude("output", 200.0),
            claude("cacheRead", 5_000.0),
            claude("cacheCreation", 300.0),
            point("claude_code.cost.usage", 0.0086, Map.of("session.id", "s-1", "model", "claude-sonnet-4-5")));

    private static final List<MetricPoint> CODEX = List.of(
            codex("total", 1_300L),
            codex("input", 1_000L),
            codex("cached_input", 400L),
            codex("output", 300L),
            codex("reasoning_output", 120L));

    private static final List<MetricPoint> GEMINI = List.of(
            gemini("input", 1_000L),
            gemini("output", 300L),
            gemini("thought", 120L),
            gemini("cache", 400L),
            gemini("tool", 50L));

    private static MetricPoint claude(String type, Object value) {
        return point(
                "claude_code.token.usage",
                value,
                Map.of(
                        "session.id",
                        "s-1",
                        "model",
                        "claude-sonnet-4-5",
                        "user.email",
                        "eve@example.org",
                        "type",
                        type));
    }

    private static MetricPoint codex(String type, Object value) {
        return point("codex.turn.token_usage", value, Map.of("model", "gpt-5", "token_type", type));
    }

    private static MetricPoint gemini(String type, Object value) {
        return point("gemini_cli.token.usage", value, Map.of("model", "gemini-2.5-pro", "type", type));
    }

    private static MetricPoint point(String metric, Object value, Map<String, Object> attributes) {
        return point(metric, Temporality.DELTA, Optional.of(TIME), value, attributes);
    }

    private static MetricPoint point(
            String metric,
            Temporality temporality,
            Optional<Instant> time,
            Object value,
            Map<String, Object> attributes) {
        return new MetricPoint(
                metric, "scope", temporality, time, value, attributes, Map.of("service.name", "x", "team", "search"));
    }

    @Test
    void claudeCode_kindsAreApart() {
        // The cost has no address of a user here, so it is told of apart.
        List<Batch.Step.Revise> steps = MetricUsage.read(CLAUDE.subList(0, 4)).steps();
        assertThat(steps).hasSize(1);
        UsageRecord record = steps.get(0).record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(1_000)
                        .output(200)
                        .cacheRead(5_000)
                        .cacheCreation(300)
                        .build());
        assertThat(record.aggregate()).isTrue();
        assertThat(record.sessionId()).isEqualTo("s-1");
        assertThat(record.source()).isEqualTo("opentelemetry-metrics");
        assertThat(record.timestamp()).contains(TIME);
        assertThat(record.notes()).contains("cache_split_missing");
        assertThat(record.attributes())
                .containsEntry("user.email", "eve@example.org")
                .containsEntry("team", "search")
                .doesNotContainKey("type");
    }

    @Test
    void claudeCode_costOfTheSameSeriesIsReported() {
        Map<String, Object> series = Map.of("session.id", "s-1", "model", "claude-sonnet-4-5");
        List<Batch.Step.Revise> steps = MetricUsage.read(List.of(
                        point("claude_code.cost.usage", 0.0086, series),
                        point(
                                "claude_code.token.usage",
                                10L,
                                Map.of("session.id", "s-1", "model", "claude-sonnet-4-5", "type", "output"))))
                .steps();
        assertThat(steps).hasSize(1);
        assertThat(steps.get(0).record().reportedCost().orElseThrow()).hasToString("0.0086");
    }

    @Test
    void codex_cachedIsInsideTheInput_andReasoningInsideTheOutput() {
        List<Batch.Step.Revise> steps = MetricUsage.read(CODEX).steps();
        assertThat(steps).hasSize(1);
        assertThat(steps.get(0).record().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(600)
                        .cacheRead(400)
                        .output(300)
                        .reasoning(120)
                        .build());
        assertThat(steps.get(0).record().identity().provider()).isEqualTo("openai");
    }

    @Test
    void gemini_thoughtsAreBesideTheOutput_andToolsBesideTheInput() {
        List<Batch.Step.Revise> steps = MetricUsage.read(GEMINI).steps();
        TokenCounts first = steps.get(0).record().tokens();
        TokenCounts second = steps.get(1).record().tokens();
        assertThat(first.input() + second.input()).isEqualTo(650);
        assertThat(first.cacheRead() + second.cacheRead()).isEqualTo(400);
        assertThat(first.output() + second.output()).isEqualTo(420);
        assertThat(first.reasoning() + second.reasoning()).isEqualTo(120);
        assertThat(steps.get(0).record().identity().provider()).isEqualTo("google");
    }

    /** A collector may cut a request between two points, and an exporter send it again. */
    @Test
    void pointsInAnyOrderAndRequests_areCountedOnce() {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        Random random = new Random(seed);
        for (List<MetricPoint> points : List.of(CLAUDE, CODEX, GEMINI)) {
            Summary whole = totals(List.of(points));
            for (int i = 0; i < 50; i++) {
                List<MetricPoint> shuffled = new ArrayList<>(points);
                Collections.shuffle(shuffled, random);
                int cut = random.nextInt(shuffled.size() + 1);
                List<List<MetricPoint>> requests = new ArrayList<>(
                        List.of(shuffled.subList(0, cut), shuffled.subList(cut, shuffled.size()), points));
                Collections.shuffle(requests, random);
                assertThat(totals(requests)).as("seed %s, round %s", seed, i).isEqualTo(whole);
            }
        }
    }

    private static Summary totals(List<List<MetricPoint>> requests) {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled())) {
            for (List<MetricPoint> request : requests) {
                MetricUsage.Reading reading = MetricUsage.read(request);
                assertThat(reading.refusals()).isEmpty();
                Batch.Builder batch = Batch.builder();
                reading.steps().forEach(batch::step);
                assertThat(ledger.write(batch.build())).noneMatch(AppendResult.Rejected.class::isInstance);
            }
            return ledger.summary(TimeWindow.all());
        }
    }

    @Test
    void otherSeriesAndMoments_areOtherRecords() {
        MetricPoint later = point(
                "codex.turn.token_usage",
                Temporality.DELTA,
                Optional.of(TIME.plusSeconds(60)),
                5L,
                Map.of("model", "gpt-5", "token_type", "input"));
        MetricPoint other =
                point("codex.turn.token_usage", 5L, Map.of("model", "gpt-5", "tmux", true, "token_type", "input"));
        List<Batch.Step.Revise> steps =
                MetricUsage.read(List.of(codex("input", 5L), later, other)).steps();
        assertThat(steps)
                .extracting(Batch.Step.Revise::key)
                .doesNotHaveDuplicates()
                .hasSize(3);
    }

    @Test
    void whatIsNoDelta_isRefusedAndSaysWhatToSet() {
        Map<String, Object> series = Map.of("model", "gemini-2.5-pro", "type", "input");
        MetricUsage.Reading reading = MetricUsage.read(List.of(
                point("gemini_cli.token.usage", Temporality.CUMULATIVE, Optional.of(TIME), 5L, series),
                point("gemini_cli.token.usage", Temporality.NONE, Optional.of(TIME), 5L, series),
                point("gemini_cli.token.usage", Temporality.DELTA, Optional.empty(), 5L, series)));
        assertThat(reading.steps()).isEmpty();
        assertThat(reading.refusals()).hasSize(3);
        assertThat(reading.refusals().get(0))
                .startsWith("aggregationTemporality: gemini_cli.token.usage is cumulative")
                .endsWith("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta where it is sent");
        assertThat(reading.refusals().get(2)).startsWith("timeUnixNano: ");
    }

    @Test
    void impossiblePoints_areRefusedAlone() {
        MetricUsage.Reading reading = MetricUsage.read(List.of(
                codex("input", -1L),
                codex("input", 1.5),
                codex("input", Double.NaN),
                codex("shadow", 5L),
                claude("", 5L),
                codex("output", 7L)));
        assertThat(reading.refusals())
                .hasSize(5)
                .anyMatch(refusal -> refusal.equals("token_type: this kind of tokens is not known: \"shadow\""));
        assertThat(reading.steps()).hasSize(1);
        assertThat(reading.steps().get(0).record().tokens().output()).isEqualTo(7);
    }

    @Test
    void nothingUsed_isNoRecord_andOtherMetricsArePassedOver() {
        MetricUsage.Reading reading = MetricUsage.read(List.of(
                codex("input", 0L),
                point("gen_ai.client.token.usage", 5L, Map.of("gen_ai.token.type", "input")),
                point("claude_code.cost.usage", 0.0, Map.of("model", "claude-sonnet-4-5"))));
        assertThat(reading.steps()).isEmpty();
        assertThat(reading.refusals()).isEmpty();
    }

    @Test
    void programs_areToldByMetricScopeOrService() {
        assertThat(MetricProgram.of("claude_code.session.count", "", "")).isEqualTo(MetricProgram.CLAUDE_CODE);
        assertThat(MetricProgram.of("http.duration", "", "claude-code-desktop")).isEqualTo(MetricProgram.CLAUDE_CODE);
        assertThat(MetricProgram.of("codex.api_request", "", "")).isEqualTo(MetricProgram.CODEX);
        assertThat(MetricProgram.of("gen_ai.client.token.usage", "gemini-cli", ""))
                .isEqualTo(MetricProgram.GEMINI_CLI);
        assertThat(MetricProgram.of("gen_ai.client.token.usage", "", "")).isEqualTo(MetricProgram.OTHER);
    }
}
