package dev.tokenledger.formats.prices;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Looks through a price book, for people. */
public final class PriceListing {

    private PriceListing() {}

    /**
     * An entry.
     *
     * @param layer where it is from
     */
    public record Listed(PriceLayer layer, PriceEntry entry) {}

    /**
     * The entries that a text occurs in, by provider, model and date.
     *
     * @param text a part of a model's name, an alias or a provider, in any case; empty for all
     * @param at only those that decide at this instant; empty for all
     */
    public static List<Listed> find(PriceBook prices, String text, Optional<Instant> at) {
        String wanted = text.toLowerCase(Locale.ROOT);
        List<Listed> found = new ArrayList<>();
        for (PriceLayer layer : prices.layers()) {
            for (PriceEntry entry : layer.entries()) {
                if (mentions(entry, wanted)
                        && at.map(time -> decides(prices, entry, time)).orElse(true)) {
                    found.add(new Listed(layer, entry));
                }
            }
        }
        // Stable, so that of equal names the deciding layer stays in front.
        found.sort(Comparator.comparing((Listed listed) -> listed.entry.provider())
                .thenComparing(listed -> listed.entry.model())
                .thenComparing(listed -> listed.entry.from().orElse(Instant.MIN)));
        return found;
    }

    private static boolean mentions(PriceEntry entry, String wanted) {
        return entry.model().toLowerCase(Locale.ROOT).contains(wanted)
                || entry.provider().contains(wanted)
                || entry.aliases().stream()
                        .anyMatch(alias -> alias.toLowerCase(Locale.ROOT).contains(wanted));
    }

    private static boolean decides(PriceBook prices, PriceEntry entry, Instant time) {
        ModelIdentity identity = new ModelIdentity(entry.model(), entry.model(), "", entry.provider());
        return prices.find(identity, time).filter(entry::equals).isPresent();
    }
}
