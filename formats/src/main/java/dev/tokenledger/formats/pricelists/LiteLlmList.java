package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** LiteLLM's {@code model_prices_and_context_window.json}: USD per token as floating point numbers, one object a model. */
final class LiteLlmList {

    private static final Map<String, String> CLASSES = new HashMap<>();
    private static final Map<String, String> PROVIDERS = new HashMap<>();
    private static final Set<String> VERTEX_LIKE = Set.of("vertex_ai", "gcp.vertex_ai");

    /** {@code FIELD[_above_Nk_tokens][_priority|_flex|_batches]}. */
    private static final Pattern FIELD = Pattern.compile(
            "(?<field>[a-z_0-9]+?)(_above_(?<thousands>[0-9]{1,7})k_tokens)?(_(?<tier>priority|flex|batches))?");

    /** Images by size and quality, and what is rented by the month, stand as models of their own. */
    private static final Pattern NO_MODEL =
            Pattern.compile("([0-9]+-x-[0-9]+|max-x-max|hd|standard|low|medium|high)/.*|.*commitment.*|sample_spec"
                    + "|(fireworks-ai|together-ai)-.*(up-to|above|default|to-).*");

    private static final Pattern AWS_REGION =
            Pattern.compile("((us|eu|ap|ca|sa|me|af|il|mx)-(gov-)?[a-z]+-[0-9]|\\*)/.+");
    private static final Pattern AZURE_GLOBAL = Pattern.compile("(global|global-standard)/(.+)");
    private static final Pattern AZURE_OTHER = Pattern.compile("(eu|us|low|medium|high|hd|standard|speech)/.+");
    private static final Set<String> SIZES = Set.of("low", "medium", "high");
    private static final BigDecimal PER_THOUSAND = new BigDecimal("0.001");

    static {
        CLASSES.put("input_cost_per_token", "input");
        CLASSES.put("output_cost_per_token", "output");
        CLASSES.put("cache_read_input_token_cost", "cache_read");
        CLASSES.put("cache_creation_input_token_cost", "cache_write_5m");
        CLASSES.put("cache_creation_input_token_cost_above_1hr", "cache_write_1h");
        CLASSES.put("output_cost_per_reasoning_token", "reasoning");
        CLASSES.put("input_cost_per_audio_token", "audio_input");
        CLASSES.put("output_cost_per_audio_token", "audio_output");
        CLASSES.put("cache_read_input_audio_token_cost", "cached_audio_read");
        CLASSES.put("input_cost_per_image_token", "image_input");
        CLASSES.put("output_cost_per_image_token", "image_output");
        CLASSES.put("output_cost_per_video_token", "video_output");
        CLASSES.put("cache_read_input_image_token_cost", "cached_image_read");
        CLASSES.put("citation_cost_per_token", "citation");
        PROVIDERS.put("text-completion-openai", "openai");
        PROVIDERS.put("gemini", "google");
        PROVIDERS.put("azure", "azure.ai.openai");
        PROVIDERS.put("azure_text", "azure.ai.openai");
        PROVIDERS.put("azure_ai", "azure.ai.openai");
        PROVIDERS.put("bedrock", "aws.bedrock");
        PROVIDERS.put("bedrock_converse", "aws.bedrock");
        PROVIDERS.put("bedrock_mantle", "aws.bedrock");
        PROVIDERS.put("together_ai", "together");
        PROVIDERS.put("fireworks_ai", "fireworks");
        PROVIDERS.put("fireworks_ai-embedding-models", "fireworks");
        PROVIDERS.put("moonshot", "moonshotai");
        PROVIDERS.put("cohere_chat", "cohere");
        PROVIDERS.put("dashscope", "alibaba");
        PROVIDERS.put("nvidia_nim", "nvidia");
        PROVIDERS.put("github_copilot", "github-copilot");
        PROVIDERS.put("vercel_ai_gateway", "vercel");
        PROVIDERS.put("jina_ai", "jina");
        PROVIDERS.put("meta_llama", "meta");
        PROVIDERS.put("watsonx", "ibm.watsonx.ai");
        PROVIDERS.put("amazon_nova", "amazon-nova");
    }

    private LiteLlmList() {}

    static void read(Node document, Collected collected) {
        Json.members(document).forEach((key, model) -> {
            String name = Json.text(Json.member(model, "litellm_provider"));
            if (!name.isEmpty() && !key.equals("sample_spec")) {
                collected.read();
                String provider = name.startsWith("vertex_ai") ? "gcp.vertex_ai" : PROVIDERS.getOrDefault(name, name);
                model(key, name, provider, model, collected);
            }
        });
    }

    private static void model(String key, String name, String provider, Node model, Collected collected) {
        String id = withoutPrefix(key, name, provider);
        int rank = id.equals(key) ? 1 : 0;
        if (NO_MODEL.matcher(key).matches() || NO_MODEL.matcher(id).matches()) {
            collected.left.model(provider, key, "a size, a class or a commitment, not a model");
            return;
        }
        if (provider.equals("aws.bedrock") && AWS_REGION.matcher(id).matches()) {
            collected.left.model(provider, key, "the price of a region");
            return;
        }
        if (provider.equals("azure.ai.openai")) {
            Matcher global = AZURE_GLOBAL.matcher(id);
            if (global.matches()) {
                id = global.group(2);
                rank = -1;
            } else if (AZURE_OTHER.matcher(id).matches()) {
                collected.left.model(provider, key, "the price of a region");
                return;
            }
        }
        ListedModel listed = new ListedModel(provider, id);
        listed.rank = VERTEX_LIKE.contains(provider) ? rank + 10 : rank;
        listed.freeIsAPrice = provider.equals("openrouter") || provider.equals("vercel");
        figures(model, listed, collected);
        collected.add(listed);
    }

    /** The id without the prefixes under which the list has it: its provider's name, which may stand twice, and ways to call it. */
    private static String withoutPrefix(String key, String name, String provider) {
        String id = key;
        Set<String> prefixes = new TreeSet<>(List.of(name + "/", provider + "/"));
        if (provider.equals("gcp.vertex_ai")) {
            prefixes.add("vertex_ai/");
        } else if (provider.equals("aws.bedrock")) {
            prefixes.addAll(List.of("bedrock/", "bedrock_converse/", "converse/", "invoke/"));
        } else if (provider.equals("azure.ai.openai")) {
            prefixes.addAll(List.of("azure/", "azure_ai/"));
        } else if (provider.equals("nvidia")) {
            prefixes.add("ranking/");
        } else if (provider.equals("cohere") || provider.equals("fireworks")) {
            prefixes.addAll(List.of("cohere/", "fireworks_ai/"));
        } else if (provider.equals("amazon-nova")) {
            prefixes.add("amazon-nova/");
        }
        // OpenRouter and Vercel have models of providers that are called like prefixes.
        int times = provider.equals("openrouter") || provider.equals("vercel") ? 1 : 3;
        for (int i = 0; i < times; i++) {
            for (String prefix : prefixes) {
                if (id.startsWith(prefix) && id.length() > prefix.length()) {
                    id = id.substring(prefix.length());
                    break;
                }
            }
        }
        return id;
    }

    private static void figures(Node model, ListedModel listed, Collected collected) {
        boolean rerank = Json.text(Json.member(model, "mode")).equals("rerank");
        // The older name of a field goes behind the newer.
        Json.members(model).forEach((name, figure) -> {
            if (figure instanceof Node.Number) {
                figure(name, Json.decimal(figure).orElse(BigDecimal.ZERO), rerank, listed, collected);
            }
        });
        Json.decimal(Json.member(model, "input_cost_per_token_cache_hit"))
                .ifPresent(usd -> collected.ratePerToken(listed.standard.base, listed, "cache_read", usd));
        for (Node tier : Json.items(Json.member(model, "tiered_pricing"))) {
            tiered(tier, listed, collected);
        }
        searches(Json.member(model, "search_context_cost_per_query"), listed, collected);
        factor(Json.member(model, "provider_specific_entry", "fast"))
                .ifPresent(factor -> listed.multipliers.put("fast", factor));
        factor(Json.member(model, "provider_specific_entry", "us"))
                .ifPresent(factor -> listed.regions.put("us", factor));
        for (String region : List.of("eu", "us")) {
            factor(Json.member(model, "regional_processing_uplift_multiplier_" + region))
                    .ifPresent(factor -> listed.regions.put(region, factor));
        }
    }

    private static Optional<BigDecimal> factor(Node node) {
        return Json.decimal(node)
                .filter(factor -> factor.signum() > 0 && factor.compareTo(BigDecimal.valueOf(1000)) <= 0);
    }

    private static void figure(String name, BigDecimal usd, boolean rerank, ListedModel listed, Collected collected) {
        if (name.equals("input_cost_per_query") || name.equals("input_cost_per_request")) {
            if (usd.signum() > 0) {
                listed.calls.put(rerank ? "rerank" : "request", ListNumbers.meant(usd));
            }
            return;
        }
        if (name.equals("file_search_cost_per_1k_calls") && usd.signum() > 0) {
            listed.calls.put("file_search", ListNumbers.meant(usd.multiply(PER_THOUSAND)));
            return;
        }
        Matcher field = FIELD.matcher(name);
        String tokenClass = field.matches() ? CLASSES.get(field.group("field")) : null;
        if (tokenClass == null) {
            return;
        }
        String tier = field.group("tier");
        ListedModel.Block block =
                tier == null ? listed.standard : listed.service(tier.equals("batches") ? "batch" : tier);
        String thousands = field.group("thousands");
        Map<TokenClass, BigDecimal> rates =
                thousands == null ? block.base : block.tier(Long.parseLong(thousands) * 1000);
        collected.ratePerToken(rates, listed, tokenClass, usd);
    }

    /** {@code {"range": [from, to], …}}: the first range is the base. */
    private static void tiered(Node tier, ListedModel listed, Collected collected) {
        List<Node> range = Json.items(Json.member(tier, "range"));
        if (range.isEmpty()) {
            return;
        }
        Json.tokens(range.get(0)).ifPresent(from -> {
            Map<TokenClass, BigDecimal> rates = from == 0 ? listed.standard.base : listed.standard.tier(from);
            Json.members(tier).forEach((name, figure) -> {
                String tokenClass = CLASSES.get(name);
                if (tokenClass != null) {
                    Json.decimal(figure).ifPresent(usd -> collected.ratePerToken(rates, listed, tokenClass, usd));
                }
            });
        });
    }

    /** A fee by size of the search context: at Perplexity one for the request, elsewhere for the search, if it is the same. */
    private static void searches(Node sizes, ListedModel listed, Collected collected) {
        SortedMap<String, BigDecimal> fees = new TreeMap<>();
        Json.members(sizes)
                .forEach((name, fee) -> Json.decimal(fee)
                        .filter(usd -> usd.signum() > 0)
                        .ifPresent(usd -> fees.put(name.substring(name.lastIndexOf('_') + 1), ListNumbers.meant(usd))));
        boolean request = listed.provider.equals("perplexity");
        if (Set.copyOf(fees.values()).size() == 1) {
            listed.calls.put(request ? "request" : "web_search", fees.get(fees.firstKey()));
        } else if (request && SIZES.containsAll(fees.keySet())) {
            fees.forEach((size, fee) -> listed.calls.put("request_" + size, fee));
        } else if (!fees.isEmpty()) {
            collected.left.part(listed.provider, listed.id, "a fee by size of the search context");
        }
    }
}
