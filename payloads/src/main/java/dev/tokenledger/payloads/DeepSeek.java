package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * DeepSeek's chat, format {@code deepseek}: the {@link OpenAiChat} shape, and besides {@code prompt_tokens} =
 * {@code prompt_cache_hit_tokens + prompt_cache_miss_tokens}. Where both that and the details state the cached tokens they
 * must agree.
 */
public final class DeepSeek implements UsagePayload {

    DeepSeek() {}

    @Override
    public String format() {
        return "deepseek";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        long hit = figures.count("prompt_cache_hit_tokens");
        long miss = figures.count("prompt_cache_miss_tokens");
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = OpenAiChat.counts(figures, "prompt_cache_hit_tokens", notes);
        figures.requireAny();
        if (figures.has("prompt_cache_hit_tokens") && hit != tokens.cacheRead()) {
            throw figures.refused(
                    "prompt_cache_hit_tokens",
                    hit + " differs from prompt_tokens_details.cached_tokens, " + tokens.cacheRead());
        }
        long prompt = figures.count("prompt_tokens");
        if (figures.has("prompt_cache_miss_tokens") && hit + miss != prompt) {
            throw figures.refused(
                    "prompt_cache_miss_tokens",
                    hit + " + " + miss + " hit and missed differ from prompt_tokens, " + prompt);
        }
        return PayloadUsage.of(tokens, notes);
    }
}
