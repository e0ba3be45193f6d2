package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.DailySpan;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code data.json} of genai-prices, in either of its versions: USD per million tokens, with dates and hours. */
final class GenaiPricesList {

    private static final Map<String, String> CLASSES = new HashMap<>();
    private static final Map<String, String> CALLS = Map.of(
            "web_searches_kcount",
            "web_search",
            "storage_searches_kcount",
            "file_search",
            "requests_kcount",
            "request");
    private static final Map<String, String> PROVIDERS =
            Map.of("aws", "aws.bedrock", "azure", "azure.ai.openai", "x-ai", "xai", "voyageai", "voyage");
    private static final BigDecimal PER_THOUSAND = new BigDecimal("0.001");
    private static final Set<String> MIXED = Set.of("google", "openai", "deepseek");

    /** Models that Google sells on Vertex alone. */
    private static final Pattern VERTEX = Pattern.compile("claude.*|.*-maas");

    static {
        CLASSES.put("input_mtok", "input");
        CLASSES.put("output_mtok", "output");
        CLASSES.put("cache_read_mtok", "cache_read");
        CLASSES.put("cache_write_mtok", "cache_write_5m");
        CLASSES.put("cache_write_1h_mtok", "cache_write_1h");
        CLASSES.put("input_audio_mtok", "audio_input");
        CLASSES.put("output_audio_mtok", "audio_output");
        CLASSES.put("cache_audio_read_mtok", "cached_audio_read");
        CLASSES.put("input_image_mtok", "image_input");
        CLASSES.put("output_image_mtok", "image_output");
        CLASSES.put("cache_image_read_mtok", "cached_image_read");
        CLASSES.put("output_reasoning_mtok", "reasoning");
        CLASSES.put("input_video_mtok", "video_input");
        CLASSES.put("output_video_mtok", "video_output");
        CLASSES.put("output_citation_mtok", "citation");
    }

    private GenaiPricesList() {}

    static void read(Node document, Collected collected) {
        for (Node provider : Json.items(document)) {
            String name = Json.text(Json.member(provider, "id"));
            for (Node model : Json.items(Json.member(provider, "models"))) {
                String id = Json.text(Json.member(model, "id"));
                if (!name.isEmpty() && !id.isEmpty()) {
                    model(PROVIDERS.getOrDefault(name, name), id, model, collected);
                }
            }
        }
    }

    private static void model(String provider, String id, Node model, Collected collected) {
        Node prices = Json.member(model, "prices");
        if (!(prices instanceof Node.Sequence)) {
            collected.read();
            collected.add(listed(provider, id, model, prices, collected));
            return;
        }
        List<Node> dated = Json.items(prices);
        for (int i = 0; i < dated.size(); i++) {
            collected.read();
            Node constraint = Json.member(dated.get(i), "constraint");
            ListedModel listed = listed(provider, id, model, Json.member(dated.get(i), "prices"), collected);
            if (constraint instanceof Node.Mapping
                    && !constrain(listed, constraint, dated.subList(i + 1, dated.size()))) {
                collected.left.model(provider, id, "a condition that is neither a day nor a daily span");
                continue;
            }
            collected.add(listed);
        }
    }

    private static ListedModel listed(String provider, String id, Node model, Node prices, Collected collected) {
        boolean vertex = provider.equals("google") && VERTEX.matcher(id).matches();
        ListedModel listed = new ListedModel(vertex ? "gcp.vertex_ai" : provider, id);
        listed.rank = vertex ? 1 : 0;
        listed.freeIsAPrice = provider.equals("openrouter");
        equals(Json.member(model, "match"), listed);
        Json.members(prices).forEach((name, price) -> {
            String tokenClass = CLASSES.get(name);
            String call = CALLS.get(name);
            if (tokenClass != null) {
                rate(tokenClass, price, listed, collected);
            } else if (call != null) {
                base(price)
                        .filter(usd -> usd.signum() > 0)
                        .ifPresent(usd -> listed.calls.put(call, ListNumbers.meant(usd.multiply(PER_THOUSAND))));
            }
        });
        return listed;
    }

    private static void rate(String tokenClass, Node price, ListedModel listed, Collected collected) {
        base(price).ifPresent(usd -> collected.rate(listed.standard.base, listed, tokenClass, usd, BigDecimal.ONE));
        for (Node tier : Json.items(Json.member(price, "tiers"))) {
            Optional<Long> start = Json.tokens(Json.member(tier, "start"));
            Optional<BigDecimal> usd = Json.decimal(Json.member(tier, "price"));
            if (start.isPresent() && usd.isPresent()) {
                collected.rate(listed.standard.tier(start.get()), listed, tokenClass, usd.get(), BigDecimal.ONE);
            }
        }
    }

    private static Optional<BigDecimal> base(Node price) {
        return Json.decimal(price instanceof Node.Mapping ? Json.member(price, "base") : price);
    }

    /** Takes the ids that the rule names one by one; what it says of beginnings and endings would be guessing. */
    private static void equals(Node match, ListedModel listed) {
        String id = Json.text(Json.member(match, "equals"));
        // Under these providers the list has short names of OpenRouter's too, which their own APIs do not know.
        if (!id.isEmpty() && !(MIXED.contains(listed.provider) && id.indexOf('/') >= 0)) {
            listed.aliases.add(id);
        }
        Json.items(Json.member(match, "or")).forEach(part -> equals(part, listed));
    }

    /** Of the list's entries the last whose condition holds counts: a daily span ends where a later entry begins. */
    private static boolean constrain(ListedModel listed, Node constraint, List<Node> later) {
        String day = Json.text(Json.member(constraint, "start_date"));
        String start = Json.text(Json.member(constraint, "start_time"));
        String end = Json.text(Json.member(constraint, "end_time"));
        try {
            if (!day.isEmpty()) {
                listed.from = instant(day);
                return true;
            }
            if (start.length() >= 5 && end.length() >= 5) {
                listed.hours = DailySpan.parse(start.substring(0, 5) + "-" + end.substring(0, 5));
                listed.until = firstDay(later);
                return true;
            }
        } catch (DateTimeParseException | IllegalArgumentException e) {
            return false;
        }
        return false;
    }

    private static @Nullable Instant firstDay(List<Node> later) {
        return later.stream()
                .map(entry -> Json.text(Json.member(Json.member(entry, "constraint"), "start_date")))
                .filter(day -> !day.isEmpty())
                .map(GenaiPricesList::instant)
                .min(Instant::compareTo)
                .orElse(null);
    }

    private static Instant instant(String day) {
        return LocalDate.parse(day).atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
