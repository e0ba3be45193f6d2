package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Mistral's chat, format {@code mistral}: the {@link OpenAiChat} shape; cached tokens are inside {@code prompt_tokens},
 * reasoning is not told apart. Audio is billed by time: each of the {@code prompt_audio_seconds}, a fraction of one taken for
 * one, is a paid call {@code audio_second}, whose fee a price file can state.
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
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = OpenAiChat.counts(figures, OpenAiChat.CACHED, notes);
        figures.requireAny();
        SortedMap<String, Long> calls = new TreeMap<>();
        long seconds = seconds(figures);
        if (seconds > 0) {
            calls.put("audio_second", seconds);
        }
        return new PayloadUsage(tokens, calls, "", false, notes, Optional.empty());
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
