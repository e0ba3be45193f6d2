package dev.tokenledger.sources.payloads;

import dev.tokenledger.sources.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Mistral's chat, format {@code mistral}: the {@link OpenAiChat} shape; cached tokens are inside {@code prompt_tokens},
 * reasoning is not told apart. Seconds of audio are billed by time: {@code prompt_audio_seconds} above 0 are noted as
 * {@code audio_seconds_not_priced}.
 */
public final class Mistral implements UsagePayload {

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
        if (usage.members().get("prompt_audio_seconds") instanceof Node.Number seconds
                && new BigDecimal(seconds.literal()).signum() > 0) {
            notes.add("audio_seconds_not_priced");
        }
        return PayloadUsage.of(tokens, notes);
    }
}
