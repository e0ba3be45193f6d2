package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;

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
    public PayloadUsage read(Node.Mapping object) {
        Figures figures = Figures.of(object);
        long hit = figures.count("prompt_cache_hit_tokens");
        long miss = figures.count("prompt_cache_miss_tokens");
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        OpenAiUsage.read(figures, OpenAiUsage.Dialect.CHAT, "prompt_cache_hit_tokens", read);
        PayloadUsage usage = read.build(figures);
        TokenCounts tokens = usage.tokens();
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
        return usage;
    }
}
