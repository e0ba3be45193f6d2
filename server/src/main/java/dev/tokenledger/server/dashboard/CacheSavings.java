package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.dashboard.OverviewPage.Card;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What prompt caches saved: what the tokens that were read from and written to them would have cost as plain input, less what
 * they cost. It is told from totals by model and month, so that it takes no longer the more calls there are: at the rates below
 * all long-context tiers that were in force as each month, or what was asked for of it, began. {@code tokenledger whatif
 * --no-cache} prices every call by itself.
 */
final class CacheSavings {

    /** The rest, which has the fewest tokens, is left out and said to be. */
    private static final int MAX_GROUPS = 200;

    /** Few enough to be below every long-context tier, and a number that rates per million divide by without a rest. */
    private static final long SAMPLE = 1_000;

    private static final Card NONE = new Card("Saved by caching", "–", "no cache reads or writes are counted");

    private final PriceBook prices;
    private final Instant start;
    private BigDecimal saved = BigDecimal.ZERO;
    private long unknown;
    private long known;

    private CacheSavings(PriceBook prices, Instant start) {
        this.prices = prices;
        this.start = start;
    }

    /** Asks for what a view's calls saved; its card is there once all questions are answered. */
    static Supplier<Card> ask(Ledger ledger, View view, Questions questions) {
        SummaryQuery query = view.query(view.window())
                .by(
                        Dimension.MODEL,
                        Dimension.UPSTREAM_MODEL,
                        Dimension.PROVIDER,
                        Dimension.RESOURCE,
                        Dimension.SERVICE_TIER)
                .every(CalendarBucket.MONTH, view.zone())
                .order(SummaryQuery.Order.TOKENS)
                .limit(MAX_GROUPS)
                .build();
        if (ledger.readsRecords(query)) {
            return () -> new Card("Saved by caching", "–", "not told where single calls are added up");
        }
        Supplier<List<GroupedSummary>> rows = questions.rows(query);
        return () -> {
            CacheSavings savings =
                    new CacheSavings(ledger.prices(), view.window().start());
            rows.get().forEach(savings::add);
            return savings.card();
        };
    }

    private void add(GroupedSummary row) {
        Summary summary = row.summary();
        long read = summary.totalCacheReadInputTokens();
        long written = summary.totalCacheCreationInputTokens();
        if (read == 0 && written == 0) {
            return;
        }
        Optional<BigDecimal> sum = row.other() ? Optional.empty() : saved(row, summary);
        if (sum.isPresent()) {
            known += read + written;
            saved = saved.add(sum.get());
        } else {
            unknown += read + written;
        }
    }

    private Optional<BigDecimal> saved(GroupedSummary row, Summary summary) {
        Instant month = row.bucket().orElseThrow().toInstant();
        Instant at = month.isBefore(start) ? start : month;
        long hour = summary.totalCacheCreation1hInputTokens();
        Optional<BigDecimal> input = rate(row, at, sample().inputTokens(SAMPLE));
        Optional<BigDecimal> reads = saved(
                summary.totalCacheReadInputTokens(), input, () -> rate(row, at, sample().cacheReadInputTokens(SAMPLE)));
        Optional<BigDecimal> hours = saved(
                hour,
                input,
                () -> rate(row, at, sample().cacheCreationInputTokens(SAMPLE).cacheCreation1hInputTokens(SAMPLE)));
        Optional<BigDecimal> minutes = saved(
                summary.totalCacheCreationInputTokens() - hour,
                input,
                () -> rate(row, at, sample().cacheCreationInputTokens(SAMPLE).cacheCreation5mInputTokens(SAMPLE)));
        return reads.isEmpty() || hours.isEmpty() || minutes.isEmpty()
                ? Optional.empty()
                : Optional.of(reads.get().add(hours.get()).add(minutes.get()));
    }

    /** What so many tokens would have cost more as plain input; empty where a rate is missing. */
    private static Optional<BigDecimal> saved(
            long tokens, Optional<BigDecimal> input, Supplier<Optional<BigDecimal>> rate) {
        if (tokens == 0) {
            return Optional.of(BigDecimal.ZERO);
        }
        return input.flatMap(plain -> rate.get()
                .map(cached -> plain.subtract(cached)
                        .multiply(BigDecimal.valueOf(tokens))
                        .divide(BigDecimal.valueOf(SAMPLE), MathContext.DECIMAL128)));
    }

    private static UsageRecord.Builder sample() {
        return UsageRecord.builder();
    }

    private Optional<BigDecimal> rate(GroupedSummary row, Instant at, UsageRecord.Builder sample) {
        ModelIdentity identity = new ModelIdentity(
                value(row, Dimension.MODEL),
                value(row, Dimension.UPSTREAM_MODEL),
                value(row, Dimension.RESOURCE),
                value(row, Dimension.PROVIDER));
        Cost cost = prices.price(
                sample.identity(identity)
                        .serviceTier(value(row, Dimension.SERVICE_TIER))
                        .timestamp(at)
                        .build(),
                at);
        return cost.status() == PricingStatus.PRICED ? Optional.of(cost.amount().toBigDecimal()) : Optional.empty();
    }

    private static String value(GroupedSummary row, Dimension dimension) {
        return row.keys().getOrDefault(dimension, "");
    }

    private Card card() {
        if (known + unknown == 0) {
            return NONE;
        }
        if (known == 0) {
            return new Card("Saved by caching", "–", "the cached tokens have no price");
        }
        Usd amount = Usd.rounded(saved);
        String note = "about, against the same tokens as plain input";
        return new Card(
                "Saved by caching",
                Figures.usd(amount, 2),
                unknown == 0 ? note : note + "; " + Units.tokens(unknown) + " of them have no price");
    }
}
