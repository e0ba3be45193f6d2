package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Anthropic's Messages API, format {@code anthropic-messages}: {@code input_tokens} leaves cached tokens out, so total
 * input = {@code input_tokens + cache_creation_input_tokens + cache_read_input_tokens}. Thinking is inside
 * {@code output_tokens}.
 *
 * <p>{@code cache_creation} splits the writes by time to live; writes without a split are noted as
 * {@code cache_split_missing}. {@code server_tool_use.web_search_requests} are paid calls; web fetches are not charged by
 * call and not counted. {@code iterations} of type {@code compaction} ran on the same model but are left out of the counts
 * at the top: they are added, noted as {@code compaction_included}, and make the record an aggregate. Those of type
 * {@code advisor_message} ran on another model and need a record of their own: noted as {@code advisor_not_included}.
 * {@code speed: fast} counts as service tier {@code fast}.
 *
 * <p>{@code inference_geo} says where the call was served. Prices here are those of {@code global}, so that any place
 * that costs something else is noted as {@code inference_geo_not_priced}.
 */
public final class AnthropicMessages implements UsagePayload {

    /** What is stated where the price is the ordinary one; nothing, too. */
    private static final Set<String> ORDINARY_PLACES = Set.of("", "global", "not_available");

    AnthropicMessages() {}

    /** Whether a call for which this {@code inference_geo} is stated has the ordinary price; empty if none is stated. */
    public static boolean ordinaryPlace(String inferenceGeo) {
        return ORDINARY_PLACES.contains(inferenceGeo);
    }

    @Override
    public String format() {
        return "anthropic-messages";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = counts(figures, notes);
        figures.requireAny();
        boolean aggregate = false;
        for (Figures iteration : figures.objects("iterations")) {
            switch (iteration.text("type")) {
                case "compaction" -> {
                    tokens = sum(tokens, counts(iteration, notes));
                    notes.add("compaction_included");
                    aggregate = true;
                }
                case "advisor_message" -> notes.add("advisor_not_included");
                default -> {
                    // A "message" iteration is what the counts at the top already hold.
                }
            }
        }
        if (!ordinaryPlace(figures.text("inference_geo"))) {
            notes.add("inference_geo_not_priced");
        }
        SortedMap<String, Long> calls = new TreeMap<>();
        calls.put("web_search", figures.object("server_tool_use").count("web_search_requests"));
        String tier = figures.text("speed").equals("fast") ? "fast" : figures.text("service_tier");
        return new PayloadUsage(tokens, calls, tier, aggregate, notes, Optional.empty());
    }

    private static TokenCounts counts(Figures figures, Set<String> notes) {
        long input = figures.count("input_tokens");
        long output = figures.count("output_tokens");
        long reads = figures.count("cache_read_input_tokens");
        Figures split = figures.object("cache_creation");
        long writes5m = split.count("ephemeral_5m_input_tokens");
        long writes1h = split.count("ephemeral_1h_input_tokens");
        boolean stated = figures.has("cache_creation_input_tokens");
        long writes = stated ? figures.count("cache_creation_input_tokens") : writes5m + writes1h;
        if (writes5m + writes1h > writes) {
            throw figures.refused(
                    "cache_creation",
                    (writes5m + writes1h) + " is more than the " + writes
                            + " of cache_creation_input_tokens that contain it");
        }
        if (writes > writes5m + writes1h) {
            notes.add("cache_split_missing");
        }
        Figures details = figures.object("output_tokens_details");
        long thinking = details.count("thinking_tokens");
        figures.without("output_tokens", output, "output_tokens_details.thinking_tokens", thinking);
        return new TokenCounts(input, output, writes, writes5m, writes1h, reads, thinking, 0, 0, 0, 0);
    }

    private static TokenCounts sum(TokenCounts one, TokenCounts other) {
        return new TokenCounts(
                one.input() + other.input(),
                one.output() + other.output(),
                one.cacheCreation() + other.cacheCreation(),
                one.cacheCreation5m() + other.cacheCreation5m(),
                one.cacheCreation1h() + other.cacheCreation1h(),
                one.cacheRead() + other.cacheRead(),
                one.reasoning() + other.reasoning(),
                0,
                0,
                0,
                0);
    }
}
