package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of Portkey's {@code pricing/}: US cents per token, one provider a file, which only its name tells. */
final class PortkeyList {

    private static final Map<String, String> CLASSES = new HashMap<>();
    private static final Map<String, String> CALLS = Map.of(
            "web_search", "web_search",
            "file_search", "file_search",
            "x_search", "x_search",
            "code_execution", "code_execution",
            "attachment_search", "attachment_search",
            "maps", "google_maps",
            "enterprise_web_search", "enterprise_web_search");
    private static final Map<String, String> PROVIDERS = new HashMap<>();

    /** Cents per token to USD per million, and cents per call to USD. */
    private static final BigDecimal PER_MILLION = BigDecimal.valueOf(10_000);

    private static final BigDecimal CENT = new BigDecimal("0.01");

    /** Google's models stand under two ids, one for each side of the boundary. */
    private static final Pattern LOW = Pattern.compile("(.+)-lte-([0-9]{1,6})k");

    private static final Pattern HIGH = Pattern.compile(".+-gt-[0-9]{1,6}k");

    /** The boundary of these is 200,000 tokens, whatever their name here says. */
    private static final Pattern AT_200K = Pattern.compile("gemini-(2\\.5-pro|[3-9]).*");

    static {
        CLASSES.put("request_token", "input");
        CLASSES.put("response_token", "output");
        CLASSES.put("request_text_token", "input");
        CLASSES.put("response_text_token", "output");
        CLASSES.put("cache_read_input_token", "cache_read");
        CLASSES.put("cache_read_text_input_token", "cache_read");
        CLASSES.put("cached_text_input_token", "cache_read");
        CLASSES.put("cache_write_input_token", "cache_write_5m");
        CLASSES.put("request_audio_token", "audio_input");
        CLASSES.put("response_audio_token", "audio_output");
        CLASSES.put("cache_read_audio_input_token", "cached_audio_read");
        CLASSES.put("request_image_token", "image_input");
        CLASSES.put("response_image_token", "image_output");
        CLASSES.put("cache_read_image_input_token", "cached_image_read");
        CLASSES.put("cached_image_input_token", "cached_image_read");
        CLASSES.put("reasoning_token", "reasoning");
        PROVIDERS.put("vertex-ai", "gcp.vertex_ai");
        PROVIDERS.put("bedrock", "aws.bedrock");
        PROVIDERS.put("bedrock-mantle", "aws.bedrock");
        PROVIDERS.put("azure-openai", "azure.ai.openai");
        PROVIDERS.put("azure-ai", "azure.ai.openai");
        PROVIDERS.put("x-ai", "xai");
        PROVIDERS.put("mistral-ai", "mistral");
        PROVIDERS.put("together-ai", "together");
        PROVIDERS.put("fireworks-ai", "fireworks");
        PROVIDERS.put("moonshot", "moonshotai");
        PROVIDERS.put("z-ai", "zai");
        PROVIDERS.put("perplexity-ai", "perplexity");
        PROVIDERS.put("dashscope", "alibaba");
        PROVIDERS.put("workers-ai", "cloudflare");
        PROVIDERS.put("novita-ai", "novita");
    }

    private PortkeyList() {}

    /** Reads a file of a provider, by the list's name for it or ours. */
    static void read(Node document, String name, Collected collected) {
        String provider = PROVIDERS.getOrDefault(name, name);
        Json.members(document).forEach((key, model) -> {
            if (key.equals("default") || !(Json.member(model, "pricing_config") instanceof Node.Mapping)) {
                return;
            }
            collected.read();
            boolean google = provider.equals("google") || provider.equals("gcp.vertex_ai");
            Matcher low = LOW.matcher(key);
            if (google && HIGH.matcher(key).matches()) {
                return;
            }
            boolean split = google && low.matches();
            if (split && Json.members(document).containsKey(low.group(1))) {
                collected.left.model(provider, key, "half of a model that stands there whole");
                return;
            }
            ListedModel listed = new ListedModel(provider, split ? low.group(1) : key);
            if (!Json.text(Json.member(model, "pricing_config", "currency")).matches("(USD)?")) {
                collected.left.model(provider, key, "a price in another currency");
                return;
            }
            model(model, google, listed, collected);
            if (split) {
                Node high = Json.member(document, low.group(1) + "-gt-" + low.group(2) + "k");
                long boundary = AT_200K.matcher(listed.id).matches() ? 200_000 : Long.parseLong(low.group(2)) * 1000;
                rates(payAsYouGo(high), google, listed.standard.tier(boundary), listed, collected);
            }
            collected.add(listed);
        });
    }

    private static Node payAsYouGo(Node model) {
        return Json.member(Json.member(model, "pricing_config"), "pay_as_you_go");
    }

    private static void model(Node model, boolean google, ListedModel listed, Collected collected) {
        Map<String, Node> regions = Json.members(Json.member(model, "custom_pricing", "regions"));
        if (regions.keySet().stream().anyMatch(region -> !region.equals("default"))) {
            collected.left.part(listed.provider, listed.id, "prices of regions");
        }
        Node tierMap = Json.member(model, "custom_pricing", "context_tier_map");
        Map<String, Long> thresholds = new HashMap<>();
        Json.members(tierMap).forEach((tokens, tier) -> {
            if (tokens.matches("[0-9]{1,12}")) {
                thresholds.put(Json.text(tier), Long.parseLong(tokens));
            }
        });
        Node standard = regions.get("default");
        if (standard != null) {
            Json.members(Json.member(standard, "execution_modes"))
                    .forEach((mode, prices) -> mode(mode, prices, thresholds, google, listed, collected));
        }
        rates(payAsYouGo(model), google, listed.standard.base, listed, collected);
        Node batch = Json.member(model, "pricing_config", "batch_config");
        if (batch instanceof Node.Mapping && !listed.services.containsKey("batch")) {
            rates(batch, google, listed.service("batch").base, listed, collected);
            removeIfZero(listed, "batch");
        }
    }

    private static void mode(
            String mode,
            Node prices,
            Map<String, Long> thresholds,
            boolean google,
            ListedModel listed,
            Collected collected) {
        ListedModel.Block block = mode.equals("standard") ? listed.standard : listed.service(mode);
        rates(payAsYouGo(prices), google, block.base, listed, collected);
        Json.members(Json.member(prices, "context_tiers")).forEach((name, tier) -> {
            long threshold = thresholds.getOrDefault(name, 0L);
            rates(payAsYouGo(tier), google, threshold == 0 ? block.base : block.tier(threshold), listed, collected);
        });
        removeIfZero(listed, mode);
    }

    /** 0 is how the list says that it does not know. */
    private static void removeIfZero(ListedModel listed, String mode) {
        ListedModel.Block block = listed.services.get(mode);
        if (block != null && block.base.values().stream().allMatch(rate -> rate.signum() == 0)) {
            listed.services.remove(mode);
        }
    }

    private static void rates(
            Node prices, boolean google, Map<TokenClass, BigDecimal> rates, ListedModel listed, Collected collected) {
        Json.members(prices).forEach((name, price) -> {
            String tokenClass = CLASSES.get(name);
            Optional<BigDecimal> cents = Json.decimal(Json.member(price, "price"));
            // Google's fee for what is cached is one by the hour.
            boolean storage = google && name.equals("cache_write_input_token");
            if (tokenClass != null && cents.isPresent() && !storage) {
                // Where text has a figure of its own, 0 for all kinds together states nothing.
                boolean unknown =
                        cents.get().signum() == 0 && Json.members(prices).containsKey(textual(name));
                if (!unknown) {
                    collected.rate(rates, listed, tokenClass, cents.get(), PER_MILLION);
                }
            }
        });
        Json.members(Json.member(prices, "additional_units")).forEach((name, price) -> {
            Optional<BigDecimal> cents =
                    Json.decimal(Json.member(price, "price")).filter(figure -> figure.signum() > 0);
            if (cents.isEmpty()) {
                return;
            }
            String call = CALLS.get(name);
            if (call != null) {
                listed.calls.put(call, ListNumbers.meant(cents.get().multiply(CENT)));
            } else if (name.equals("cache_write_1h")) {
                collected.rate(rates, listed, "cache_write_1h", cents.get(), PER_MILLION);
            } else if (name.equals("request_audio_token") || name.equals("response_audio_token")) {
                collected.rate(
                        rates,
                        listed,
                        name.startsWith("request") ? "audio_input" : "audio_output",
                        cents.get(),
                        PER_MILLION);
            }
        });
    }

    private static String textual(String name) {
        return switch (name) {
            case "request_token" -> "request_text_token";
            case "response_token" -> "response_text_token";
            default -> "";
        };
    }
}
