package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.PricingStatus;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a call cost. Unpriced is not zero: totals say how many calls they leave out. Immutable. */
public sealed interface Cost {

    /** Every class of tokens and every paid call had a rate in force when the call happened. */
    record Priced(Usd amount, PriceId price, List<String> notes) implements Cost {
        /** Copies its lists. */
        public Priced {
            notes = List.copyOf(notes);
        }

        @Override
        public PricingStatus status() {
            return PricingStatus.PRICED;
        }

        @Override
        public Optional<PriceId> priceId() {
            return Optional.of(price);
        }
    }

    /**
     * An entry was in force, but lacked rates that the call needed, or the record notes that its source states something of the
     * price that was not understood ({@link dev.tokenledger.usage.UsageRecord#UNPRICED_MEMBER}); {@code amount} covers the rest.
     *
     * @param unpricedTokens tokens without a rate, by class
     * @param unpricedCalls paid tool calls without a fee, by name
     */
    record Partial(
            Usd amount,
            PriceId price,
            Map<TokenClass, Long> unpricedTokens,
            SortedMap<String, Long> unpricedCalls,
            List<String> notes)
            implements Cost {
        /** Copies its collections. */
        public Partial {
            Map<TokenClass, Long> tokens = new EnumMap<>(TokenClass.class);
            tokens.putAll(unpricedTokens);
            unpricedTokens = Collections.unmodifiableMap(tokens);
            unpricedCalls = Collections.unmodifiableSortedMap(new TreeMap<>(unpricedCalls));
            notes = List.copyOf(notes);
        }

        @Override
        public PricingStatus status() {
            return PricingStatus.PARTIAL;
        }

        @Override
        public Optional<PriceId> priceId() {
            return Optional.of(price);
        }
    }

    /**
     * No entry was in force; importing one later can price the call by a correction.
     *
     * @param unpricedTokens all of the call's tokens, by class
     * @param unpricedCalls all of its paid tool calls, by name
     */
    record Unpriced(ModelIdentity model, Map<TokenClass, Long> unpricedTokens, SortedMap<String, Long> unpricedCalls)
            implements Cost {
        /** Copies its collections. */
        public Unpriced {
            Map<TokenClass, Long> tokens = new EnumMap<>(TokenClass.class);
            tokens.putAll(unpricedTokens);
            unpricedTokens = Collections.unmodifiableMap(tokens);
            unpricedCalls = Collections.unmodifiableSortedMap(new TreeMap<>(unpricedCalls));
        }

        @Override
        public Usd amount() {
            return Usd.ZERO;
        }

        @Override
        public PricingStatus status() {
            return PricingStatus.UNPRICED;
        }

        @Override
        public Optional<PriceId> priceId() {
            return Optional.empty();
        }

        @Override
        public List<String> notes() {
            return List.of();
        }
    }

    /** The caller brought the cost along, and said how much it covers. */
    record Given(Usd amount, PricingStatus status) implements Cost {
        @Override
        public Optional<PriceId> priceId() {
            return Optional.of(PriceId.GIVEN);
        }

        @Override
        public List<String> notes() {
            return List.of();
        }
    }

    /** What is known to have been spent: 0 to 9,000,000 USD; for a partial cost a lower bound. */
    Usd amount();

    /** How much of the usage the amount covers. */
    PricingStatus status();

    /** The entry the amount came from; empty if there was none. */
    Optional<PriceId> priceId();

    /** Tokens that no rate covered, by class; empty when all were covered or the cost was given. */
    default Map<TokenClass, Long> unpricedTokens() {
        return Map.of();
    }

    /** Paid tool calls that no fee covered, by name. */
    default SortedMap<String, Long> unpricedCalls() {
        return Collections.emptySortedMap();
    }

    /**
     * How the amount came about, in a fixed vocabulary: {@code tier:above:N}, {@code tier:at_least:N} (a long-context
     * tier was crossed), {@code tier_unknown} (several calls in one record may have crossed one),
     * {@code service_tier:NAME}, {@code service_tier_unpriced:NAME}, {@code region:NAME}, {@code region_at_base_rate:NAME} (the
     * entry states nothing of that place), {@code part_at_whole_rate:CLASS} (a part without a rate of its own was charged as
     * the class that it belongs to), {@code cache_multiplier_fallback}, {@code cache_write_unattributed} (charged at the
     * 5-minute rate), {@code requested_model_price} (the served model, a snapshot of the requested one, has no price of its
     * own).
     */
    List<String> notes();
}
