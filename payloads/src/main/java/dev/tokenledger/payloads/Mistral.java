package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Mistral's chat, format {@code mistral}: the {@link OpenAiChat} shape; cached tokens are inside {@code prompt_tokens},
 * reasoning is not told apart. Audio is billed by time: each of the {@code prompt_audio_seconds}, a fraction of one taken for
 * one, is a paid unit {@code audio_second}, whose fee a price file can state; so is a {@code page} of its OCR.
 */
public final class Mistral implements UsagePayload {

    private static final String SECONDS = "prompt_audio_seconds";

    Mistral() {}

    @Override
    public String format() {
        return "mistral";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        OpenAiUsage.read(figures, OpenAiUsage.Dialect.CHAT, "num_cached_tokens", read);
        long pages = figures.count("pages_processed");
        figures.ignore("doc_size_bytes");
        figures.requireAny();
        return read.calls("audio_second", seconds(figures)).calls("page", pages).build(figures);
    }

    /** The begun seconds. */
    private static long seconds(Figures figures) {
        BigDecimal seconds = figures.amount(SECONDS).orElse(BigDecimal.ZERO).setScale(0, RoundingMode.CEILING);
        if (seconds.compareTo(BigDecimal.valueOf(TokenCounts.LIMIT)) > 0) {
            throw figures.refused(SECONDS, "expected at most " + TokenCounts.LIMIT);
        }
        return seconds.longValueExact();
    }
}
