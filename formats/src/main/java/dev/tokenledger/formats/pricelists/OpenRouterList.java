package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** OpenRouter's answer to {@code /api/v1/models}: USD per token, as texts. */
final class OpenRouterList {

    private static final Map<String, String> CLASSES = Map.of(
            "prompt", "input",
            "completion", "output",
            "internal_reasoning", "reasoning",
            "input_cache_read", "cache_read",
            "input_cache_write", "cache_write_5m",
            "input_cache_write_1h", "cache_write_1h",
            "audio", "audio_input",
            "audio_output", "audio_output",
            "input_audio_cache", "cached_audio_read",
            "image_output", "image_output");

    private static final List<String> CALLS = List.of("web_search", "request");
    private static final String PROVIDER = "openrouter";

    private OpenRouterList() {}

    static void read(Node document, Collected collected) {
        for (Node model : Json.items(Json.member(document, "data"))) {
            String id = Json.text(Json.member(model, "id"));
            Node pricing = Json.member(model, "pricing");
            if (id.isEmpty() || !(pricing instanceof Node.Mapping)) {
                continue;
            }
            collected.read();
            boolean router = Json.members(pricing).values().stream()
                    .anyMatch(figure ->
                            Json.decimal(figure).map(usd -> usd.signum() < 0).orElse(false));
            if (router) {
                collected.left.model(PROVIDER, id, "a router without a price of its own");
                continue;
            }
            ListedModel listed = new ListedModel(PROVIDER, id);
            listed.freeIsAPrice = true;
            listed.boundary = Tier.Boundary.AT_LEAST;
            String slug = Json.text(Json.member(model, "canonical_slug"));
            if (!slug.isEmpty() && !id.startsWith("~") && id.indexOf(':') < 0) {
                listed.aliases.add(slug);
            }
            rates(pricing, listed.standard.base, listed, collected);
            for (String call : CALLS) {
                Json.decimal(Json.member(pricing, call))
                        .filter(usd -> usd.signum() > 0)
                        .ifPresent(usd -> listed.calls.put(call, ListNumbers.meant(usd)));
            }
            for (Node override : Json.items(Json.member(pricing, "overrides"))) {
                Json.tokens(Json.member(override, "min_prompt_tokens"))
                        .ifPresent(tokens -> rates(override, listed.standard.tier(tokens), listed, collected));
            }
            collected.add(listed);
        }
    }

    private static void rates(
            Node pricing, Map<TokenClass, BigDecimal> rates, ListedModel listed, Collected collected) {
        Json.members(pricing).forEach((name, figure) -> {
            String tokenClass = CLASSES.get(name);
            if (tokenClass != null) {
                Json.decimal(figure).ifPresent(usd -> collected.ratePerToken(rates, listed, tokenClass, usd));
            }
        });
    }
}
