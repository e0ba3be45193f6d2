package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.InstantSource;
import java.util.Objects;

/**
 * The four short questions about a simple price table: "what do these tokens cost with that model?"
 *
 * <p>Meant for tables of {@linkplain PriceEntry#simple simple entries}, whose cache rates are multiples of the input
 * rate: cost = input × in + (5-minute writes + unattributed writes) × in × 1.25 + 1-hour writes × in × 2.00 + cache
 * reads × in × 0.10 + output × out, all per million tokens. A model that is not in the table costs 0 and is {@linkplain
 * Cost.Unpriced unpriced}. Each question is a special case of the last. Immutable and safe for use by many threads.
 */
public final class CostEstimator {

    private final PriceBook prices;
    private final InstantSource clock;

    private CostEstimator(PriceBook prices, InstantSource clock) {
        this.prices = Objects.requireNonNull(prices, "prices");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Questions to this book, at the prices in force when they are asked; without any prices, {@link PriceBook#empty}. */
    public static CostEstimator of(PriceBook prices) {
        return new CostEstimator(prices, InstantSource.system());
    }

    /** Questions to this book, at the prices in force at the clock's time. */
    public static CostEstimator of(PriceBook prices, InstantSource clock) {
        return new CostEstimator(prices, clock);
    }

    /** The cost of uncached input and output with a model named by a reference such as {@code anthropic/claude-…}. */
    public Cost forModel(String model, long input, long output) {
        return forIdentity(ModelIdentity.ofReference(model), input, output);
    }

    /** The cost of uncached input and output with a resolved model. */
    public Cost forIdentity(ModelIdentity identity, long input, long output) {
        return withCache(identity, input, 0, 0, output);
    }

    /** The cost with cache writes, all at the 5-minute rate, and cache reads. */
    public Cost withCache(ModelIdentity identity, long input, long cacheWrites, long cacheReads, long output) {
        return withSplitCache(identity, input, cacheWrites, 0, 0, cacheReads, output);
    }

    /**
     * The cost with cache writes split by their time to live; writes in neither part are charged at the 5-minute rate.
     *
     * @param cacheWrites all cache writes
     * @param cacheWrites5m the part that lives 5 minutes
     * @param cacheWrites1h the part that lives 1 hour
     */
    public Cost withSplitCache(
            ModelIdentity identity,
            long input,
            long cacheWrites,
            long cacheWrites5m,
            long cacheWrites1h,
            long cacheReads,
            long output) {
        TokenCounts whole = TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(cacheWrites)
                .cacheRead(cacheReads)
                .build();
        UsageRecord.Builder record = UsageRecord.builder()
                .identity(identity)
                .tokens(whole)
                .cacheCreation5mInputTokens(cacheWrites5m)
                .cacheCreation1hInputTokens(cacheWrites1h);
        // Parts above their total count in full: unattributed = max(0, total - 5m - 1h). A sum that overflows is
        // negative, and its parts are refused by the record.
        if (cacheWrites5m + cacheWrites1h > cacheWrites) {
            record.cacheCreationInputTokens(cacheWrites5m + cacheWrites1h);
        }
        return prices.price(record.build(), clock.instant());
    }
}
