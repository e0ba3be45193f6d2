package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Google's Gemini {@code usageMetadata}, format {@code gemini}: {@code cachedContentTokenCount} is inside
 * {@code promptTokenCount}, {@code toolUsePromptTokenCount} beside it; thoughts are <em>outside</em>
 * {@code candidatesTokenCount}, so output = candidates + thoughts.
 *
 * <p>Audio and image parts come from the lists by modality; a cached part is taken off by {@code cacheTokensDetails}. A
 * {@code totalTokenCount} that is not the sum of the others is noted as {@code total_differs}.
 */
public final class Gemini implements UsagePayload {

    Gemini() {}

    @Override
    public String format() {
        return "gemini";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        long prompt = figures.count("promptTokenCount");
        long candidates = figures.count("candidatesTokenCount");
        long thoughts = figures.count("thoughtsTokenCount");
        long toolUse = figures.count("toolUsePromptTokenCount");
        figures.requireAny();
        long reads = figures.count("cachedContentTokenCount");
        long uncached = figures.without("promptTokenCount", prompt, "cachedContentTokenCount", reads);
        SortedSet<String> notes = new TreeSet<>();
        long audioIn = uncachedPart(figures, "AUDIO");
        long imageIn = uncachedPart(figures, "IMAGE");
        if (audioIn + imageIn > uncached) {
            // Which modality the cached tokens were of is only known where the cache's own list says so.
            notes.add("input_parts_partly_cached");
            audioIn = Math.min(audioIn, uncached);
            imageIn = Math.min(imageIn, uncached - audioIn);
        }
        List<Figures> out = figures.objects("candidatesTokensDetails");
        long audioOut = modality(out, "AUDIO");
        long imageOut = modality(out, "IMAGE");
        long text = figures.without("candidatesTokenCount", candidates, "candidatesTokensDetails", audioOut);
        figures.without("candidatesTokenCount", text, "candidatesTokensDetails", imageOut);
        if (figures.has("totalTokenCount")
                && figures.total("totalTokenCount") != prompt + candidates + thoughts + toolUse) {
            notes.add("total_differs");
        }
        return PayloadUsage.of(
                new TokenCounts(
                        uncached + toolUse,
                        candidates + thoughts,
                        0,
                        0,
                        0,
                        reads,
                        thoughts,
                        audioIn,
                        imageIn,
                        audioOut,
                        imageOut),
                notes);
    }

    private static long uncachedPart(Figures figures, String modality) {
        long part = modality(figures.objects("promptTokensDetails"), modality);
        long cached = modality(figures.objects("cacheTokensDetails"), modality);
        return figures.without("promptTokensDetails", part, "cacheTokensDetails", cached);
    }

    private static long modality(List<Figures> details, String modality) {
        long sum = 0;
        for (Figures detail : details) {
            if (detail.text("modality").equals(modality)) {
                sum += detail.count("tokenCount");
            }
        }
        return sum;
    }
}
