package dev.tokenledger.pricing;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;

/** What a service tier such as {@code batch}, or the region that served, changes about an entry. */
public sealed interface ServiceTierRates {

    /**
     * Every rate times a factor, long-context tiers too.
     *
     * @param factor 0 to 1,000
     */
    record Multiplier(BigDecimal factor) implements ServiceTierRates {
        /** @throws IllegalArgumentException if the factor is negative, above 1,000 or has more than 100 digits after the point */
        public Multiplier {
            boolean outside = factor.signum() < 0 || factor.compareTo(BigDecimal.valueOf(1000)) > 0;
            if (outside || Decimals.plain(factor).scale() > Rates.MAX_SCALE) {
                throw new IllegalArgumentException("multiplier: expected 0 to 1000 with at most " + Rates.MAX_SCALE
                        + " digits after the point, found " + Decimals.shown(factor));
            }
            factor = Decimals.plain(factor);
        }
    }

    /**
     * Rates of its own, and those above its long-context boundaries. A call that crosses a boundary of the entry has no rate
     * here unless such tiers are stated.
     *
     * @param rates for calls below every boundary
     * @param tiers lowest first; may be empty
     */
    record Own(Rates rates, List<Tier> tiers) implements ServiceTierRates {
        /** @throws IllegalArgumentException if two tiers begin at the same number of tokens */
        public Own {
            Objects.requireNonNull(rates, "rates");
            tiers = Tier.sorted(tiers);
        }

        /** Rates for calls below every boundary alone. */
        public Own(Rates rates) {
            this(rates, List.of());
        }
    }
}
