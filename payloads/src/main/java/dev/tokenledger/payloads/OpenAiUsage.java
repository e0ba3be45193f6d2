package dev.tokenledger.payloads;

import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What OpenAI's two dialects and all who speak them have in common: a whole for either side, and details of what is in it.
 *
 * <p>The dialects differ in names alone: {@code prompt_tokens} and {@code completion_tokens} (chat), {@code input_tokens} and
 * {@code output_tokens} (Responses, images, Realtime). An object may state both; where the ones of its format are all zero, as in
 * the object of a finished batch, the other ones count.
 */
final class OpenAiUsage {

    /** The names of one dialect. */
    enum Dialect {
        CHAT("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"),
        RESPONSES("input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details");

        private final String input;
        private final String output;
        private final String inputDetails;
        private final String outputDetails;

        Dialect(String input, String output, String inputDetails, String outputDetails) {
            this.input = input;
            this.output = output;
            this.inputDetails = inputDetails;
            this.outputDetails = outputDetails;
        }

        private Dialect other() {
            return this == CHAT ? RESPONSES : CHAT;
        }
    }

    /** xAI counts money in ticks of 10⁻¹⁰ USD. */
    private static final int USD_TICK_DIGITS = 10;

    /** Tools of xAI's that price lists call otherwise. */
    private static final Map<String, String> TOOL_NAMES = Map.of("code_interpreter", "code_execution");

    /** Tools that cost nothing by call. */
    private static final Set<String> FREE_TOOLS = Set.of("mcp", "web_fetch");

    private static final String CALLS = "_calls";
    private static final String REQUESTS = "_requests";

    private final Figures figures;
    private final PayloadUsage.Builder usage;
    private final Dialect dialect;
    private final Figures in;
    private final Figures out;
    private final String inName;
    private final String outName;
    private boolean perplexity;

    private OpenAiUsage(Figures figures, Dialect format, PayloadUsage.Builder usage) {
        this.figures = figures;
        this.usage = usage;
        boolean stated = figures.has(format.input) || figures.has(format.output);
        boolean nothing = figures.count(format.input) == 0 && figures.count(format.output) == 0;
        Dialect other = format.other();
        boolean swapped = stated && nothing && (positive(other.input) || positive(other.output));
        dialect = swapped ? other : format;
        if (swapped) {
            usage.note("other_dialect_counted");
        }
        Dialect unused = dialect.other();
        figures.ignore(unused.input, unused.output, unused.inputDetails, unused.outputDetails);
        inName = details(dialect.inputDetails);
        outName = details(dialect.outputDetails);
        in = figures.object(inName);
        out = figures.object(outName);
    }

    private boolean positive(String field) {
        return figures.has(field) && figures.total(field) > 0;
    }

    /** Realtime and transcriptions leave an s out of the middle of the name. */
    private String details(String name) {
        String short_ = name.replace("_tokens_details", "_token_details");
        return !figures.has(name) && figures.has(short_) ? short_ : name;
    }

    /** All that an object of this shape says. */
    static void read(Figures figures, Dialect format, String topReads, PayloadUsage.Builder usage) {
        new OpenAiUsage(figures, format, usage).read(topReads);
    }

    private void read(String topReads) {
        long input = figures.count(dialect.input);
        long output = figures.count(dialect.output);
        long citations = figures.count("citation_tokens");
        perplexity = figures.has("citation_tokens")
                || figures.has("num_search_queries")
                || figures.has("search_context_size");
        long total = figures.total("total_tokens");
        // What the cache had to do with it.
        boolean inDetails = in.has("cached_tokens");
        long top = figures.first(topReads, "cache_read_input_tokens");
        long reads = inDetails ? in.count("cached_tokens") : top;
        // Each gateway has the split by time to live elsewhere, and some have it twice.
        List<Figures> splits = List.of(
                in.object("cache_creation"),
                in.object("cache_creation_token_details"),
                figures.object("cache_creation"));
        long writes1h = largest("ephemeral_1h_input_tokens", splits);
        long writes5m = largest("ephemeral_5m_input_tokens", splits);
        long inDetailsWritten = in.first("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens");
        long topWritten = figures.first("cache_creation_input_tokens", "cache_write_tokens", "cache_creation_tokens");
        long written = inDetailsWritten == 0 ? topWritten : inDetailsWritten;
        if (writes5m + writes1h > written) {
            if (written > 0) {
                usage.note("cache_split_above_total");
            }
            written = writes5m + writes1h;
        }
        String kind = in.text("cache_type");
        if (kind.equals("ephemeral") && writes5m + writes1h == 0) {
            writes5m = written;
        }
        long uncached;
        boolean beside = inDetailsWritten == 0
                && !inDetails
                && reads + written > 0
                && (reads + written > input || (total > 0 && total == input + output + reads + written))
                && figures.has("cache_creation_input_tokens");
        if (beside) {
            // Of a gateway that hands on Anthropic's counts: the total or the figures themselves prove it.
            usage.note("input_leaves_cached_out");
            uncached = input;
        } else {
            String readsName = inDetails ? inName + ".cached_tokens" : topReads;
            uncached = figures.without(dialect.input, input, readsName, reads);
            uncached = figures.without(dialect.input, uncached, inName + ".cache_write_tokens", written);
        }
        // Parts of the input, by modality; the cache may say which of them it served.
        Figures cached = in.object("cached_tokens_details");
        long cachedAudio = Math.min(cached.count("audio_tokens"), reads);
        long cachedImage = cached.count("image_tokens");
        cached.ignore("text_tokens");
        in.ignore("text_tokens");
        long audioIn = in.count("audio_tokens");
        long imageIn = in.count("image_tokens");
        long rest = figures.without(dialect.input, input, inName + ".audio_tokens", audioIn);
        figures.without(dialect.input, rest, inName + ".image_tokens", imageIn);
        audioIn = Math.max(0, audioIn - cachedAudio);
        imageIn = Math.max(0, imageIn - cachedImage);
        if (audioIn + imageIn > uncached) {
            usage.note("input_parts_partly_cached");
            audioIn = Math.min(audioIn, uncached);
            imageIn = Math.min(imageIn, uncached - audioIn);
        }
        if (in.count("video_tokens") > 0) {
            usage.note("video_at_input_rate");
        }
        if (citations > 0) {
            usage.note("citations_added_to_input");
        }
        // The output.
        long reasoning = out.count("reasoning_tokens");
        long topReasoning = figures.count("reasoning_tokens");
        if (reasoning == 0 && topReasoning > 0) {
            reasoning = topReasoning;
            if (perplexity || reasoning > output || total == input + output + reasoning) {
                output += reasoning;
                usage.note("reasoning_added_to_output");
            }
        } else if (reasoning > 0 && total == input + output + reasoning) {
            output += reasoning;
            usage.note("reasoning_added_to_output");
        }
        long audioOut = out.count("audio_tokens");
        long imageOut = out.count("image_tokens");
        out.ignore("text_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens");
        if (dialect == Dialect.RESPONSES && in.has("image_tokens") && !inDetails && !figures.has(outName)) {
            // Of the endpoint that makes images, as it answered before it had details of the output.
            imageOut = output;
            usage.note("output_taken_for_images");
        }
        long left = figures.without(dialect.output, output, outName + ".reasoning_tokens", reasoning);
        left = figures.without(dialect.output, left, outName + ".audio_tokens", audioOut);
        figures.without(dialect.output, left, outName + ".image_tokens", imageOut);
        long sum = (beside ? input + reads + written : input) + output;
        if (figures.has("total_tokens") && total != sum) {
            if (total > sum && reasoning == 0 && !perplexity && output > 0) {
                // Gemini's thoughts, behind a gateway that leaves them out of the answer's tokens. Embeddings and
                // rankings have no output whose thoughts a total could prove.
                reasoning = total - sum;
                output += reasoning;
                usage.note("reasoning_from_total");
            } else if (!perplexity || (total != sum - reasoning && total != sum + citations)) {
                usage.note("total_differs");
            }
        }
        usage.tokens(TokenCounts.builder()
                .input(uncached + citations)
                .output(output)
                .cacheCreation(written)
                .cacheCreation5m(writes5m)
                .cacheCreation1h(writes1h)
                .cacheRead(reads)
                .reasoning(reasoning)
                .audioInput(audioIn)
                .imageInput(imageIn)
                .audioOutput(audioOut)
                .imageOutput(imageOut)
                .cachedAudioRead(cachedAudio)
                .build());
        tools();
        money();
        figures.ignore("x_details", "prompt_tokens_total", "cost_details", "is_byok");
        String tier = figures.word("service_tier");
        if (!tier.isEmpty()) {
            usage.serviceTier(tier);
        }
        durations();
    }

    private static long largest(String field, List<Figures> objects) {
        return objects.stream().mapToLong(object -> object.count(field)).max().orElse(0);
    }

    /** Transcriptions by time: begun seconds are paid units. */
    private void durations() {
        if (figures.word("type").equals("duration")) {
            BigDecimal seconds =
                    figures.amount("seconds").orElse(BigDecimal.ZERO).setScale(0, RoundingMode.CEILING);
            if (seconds.compareTo(BigDecimal.valueOf(TokenCounts.LIMIT)) > 0) {
                throw figures.refused("seconds", "expected at most " + TokenCounts.LIMIT);
            }
            figures.foundAny();
            usage.calls("second", seconds.longValueExact());
        }
    }

    private void tools() {
        Figures own = figures.object("server_side_tool_usage_details");
        long detailed = 0;
        for (String name : own.names()) {
            long count = own.count(name);
            detailed += count;
            if (name.endsWith(CALLS)) {
                tool(name.substring(0, name.length() - CALLS.length()), count);
            } else {
                tool(name, count);
            }
        }
        long all = figures.count("num_server_side_tools_used");
        if (all > detailed) {
            usage.calls("server_side_tool", all - detailed);
        }
        usage.calls("search_source", figures.count("num_sources_used"));
        Figures requests = figures.object("server_tool_use");
        for (String name : requests.names()) {
            if (name.endsWith(REQUESTS)) {
                tool(name.substring(0, name.length() - REQUESTS.length()), requests.count(name));
            }
        }
        searches();
    }

    private void tool(String name, long count) {
        String known = TOOL_NAMES.getOrDefault(name, name);
        if (!FREE_TOOLS.contains(known) && count > 0) {
            if (isName(known)) {
                usage.calls(known, count);
            } else {
                usage.calls("server_side_tool", count);
            }
        }
    }

    /** Whether a record can count calls by this name. */
    static boolean isName(String text) {
        return text.matches("[a-z][a-z0-9_]{0,62}") && !text.equals("unpriced");
    }

    /** Perplexity: deep research pays by search, the others a fee for each request by the size of its search context. */
    private void searches() {
        long queries = figures.count("num_search_queries");
        String size = figures.word("search_context_size");
        Figures stated = figures.isObject("cost") ? figures.object("cost") : Figures.none();
        boolean requestFee =
                stated.amount("request_cost").filter(cost -> cost.signum() > 0).isPresent();
        boolean searchFee = stated.amount("search_queries_cost")
                .filter(cost -> cost.signum() > 0)
                .isPresent();
        boolean deep = figures.has("citation_tokens") || figures.has("reasoning_tokens") || searchFee;
        if (queries > 0 && (deep || (size.isEmpty() && !requestFee))) {
            usage.calls("web_search", queries);
        }
        if (requestFee || (!size.isEmpty() && !deep)) {
            boolean known = List.of("low", "medium", "high").contains(size);
            usage.calls(known ? "request_" + size : "request", 1);
        }
    }

    private void money() {
        Optional<BigDecimal> ticks = figures.amount("cost_in_usd_ticks");
        if (ticks.isPresent()) {
            usage.reportedCost(ticks.map(count -> Usd.rounded(count.scaleByPowerOfTen(-USD_TICK_DIGITS))));
            return;
        }
        if (figures.isObject("cost")) {
            Figures cost = figures.object("cost");
            usage.reportedCost(cost.amount("total_cost").map(Usd::rounded));
            cost.ignore(cost.names().toArray(String[]::new));
            return;
        }
        Figures details = figures.isObject("cost_details") ? figures.object("cost_details") : Figures.none();
        BigDecimal upstream = figures.isTrue("is_byok")
                ? details.amount("upstream_inference_cost").orElse(BigDecimal.ZERO)
                : BigDecimal.ZERO;
        details.ignore(details.names().toArray(String[]::new));
        usage.reportedCost(figures.amount("cost").map(cost -> Usd.rounded(cost.add(upstream))));
    }
}
