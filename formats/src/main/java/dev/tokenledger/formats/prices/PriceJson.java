package dev.tokenledger.formats.prices;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceHours;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.core.JsonGenerator;

/**
 * Writes prices as one JSON object: {@code {"prices":[…]}}, each entry with the keys of a price file, and besides its {@code
 * id} and the {@code layer} that it is from. Cache rates that are multiples of the input rate are written out.
 */
public final class PriceJson {

    private PriceJson() {}

    /** The entries as one line of JSON, without a line break. */
    public static String write(List<PriceListing.Listed> entries) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("prices");
            entries.forEach(listed -> entry(listed.layer().name(), listed.entry(), json));
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void entry(String layer, PriceEntry entry, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("id", entry.id().text());
        json.writeStringProperty("layer", layer);
        if (!entry.provider().isEmpty()) {
            json.writeStringProperty("provider", entry.provider());
        }
        json.writeStringProperty("model", entry.model());
        if (!entry.aliases().isEmpty()) {
            json.writeArrayPropertyStart("aliases");
            entry.aliases().forEach(json::writeString);
            json.writeEndArray();
        }
        entry.from().ifPresent(from -> json.writeStringProperty("from", from.toString()));
        entry.until().ifPresent(until -> json.writeStringProperty("until", until.toString()));
        rates("usd_per_million", withCacheRates(entry, entry.rates()), json);
        if (!entry.perCall().isEmpty()) {
            figures("usd_per_call", entry.perCall(), json);
        }
        entry.hours().ifPresent(hours -> hours(hours, json));
        tiers(entry.tiers(), rates -> withCacheRates(entry, rates), json);
        changes("service_tiers", entry.serviceTiers(), json);
        changes("regions", entry.regions(), json);
        if (!entry.source().isEmpty()) {
            json.writeStringProperty("source", entry.source());
        }
        json.writeEndObject();
    }

    private static void hours(PriceHours hours, JsonGenerator json) {
        if (hours.spans().size() == 1) {
            json.writeStringProperty("hours", hours.spansText());
        } else if (!hours.spans().isEmpty()) {
            json.writeArrayPropertyStart("hours");
            hours.spans().forEach(span -> json.writeString(span.toString()));
            json.writeEndArray();
        }
        if (!hours.daysText().isEmpty()) {
            json.writeStringProperty("days", hours.daysText());
        }
    }

    private static void tiers(List<Tier> tiers, UnaryOperator<Rates> shown, JsonGenerator json) {
        if (tiers.isEmpty()) {
            return;
        }
        json.writeArrayPropertyStart("tiers");
        for (Tier tier : tiers) {
            json.writeStartObject();
            json.writeNumberProperty(tier.boundary().text(), tier.threshold());
            rates("usd_per_million", shown.apply(tier.rates()), json);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void changes(String key, Map<String, ServiceTierRates> changes, JsonGenerator json) {
        if (!changes.isEmpty()) {
            json.writeObjectPropertyStart(key);
            changes.forEach((name, change) -> change(name, change, json));
            json.writeEndObject();
        }
    }

    private static void change(String name, ServiceTierRates change, JsonGenerator json) {
        json.writeObjectPropertyStart(name);
        if (change instanceof ServiceTierRates.Multiplier multiplier) {
            json.writeNumberProperty("multiplier", multiplier.factor());
        } else if (change instanceof ServiceTierRates.Own own) {
            rates("usd_per_million", own.rates(), json);
            tiers(own.tiers(), UnaryOperator.identity(), json);
        }
        json.writeEndObject();
    }

    private static Rates withCacheRates(PriceEntry entry, Rates rates) {
        return entry.cacheByMultiplier() ? rates.withCacheByMultiplier() : rates;
    }

    private static void rates(String name, Rates rates, JsonGenerator json) {
        json.writeObjectPropertyStart(name);
        rates.perMillion().forEach((tokenClass, rate) -> json.writeNumberProperty(tokenClass.text(), rate));
        json.writeEndObject();
    }

    private static void figures(String name, Map<String, BigDecimal> figures, JsonGenerator json) {
        json.writeObjectPropertyStart(name);
        figures.forEach(json::writeNumberProperty);
        json.writeEndObject();
    }
}
