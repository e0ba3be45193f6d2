package dev.tokenledger.pricing;

import dev.tokenledger.money.Decimals;
import java.math.BigDecimal;
import java.util.Objects;

/** What a service tier such as {@code batch} changes about an entry. */
public sealed interface ServiceTierRates {

    /**
     * Every rate times a factor, long-context tiers too.
     *
     * @param factor 0 to 1,000
     */
    record Multiplier(BigDecimal factor) implements ServiceTierRates {
        /** @throws IllegalArgumentException if the factor is negative, above 1,000 or finer than 6 digits */
        public Multiplier {
            factor = Decimals.plain(factor);
            if (factor.signum() < 0 || factor.compareTo(BigDecimal.valueOf(1000)) > 0 || factor.scale() > 6) {
                throw new IllegalArgumentException("multiplier: expected 0 to 1000 with at most 6 digits after the "
                        + "point, found " + factor.toPlainString());
            }
        }
    }

    /**
     * Rates of its own. They are stated for calls below every long-context boundary: a call that crosses one has no
     * rate here.
     */
    record Own(Rates rates) implements ServiceTierRates {
        /** Checks that there are rates. */
        public Own {
            Objects.requireNonNull(rates, "rates");
        }
    }
}
