package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.Batch;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.payloads.telemetry.MetricPoint.Temporality;
import dev.tokenledger.payloads.telemetry.Names.ClaudeCode;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes records of the metrics in which Claude Code, Codex and Gemini CLI count tokens: one for everything that a program tells
 * of one moment by points that differ in the kind of tokens alone, standing for any number of calls ({@code aggregate}). Log
 * events and spans tell of the same calls one by one, and nothing in a metric says which, so whoever sends both must not make
 * records of metrics.
 *
 * <p>A record is known by its points' attributes and their moment. A request that comes again adds nothing, and points that come
 * in several requests are put together in whatever order: of each kind of tokens the larger figure counts.
 */
public final class MetricUsage {

    /** The source of the records. */
    public static final String SOURCE = "opentelemetry-metrics";

    private static final String CLAUDE_TOKENS = "claude_code.token.usage";
    private static final String CLAUDE_COST = "claude_code.cost.usage";
    private static final String CODEX_TOKENS = "codex.turn.token_usage";
    private static final String GEMINI_TOKENS = "gemini_cli.token.usage";

    private static final Set<String> METRICS = Set.of(CLAUDE_TOKENS, CLAUDE_COST, CODEX_TOKENS, GEMINI_TOKENS);

    /** What names the kind of tokens: no attribute of the calls. */
    private static final String TYPE = "type";

    private static final String CODEX_TYPE = "token_type";

    /** What the other kinds add up to. */
    private static final String CODEX_TOTAL = "total";

    /** Beside the prompt that Gemini's {@code input} is of. */
    private static final String GEMINI_TOOL = "tool";

    private static final int MAX_SHOWN_LENGTH = 32;

    private MetricUsage() {}

    /** Whether records can be made of a metric of this name. */
    public static boolean reads(String metric) {
        return METRICS.contains(metric);
    }

    /**
     * What a ledger is to write.
     *
     * @param steps a step for each record
     * @param refusals why points could not be read, a reason for each of them; begins with the attribute or field
     */
    public record Reading(List<Batch.Step.Revise> steps, List<String> refusals) {

        /** Copies the lists. */
        public Reading {
            steps = List.copyOf(steps);
            refusals = List.copyOf(refusals);
        }
    }

    /** Reads the points of one request; those of other metrics are passed over. */
    public static Reading read(List<MetricPoint> points) {
        Map<String, Group> groups = new LinkedHashMap<>();
        List<String> refusals = new ArrayList<>();
        for (MetricPoint point : points) {
            if (!reads(point.metric())) {
                continue;
            }
            try {
                String type = type(point);
                if (!type.equals(CODEX_TOTAL)) {
                    groups.computeIfAbsent(key(point, type), key -> new Group(point))
                            .add(point, type);
                }
            } catch (IllegalArgumentException e) {
                refusals.add(String.valueOf(e.getMessage()));
            }
        }
        List<Batch.Step.Revise> steps = new ArrayList<>();
        groups.forEach((key, group) -> {
            if (group.isEmpty()) {
                return;
            }
            try {
                Kind kind = group.kind;
                steps.add(new Batch.Step.Revise(
                        key, group.record(), (inForce, offered) -> merged(kind, inForce, offered)));
            } catch (IllegalArgumentException e) {
                group.points.forEach(point -> refusals.add(String.valueOf(e.getMessage())));
            }
        });
        return new Reading(steps, refusals);
    }

    /** How a program's kinds of tokens lie in one another. */
    private enum Kind {
        /** All apart from one another. */
        CLAUDE_CODE(false, false),
        /** What was cached is inside the input, and reasoning inside the output. */
        CODEX(true, true),
        /** What was cached is inside the input; thoughts are beside the output. */
        GEMINI_CLI(true, false);

        final boolean cachedInside;
        final boolean reasoningInside;

        Kind(boolean cachedInside, boolean reasoningInside) {
            this.cachedInside = cachedInside;
            this.reasoningInside = reasoningInside;
        }

        static Kind of(String metric) {
            return switch (metric) {
                case CODEX_TOKENS -> CODEX;
                case GEMINI_TOKENS -> GEMINI_CLI;
                default -> CLAUDE_CODE;
            };
        }
    }

    /** Points that one record is made of. */
    private static final class Group {

        private final Kind kind;
        private final MetricPoint first;
        private final List<MetricPoint> points = new ArrayList<>();
        private final Map<Field, Long> counts = new HashMap<>();
        private Optional<Usd> cost = Optional.empty();

        Group(MetricPoint first) {
            this.first = first;
            kind = Kind.of(first.metric());
        }

        void add(MetricPoint point, String type) {
            Attributes value = new Attributes(Map.of(point.metric(), point.value()));
            if (point.metric().equals(CLAUDE_COST)) {
                Optional<Usd> more = value.usd(point.metric());
                cost = cost.isPresent() && more.isPresent()
                        ? Optional.of(cost.get().plus(more.get()))
                        : more;
            } else {
                counts.merge(Field.of(kind, type), value.count(point.metric()), Math::addExact);
            }
            points.add(point);
        }

        boolean isEmpty() {
            return counts.values().stream().allMatch(count -> count == 0)
                    && cost.filter(amount -> !amount.equals(Usd.ZERO)).isEmpty();
        }

        UsageRecord record() {
            Map<String, Object> stated = new HashMap<>(first.attributes());
            stated.remove(TYPE);
            stated.remove(CODEX_TYPE);
            Attributes attributes = new Attributes(stated);
            UsageRecord.Builder builder = UsageRecord.builder();
            String model = attributes.model(ClaudeCode.MODEL);
            String named = model.isEmpty() ? "unknown" : model;
            switch (kind) {
                case CLAUDE_CODE ->
                    builder.model(named)
                            .serviceTier(attributes.text(ClaudeCode.SPEED).equals("fast") ? "fast" : "");
                case CODEX -> builder.upstreamModel(named).provider("openai");
                case GEMINI_CLI -> builder.upstreamModel(named).provider("google");
            }
            TokenCounts tokens = tokens();
            builder.tokens(tokens)
                    .aggregate(true)
                    .sessionId(LabelText.sanitize(session(attributes), Bound.ID, builder))
                    .source(SOURCE);
            if (tokens.cacheCreation() > 0) {
                builder.note("cache_split_missing");
            }
            cost.ifPresent(builder::reportedCost);
            first.time().ifPresent(builder::timestamp);
            Signal signal = new Signal(
                    first.metric(), first.scope(), "", "", first.time(), Optional.empty(), false, stated, labels());
            Labels.set(builder, signal, attributes);
            return builder.build();
        }

        /** The resource, without what tells machines and processes apart. */
        private Map<String, Object> labels() {
            Map<String, Object> labels = new HashMap<>(first.resource());
            labels.keySet().removeIf(name -> !Labels.isRead(name) || name.equals(Names.SESSION));
            return labels;
        }

        private String session(Attributes attributes) {
            String stated = attributes.text(Names.SESSION);
            return stated.isEmpty() ? new Attributes(first.resource()).text(Names.SESSION) : stated;
        }

        private TokenCounts tokens() {
            long read = counts.getOrDefault(Field.CACHE_READ, 0L);
            long written = counts.getOrDefault(Field.CACHE_WRITE, 0L);
            long input = counts.getOrDefault(Field.INPUT, 0L);
            long output = counts.getOrDefault(Field.OUTPUT, 0L);
            long reasoning = counts.getOrDefault(Field.REASONING, 0L);
            return TokenCounts.builder()
                    // A part that came without its whole is at least as much as the whole is known to be.
                    .input(kind.cachedInside ? Math.max(0, input - read) : input)
                    .output(kind.reasoningInside ? Math.max(output, reasoning) : output + reasoning)
                    .cacheCreation(written)
                    .cacheRead(read)
                    .reasoning(reasoning)
                    .build();
        }
    }

    /** What a point counts. */
    private enum Field {
        INPUT,
        OUTPUT,
        CACHE_READ,
        CACHE_WRITE,
        REASONING;

        /**
         * By a program's word.
         *
         * @throws IllegalArgumentException for a word that is not known, so that no tokens are left out in silence
         */
        static Field of(Kind kind, String type) {
            Map<String, Field> words = switch (kind) {
                case CLAUDE_CODE ->
                    Map.of("input", INPUT, "output", OUTPUT, "cacheRead", CACHE_READ, "cacheCreation", CACHE_WRITE);
                case CODEX ->
                    Map.of("input", INPUT, "output", OUTPUT, "cached_input", CACHE_READ, "reasoning_output", REASONING);
                case GEMINI_CLI ->
                    Map.of(
                            "input",
                            INPUT,
                            "output",
                            OUTPUT,
                            "cache",
                            CACHE_READ,
                            "thought",
                            REASONING,
                            GEMINI_TOOL,
                            INPUT);
            };
            Field field = words.get(type);
            if (field == null) {
                throw Attributes.refused(
                        kind == Kind.CODEX ? CODEX_TYPE : TYPE,
                        "this kind of tokens is not known: \"" + Texts.cut(type, MAX_SHOWN_LENGTH) + "\"");
            }
            return field;
        }
    }

    /** The kind of tokens that a point counts; empty for money. Checks what else a point must be. */
    private static String type(MetricPoint point) {
        if (point.temporality() == Temporality.CUMULATIVE) {
            throw Attributes.refused(
                    "aggregationTemporality",
                    point.metric() + " is cumulative, and only what came since the last point can be recorded; set"
                            + " OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta where it is sent");
        }
        if (point.temporality() == Temporality.NONE) {
            throw Attributes.refused(
                    "aggregationTemporality", point.metric() + " is expected to be a sum of delta temporality");
        }
        if (point.time().isEmpty()) {
            throw Attributes.refused("timeUnixNano", point.metric() + " has a point without a time");
        }
        if (point.metric().equals(CLAUDE_COST)) {
            return "";
        }
        Attributes attributes = new Attributes(point.attributes());
        String type = attributes.text(point.metric().equals(CODEX_TOKENS) ? CODEX_TYPE : TYPE);
        if (!(point.metric().equals(CODEX_TOKENS) && type.equals(CODEX_TOTAL))) {
            Field.of(Kind.of(point.metric()), type);
        }
        return type;
    }

    private static String key(MetricPoint point, String type) {
        List<String> parts = new ArrayList<>();
        Kind kind = Kind.of(point.metric());
        parts.add(kind.name());
        // Of its own, because it adds to the input, of which otherwise the larger figure counts.
        parts.add(kind == Kind.GEMINI_CLI && type.equals(GEMINI_TOOL) ? GEMINI_TOOL : "");
        parts.add(point.scope());
        parts.add(point.time().map(Instant::toString).orElse(""));
        Map<String, Object> series = new TreeMap<>(point.attributes());
        series.remove(TYPE);
        series.remove(CODEX_TYPE);
        parts.add(Integer.toString(series.size()));
        series.forEach((name, value) -> {
            parts.add(name);
            parts.add(value.toString());
        });
        new TreeMap<>(point.resource()).forEach((name, value) -> {
            parts.add(name);
            parts.add(value.toString());
        });
        return Keys.digest(SOURCE, parts.toArray(String[]::new));
    }

    /** Both tellings of one moment put together. */
    private static UsageRecord merged(Kind kind, UsageRecord inForce, UsageRecord offered) {
        TokenCounts one = inForce.tokens();
        TokenCounts other = offered.tokens();
        long read = Math.max(one.cacheRead(), other.cacheRead());
        long written = Math.max(one.cacheCreation(), other.cacheCreation());
        long reasoning = Math.max(one.reasoning(), other.reasoning());
        long input = kind.cachedInside
                ? Math.max(one.totalInput(), other.totalInput()) - read - written
                : Math.max(one.input(), other.input());
        long output = kind.reasoningInside
                ? Math.max(one.output(), other.output())
                : Math.max(one.output() - one.reasoning(), other.output() - other.reasoning()) + reasoning;
        TokenCounts tokens = TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(written)
                .cacheRead(read)
                .reasoning(reasoning)
                .build();
        Optional<Usd> cost = inForce.reportedCost()
                .map(amount -> offered.reportedCost()
                        .filter(more -> more.compareTo(amount) > 0)
                        .orElse(amount))
                .or(offered::reportedCost);
        if (tokens.equals(one) && cost.equals(inForce.reportedCost())) {
            return inForce;
        }
        UsageRecord.Builder merged = inForce.toBuilder().tokens(tokens);
        cost.ifPresent(merged::reportedCost);
        if (written > 0) {
            merged.note("cache_split_missing");
        }
        return merged.build();
    }
}
