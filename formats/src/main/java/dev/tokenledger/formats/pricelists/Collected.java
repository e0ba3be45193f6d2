package dev.tokenledger.formats.pricelists;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.text.Providers;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Takes the models of a list as they are read, and settles which stands for an id that several state. */
final class Collected {

    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    final LeftOut left = new LeftOut();
    private final String source;
    private final Map<List<Object>, List<ListedModel>> models = new LinkedHashMap<>();
    private int read;

    Collected(String source) {
        this.source = source;
    }

    /** One more price that the list states, to be added or left out. */
    void read() {
        read++;
    }

    void add(ListedModel model) {
        List<Object> key = new ArrayList<>(List.of(Providers.canonical(model.provider), model.id));
        key.add(String.valueOf(model.from));
        key.add(String.valueOf(model.hours));
        models.computeIfAbsent(List.copyOf(key), unused -> new ArrayList<>(1)).add(model);
    }

    /** A rate in USD per million tokens, stated per so many tokens. */
    void rate(
            Map<TokenClass, BigDecimal> rates, ListedModel model, String tokenClass, BigDecimal usd, BigDecimal times) {
        for (TokenClass known : TokenClass.values()) {
            if (known.text().equals(tokenClass)) {
                rates.putIfAbsent(known, ListNumbers.meant(usd.multiply(times)));
                return;
            }
        }
        if (usd.signum() != 0) {
            left.part(model.provider, model.id, "a rate for " + tokenClass.replace('_', ' '));
        }
    }

    void ratePerToken(Map<TokenClass, BigDecimal> rates, ListedModel model, String tokenClass, BigDecimal usd) {
        rate(rates, model, tokenClass, usd, MILLION);
    }

    PriceList list() {
        List<PriceEntry> entries = new ArrayList<>();
        Map<List<String>, String> owners = new HashMap<>();
        models.values().forEach(same -> {
            same.forEach(model -> model.aliases.removeIf(alias -> !owners.computeIfAbsent(
                            List.of(Providers.canonical(model.provider), alias), key -> model.id)
                    .equals(model.id)));
            same.sort((one, other) -> Integer.compare(one.rank, other.rank));
            PriceEntry taken = null;
            for (ListedModel model : same) {
                PriceEntry entry = entry(model);
                if (taken == null) {
                    taken = entry;
                } else if (entry != null && !Objects.equals(figures(entry), figures(taken))) {
                    left.model(model.provider, model.id, "another price of an id that the list states twice");
                }
            }
            if (taken != null) {
                entries.add(taken);
            }
        });
        return new PriceList(entries, read, left);
    }

    private static List<Object> figures(PriceEntry entry) {
        return List.of(entry.rates(), entry.tiers(), entry.serviceTiers(), entry.perCall());
    }

    private @Nullable PriceEntry entry(ListedModel model) {
        try {
            return model.entry(source, left);
        } catch (IllegalArgumentException e) {
            left.model(model.provider, model.id, "a figure that is no price");
            return null;
        }
    }
}
