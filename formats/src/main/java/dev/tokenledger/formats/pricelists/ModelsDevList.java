package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code api.json} of models.dev: providers with their models, USD per million tokens. */
final class ModelsDevList {

    private static final Map<String, String> CLASSES = Map.of(
            "input", "input",
            "output", "output",
            "reasoning", "reasoning",
            "cache_read", "cache_read",
            "cache_write", "cache_write_5m",
            "input_audio", "audio_input",
            "output_audio", "audio_output");

    /** What a request has to say for a mode is its name on bills too; other modes go by their own. */
    private static final Set<String> SERVICE_TIERS = Set.of("priority", "flex", "ultrafast");

    private static final Set<String> IMAGE_TOKENS = Set.of("openai", "google", "gcp.vertex_ai");

    private static final Map<String, String> PROVIDERS = new HashMap<>();

    static {
        PROVIDERS.put("google-vertex", "gcp.vertex_ai");
        PROVIDERS.put("google-vertex-anthropic", "gcp.vertex_ai");
        PROVIDERS.put("amazon-bedrock", "aws.bedrock");
        PROVIDERS.put("azure", "azure.ai.openai");
        PROVIDERS.put("azure-cognitive-services", "azure.ai.openai");
        PROVIDERS.put("togetherai", "together");
        PROVIDERS.put("fireworks-ai", "fireworks");
        PROVIDERS.put("vercel-ai-gateway", "vercel");
        PROVIDERS.put("cloudflare-workers-ai", "cloudflare");
        PROVIDERS.put("novita-ai", "novita");
        PROVIDERS.put("stepfun-ai", "stepfun");
    }

    private ModelsDevList() {}

    static void read(Node document, Collected collected) {
        Json.members(document).forEach((name, provider) -> {
            String canonical = PROVIDERS.getOrDefault(name, name);
            Json.members(Json.member(provider, "models")).forEach((id, model) -> {
                Node cost = Json.member(model, "cost");
                if (cost instanceof Node.Mapping) {
                    collected.read();
                    ListedModel listed = new ListedModel(canonical, id.strip());
                    listed.rank = name.equals(canonical) || name.equals("azure") ? 0 : 1;
                    listed.freeIsAPrice = canonical.equals("openrouter") || canonical.equals("vercel");
                    // What these providers' models that make images cost for their output is the rate of image tokens.
                    boolean images = IMAGE_TOKENS.contains(canonical)
                            && Json.items(Json.member(model, "modalities", "output")).stream()
                                    .anyMatch(kind -> Json.text(kind).equals("image"));
                    read(cost, Json.member(model, "experimental", "modes"), images, listed, collected);
                    collected.add(listed);
                }
            });
        });
    }

    private static void read(Node cost, Node modes, boolean images, ListedModel listed, Collected collected) {
        rates(cost, listed.standard.base, images, listed, collected);
        List<Node> tiers = Json.items(Json.member(cost, "tiers"));
        for (Node tier : tiers) {
            Json.tokens(Json.member(tier, "tier", "size"))
                    .ifPresent(size -> rates(tier, listed.standard.tier(size), images, listed, collected));
        }
        Node old = Json.member(cost, "context_over_200k");
        if (tiers.isEmpty() && old instanceof Node.Mapping) {
            rates(old, listed.standard.tier(200_000), images, listed, collected);
        }
        Json.members(modes).forEach((name, mode) -> {
            Node own = Json.member(mode, "cost");
            if (own instanceof Node.Mapping) {
                String asked = Json.text(Json.member(Json.member(mode, "provider", "body"), "service_tier"));
                rates(
                        own,
                        listed.service(SERVICE_TIERS.contains(asked) ? asked : name).base,
                        images,
                        listed,
                        collected);
            }
        });
    }

    private static void rates(
            Node cost, Map<TokenClass, BigDecimal> rates, boolean images, ListedModel listed, Collected collected) {
        Json.members(cost).forEach((name, figure) -> {
            String tokenClass = images && name.equals("output") ? "image_output" : CLASSES.get(name);
            if (tokenClass != null) {
                Json.decimal(figure).ifPresent(usd -> collected.rate(rates, listed, tokenClass, usd, BigDecimal.ONE));
            }
        });
    }
}
