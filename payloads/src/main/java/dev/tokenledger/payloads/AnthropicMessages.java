package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Anthropic's Messages API, format {@code anthropic-messages}: {@code input_tokens} leaves cached tokens out, so total
 * input = {@code input_tokens + cache_creation_input_tokens + cache_read_input_tokens}. Thinking is inside
 * {@code output_tokens}.
 *
 * <p>{@code cache_creation} splits the writes by time to live; writes without a split are noted as {@code
 * cache_split_missing}, and where the split comes to more than the total, it counts and is noted as {@code
 * cache_split_above_total}. {@code server_tool_use} counts paid calls by tool; web fetches are not charged by call and not
 * counted.
 *
 * <p>{@code iterations} are the passes of the answer. The counts at the top are the sum of those of type {@code message}: a tier
 * is reached by a pass and never by a sum, so that several make the record an aggregate. Those of type {@code compaction} ran on
 * the same model but are left out of the counts at the top: they are added, noted as {@code compaction_included}. Those of type
 * {@code advisor_message} ran on another model and are {@linkplain PayloadUsage#advisors calls of their own}. A pass that names a
 * model is noted as {@code iteration_names_another_model}, one that fell back to it as {@code fallback_message}. {@code speed:
 * fast} counts as service tier {@code fast}; {@code inference_geo} is the region that served, where it names one.
 */
public final class AnthropicMessages implements UsagePayload {

    /** What is stated where the price is the ordinary one; nothing, too. */
    private static final Set<String> ORDINARY_PLACES = Set.of("", "global", "not_available");

    private static final String ADVISOR = "advisor_message";
    private static final String FALLBACK = "fallback_message";
    private static final String OTHER_MODEL = "iteration_names_another_model";

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
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        TokenCounts tokens = counts(figures, read.notes());
        figures.requireAny();
        List<TokenCounts> passes = new ArrayList<>();
        boolean compacted = false;
        for (Figures iteration : figures.objects("iterations")) {
            String type = iteration.text("type");
            String model = iteration.word("model");
            SortedSet<String> notes = new TreeSet<>();
            TokenCounts counts = counts(iteration, notes);
            switch (type) {
                case "compaction" -> {
                    tokens = tokens.plus(counts);
                    passes.add(counts);
                    read.notes().addAll(notes);
                    read.note("compaction_included");
                    compacted = true;
                }
                case ADVISOR -> read.advisor(new PayloadUsage.Advisor(model, counts, notes));
                case "message" -> passes.add(counts);
                case FALLBACK -> {
                    passes.add(counts);
                    read.note(FALLBACK);
                }
                default -> {
                    // What the counts at the top hold of a kind of pass that is not known, nobody can tell.
                    if (counts.totalInput() + counts.output() > 0) {
                        read.leftOut("iterations." + (type.isEmpty() ? "untyped" : type));
                    }
                }
            }
            if (!model.isEmpty() && !type.equals(ADVISOR)) {
                read.note(OTHER_MODEL);
            }
            // What else a pass says of its own is in the counts at the top, or read with them.
            iteration.object("server_tool_use").ignore("web_search_requests", "web_fetch_requests");
            iteration.ignore("service_tier", "inference_geo", "speed");
        }
        String place = figures.text("inference_geo");
        Figures tools = figures.object("server_tool_use");
        tools.ignore("web_fetch_requests");
        for (String name : tools.names()) {
            if (name.endsWith("_requests") && !name.equals("web_fetch_requests")) {
                String tool = name.substring(0, name.length() - "_requests".length());
                if (OpenAiUsage.isName(tool)) {
                    read.calls(tool, tools.count(name));
                }
            }
        }
        return read.tokens(tokens)
                .serviceTier(figures.text("speed").equals("fast") ? "fast" : figures.text("service_tier"))
                .region(ordinaryPlace(place) ? "" : place)
                .aggregate(compacted || passes.size() > 1)
                .passes(passesOf(passes, tokens))
                .build(figures);
    }

    /**
     * What each pass used, of passes that state less than the counts at the top: how long their cache writes live, where all live
     * alike, and how much was thought, as much of each pass's output as there is. Empty if they do not add up to those counts.
     */
    public static List<TokenCounts> passesOf(List<TokenCounts> stated, TokenCounts sum) {
        if (stated.size() < 2) {
            return List.of();
        }
        boolean all5m = sum.cacheCreation5m() == sum.cacheCreation();
        boolean all1h = sum.cacheCreation1h() == sum.cacheCreation();
        long thought = sum.reasoning();
        long added = 0;
        for (TokenCounts pass : stated) {
            added += pass.reasoning();
        }
        List<TokenCounts> passes = new ArrayList<>();
        for (TokenCounts pass : stated) {
            long reasoning = added == 0 ? Math.min(thought, pass.output()) : pass.reasoning();
            thought -= reasoning;
            boolean split = pass.cacheCreationUnattributed() == 0;
            passes.add(TokenCounts.builder()
                    .input(pass.input())
                    .output(pass.output())
                    .cacheCreation(pass.cacheCreation())
                    .cacheCreation5m(split ? pass.cacheCreation5m() : all5m ? pass.cacheCreation() : 0)
                    .cacheCreation1h(split ? pass.cacheCreation1h() : all1h && !all5m ? pass.cacheCreation() : 0)
                    .cacheRead(pass.cacheRead())
                    .reasoning(reasoning)
                    .build());
        }
        return sum.isSumOf(passes) ? passes : List.of();
    }

    private static TokenCounts counts(Figures figures, Set<String> notes) {
        long input = figures.count("input_tokens");
        long output = figures.count("output_tokens");
        long reads = figures.count("cache_read_input_tokens");
        Figures split = figures.object("cache_creation");
        long writes5m = split.count("ephemeral_5m_input_tokens");
        long writes1h = split.count("ephemeral_1h_input_tokens");
        long writes = figures.count("cache_creation_input_tokens");
        if (writes5m + writes1h > writes) {
            if (figures.has("cache_creation_input_tokens")) {
                notes.add("cache_split_above_total");
            }
            writes = writes5m + writes1h;
        } else if (writes > writes5m + writes1h) {
            notes.add("cache_split_missing");
        }
        Figures details = figures.object("output_tokens_details");
        long thinking = details.count("thinking_tokens");
        figures.without("output_tokens", output, "output_tokens_details.thinking_tokens", thinking);
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(writes)
                .cacheCreation5m(writes5m)
                .cacheCreation1h(writes1h)
                .cacheRead(reads)
                .reasoning(thinking)
                .build();
    }
}
