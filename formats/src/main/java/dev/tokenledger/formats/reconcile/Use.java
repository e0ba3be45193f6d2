package dev.tokenledger.formats.reconcile;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A record of the ledger, as it is compared with a bill: its tokens and their cost by the bill's classes. */
final class Use {

    final UsageRecord record;
    final Instant occurred;
    final CellKey key;
    final Amounts tokens = new Amounts();
    final Amounts money = new Amounts();
    final Amounts calls = new Amounts();
    final Amounts fees = new Amounts();

    /** Rates as they were applied, in USD for one token or call, by class. */
    final Map<String, BigDecimal> rates = new HashMap<>();

    /** Cost that is of no class: a given one, or what rounding made of the sum. */
    final BigDecimal loose;

    final Usd cost;
    final boolean given;
    final boolean unpriced;
    private final Optional<PriceEntry> entry;
    private final UnaryOperator<String> classes;

    /**
     * @param entry the price that the cost came from, if one
     * @param classes from a price file's class of tokens to the bill's
     */
    Use(
            UsageRecord record,
            Instant occurred,
            Cost cost,
            Optional<PriceEntry> entry,
            CellKey key,
            UnaryOperator<String> classes) {
        this.record = record;
        this.occurred = occurred;
        this.key = key;
        this.cost = cost.amount();
        this.entry = entry;
        this.classes = classes;
        boolean explained = false;
        if (entry.isPresent()) {
            Explanation explanation = entry.get().explain(record);
            explained = explanation.cost().amount().equals(cost.amount());
            if (explained) {
                explanation.lines().forEach(this::add);
            }
        }
        if (!explained) {
            count();
        }
        given = cost instanceof Cost.Given || (!explained && cost.amount().signum() != 0);
        unpriced = !cost.unpricedTokens().isEmpty() || !cost.unpricedCalls().isEmpty() || cost instanceof Cost.Unpriced;
        loose = cost.amount().toBigDecimal().subtract(money.total()).subtract(fees.total());
    }

    private void add(Explanation.Line line) {
        BigDecimal count = BigDecimal.valueOf(line.count());
        if (line.unit() == Explanation.Unit.CALLS) {
            calls.add(line.what(), count);
            line.amount().ifPresent(amount -> fees.add(line.what(), amount));
            line.rate().ifPresent(rate -> rates.put(line.what(), rate));
        } else {
            String name = classes.apply(line.what());
            tokens.add(name, count);
            line.amount().ifPresent(amount -> money.add(name, amount));
            line.rate()
                    .ifPresent(rate -> rates.merge(
                            name, rate.movePointLeft(6), (one, other) -> one.compareTo(other) == 0 ? one : Cell.MIXED));
        }
    }

    private void count() {
        TokenCounts counts = record.tokens();
        count("input", counts.input());
        count("cache_write_5m", counts.cacheCreation5m() + counts.cacheCreationUnattributed());
        count("cache_write_1h", counts.cacheCreation1h());
        count("cache_read", counts.cacheRead());
        count("output", counts.output());
        record.calls().forEach((name, count) -> calls.add(name, BigDecimal.valueOf(count)));
    }

    private void count(String tokenClass, long count) {
        tokens.add(classes.apply(tokenClass), BigDecimal.valueOf(count));
    }

    boolean failed() {
        return record.outcome() == Outcome.ERROR || record.outcome() == Outcome.CANCELED;
    }

    /** The very same use, of which less is told apart. */
    Use as(CellKey other) {
        return other.equals(key) ? this : new Use(record, occurred, costAsIs(), entry, other, classes);
    }

    /** The same call in another cell; by another tier or region it may cost something else, if its price says so. */
    Use in(CellKey other) {
        boolean tier = !key.tier().equals(other.tier());
        boolean region = !key.region().equals(other.region());
        if (!given && entry.isPresent() && (tier || region)) {
            UsageRecord.Builder changed = record.toBuilder();
            if (tier) {
                changed.serviceTier(other.tier()).requestedServiceTier("");
            }
            if (region) {
                changed.region(other.region());
            }
            UsageRecord supposed = changed.build();
            Cost repriced = entry.get().price(supposed);
            if (repriced instanceof Cost.Priced) {
                return new Use(supposed, occurred, repriced, entry, other, classes);
            }
        }
        return new Use(record, occurred, costAsIs(), entry, other, classes);
    }

    private Cost costAsIs() {
        return entry.map(price -> price.price(record))
                .filter(priced -> priced.amount().equals(cost))
                .orElseGet(() -> new Cost.Given(cost, unpriced ? PricingStatus.UNPRICED : PricingStatus.PRICED));
    }
}
