package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Google's Gemini {@code usageMetadata}, format {@code gemini}: {@code cachedContentTokenCount} is inside
 * {@code promptTokenCount}, {@code toolUsePromptTokenCount} beside it; thoughts are <em>outside</em>
 * {@code candidatesTokenCount}, so output = candidates + thoughts.
 *
 * <p>Audio and image parts come from the lists by modality; a cached part is taken off by {@code cacheTokensDetails}, and cached
 * audio is a part of the cache reads. Video and documents cost what text costs. The Live API says {@code responseTokenCount} and
 * {@code responseTokensDetails} for the candidates' counts; the Interactions API says {@code total_input_tokens}, {@code
 * total_output_tokens}, {@code total_thought_tokens}, {@code …_by_modality}, with thoughts inside the output or beside it as the
 * total proves. Names with underscores, as a client library writes them, are the same names.
 *
 * <p>A {@code totalTokenCount} above the sum of the others where no thoughts are stated proves thoughts: they are added, noted as
 * {@code reasoning_from_total}; any other that is not the sum is noted as {@code total_differs}. Vertex AI's {@code trafficType}
 * says which service tier served.
 */
public final class Gemini implements UsagePayload {

    private static final Set<String> MODALITIES =
            Set.of("TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT", "MODALITY_UNSPECIFIED");

    /** Vertex AI's traffic types by the service tier that they stand for. */
    private static final Map<String, String> TIERS = Map.of(
            "", "",
            "TRAFFIC_TYPE_UNSPECIFIED", "",
            "ON_DEMAND", "",
            "ON_DEMAND_FLEX", "flex",
            "ON_DEMAND_PRIORITY", "priority");

    Gemini() {}

    @Override
    public String format() {
        return "gemini";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(named(usage));
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        boolean interaction = figures.has("totalInputTokens") || figures.has("totalOutputTokens");
        Shape shape = interaction ? Shape.INTERACTION : figures.has("responseTokenCount") ? Shape.LIVE : Shape.GENERATE;
        long prompt = figures.count(shape.prompt);
        long answer = figures.count(shape.answer);
        long thoughts = figures.first("thoughtsTokenCount", "totalThoughtTokens", "totalReasoningTokens");
        long toolUse = figures.count(shape.toolUse);
        figures.requireAny();
        if (shape == Shape.LIVE) {
            // Later versions of the Live API state both.
            figures.ignore("candidatesTokenCount", "candidatesTokensDetails");
        }
        long reads = figures.count(shape.cached);
        long uncached = figures.without(shape.prompt, prompt, shape.cached, reads);
        Modalities prompted = new Modalities(shape.promptDetails, figures, read);
        Modalities cached = new Modalities(shape.cachedDetails, figures, read);
        Modalities answered = new Modalities(shape.answerDetails, figures, read);
        Modalities tool = new Modalities(shape.toolUseDetails, figures, read);
        long audioIn = without(figures, shape, prompted.audio, cached.audio);
        long imageIn = without(figures, shape, prompted.image, cached.image);
        if (audioIn + imageIn > uncached) {
            // Which modality the cached tokens were of is only known where the cache's own list says so.
            read.note("input_parts_partly_cached");
            audioIn = Math.min(audioIn, uncached);
            imageIn = Math.min(imageIn, uncached - audioIn);
        }
        long text = figures.without(shape.toolUse, toolUse, shape.toolUseDetails, tool.audio);
        figures.without(shape.toolUse, text, shape.toolUseDetails, tool.image);
        text = figures.without(shape.answer, answer, shape.answerDetails, answered.audio);
        figures.without(shape.answer, text, shape.answerDetails, answered.image);
        long output = answer + thoughts;
        if (figures.has(shape.total)) {
            long total = figures.total(shape.total);
            long rest = total - prompt - toolUse;
            if (interaction && thoughts > 0 && thoughts <= answer && rest == answer) {
                output = answer;
            } else if (thoughts == 0 && rest > answer && figures.has(shape.answer)) {
                thoughts = rest - answer;
                output = rest;
                read.note("reasoning_from_total");
            } else if (rest != output) {
                read.note("total_differs");
            }
        }
        String traffic = figures.text("trafficType");
        String tier = TIERS.getOrDefault(traffic, traffic.toLowerCase(Locale.ROOT));
        return read.tokens(TokenCounts.builder()
                        .input(uncached + toolUse)
                        .output(output)
                        .cacheRead(reads)
                        .reasoning(thoughts)
                        .audioInput(audioIn + tool.audio)
                        .imageInput(imageIn + tool.image)
                        .audioOutput(answered.audio)
                        .imageOutput(answered.image)
                        .cachedAudioRead(Math.min(cached.audio, reads))
                        .build())
                .serviceTier(tier.isEmpty() ? figures.word("serviceTier") : tier)
                .build(figures);
    }

    private static long without(Figures figures, Shape shape, long part, long cached) {
        return figures.without(shape.promptDetails, part, shape.cachedDetails, cached);
    }

    /** Where an API states what. */
    private enum Shape {
        GENERATE(
                "promptTokenCount",
                "candidatesTokenCount",
                "cachedContentTokenCount",
                "toolUsePromptTokenCount",
                "totalTokenCount",
                "promptTokensDetails",
                "candidatesTokensDetails",
                "cacheTokensDetails",
                "toolUsePromptTokensDetails"),
        LIVE(
                "promptTokenCount",
                "responseTokenCount",
                "cachedContentTokenCount",
                "toolUsePromptTokenCount",
                "totalTokenCount",
                "promptTokensDetails",
                "responseTokensDetails",
                "cacheTokensDetails",
                "toolUsePromptTokensDetails"),
        INTERACTION(
                "totalInputTokens",
                "totalOutputTokens",
                "totalCachedTokens",
                "totalToolUseTokens",
                "totalTokens",
                "inputTokensByModality",
                "outputTokensByModality",
                "cachedTokensByModality",
                "toolUseTokensByModality");

        private final String prompt;
        private final String answer;
        private final String cached;
        private final String toolUse;
        private final String total;
        private final String promptDetails;
        private final String answerDetails;
        private final String cachedDetails;
        private final String toolUseDetails;

        Shape(String... names) {
            prompt = names[0];
            answer = names[1];
            cached = names[2];
            toolUse = names[3];
            total = names[4];
            promptDetails = names[5];
            answerDetails = names[6];
            cachedDetails = names[7];
            toolUseDetails = names[8];
        }
    }

    /** The parts of a list that may have rates of their own. */
    private static final class Modalities {

        private long audio;
        private long image;

        Modalities(String field, Figures figures, PayloadUsage.Builder read) {
            List<Figures> details = figures.objects(field);
            for (Figures detail : details) {
                String modality = detail.text("modality").toUpperCase(Locale.ROOT);
                long count = detail.first("tokenCount", "tokens");
                if (modality.equals("AUDIO")) {
                    audio += count;
                } else if (modality.equals("IMAGE")) {
                    image += count;
                } else if (count > 0 && !modality.isEmpty() && !MODALITIES.contains(modality)) {
                    read.leftOut(field + ".modality_" + modality.toLowerCase(Locale.ROOT));
                }
            }
        }
    }

    /** The object with names in camel case, which some client libraries write with underscores. */
    private static Node.Mapping named(Node.Mapping object) {
        boolean camel = object.members().keySet().stream().noneMatch(name -> name.indexOf('_') >= 0);
        if (camel) {
            return object;
        }
        Map<String, Node> members = new LinkedHashMap<>();
        object.members().forEach((name, value) -> members.putIfAbsent(camel(name), named(value)));
        return new Node.Mapping(object.place(), members, object.keys());
    }

    private static Node named(Node node) {
        if (node instanceof Node.Mapping mapping) {
            return named(mapping);
        }
        return node instanceof Node.Sequence sequence
                ? new Node.Sequence(
                        sequence.place(),
                        sequence.items().stream().map(Gemini::named).toList())
                : node;
    }

    private static String camel(String name) {
        StringBuilder camel = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean begins = i > 0 && name.charAt(i - 1) == '_' && c >= 'a' && c <= 'z';
            if (c != '_' || i == 0) {
                camel.append(begins ? (char) (c - 'a' + 'A') : c);
            }
        }
        return camel.toString();
    }
}
