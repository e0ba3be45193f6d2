package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of one entry: cost = Σ tokens × rate ÷ 10⁶ + Σ calls × fee, exact until the single rounding.
 *
 * <p>What an entry's service tiers and long-context tiers make of its rates is worked out once, when the entry is
 * built; pricing a record is then a look-up or two and at most eleven multiplications. {@link #price} and {@link #explain} walk
 * the same {@link Charges}, so an explanation cannot drift from the price.
 */
final class CostRule {

    /** Names by which providers call the ordinary service tier, or say that nothing else was asked for. */
    private static final Set<String> STANDARD =
            Set.of("", "standard", "default", "auto", "standard_only", "on_demand", "on-demand");

    /** Names of no particular place. */
    private static final Set<String> ANYWHERE = Set.of("", "global", "not_available", "unknown", "none", "default");

    private static final String REQUEST = "request";

    private final PriceEntry entry;
    private final Place anywhere;
    private final Map<String, Place> regions = new HashMap<>(0);

    /**
     * Rates as they are applied.
     *
     * @param fallbacks the classes whose rate is a multiple of the input rate, for want of a stated one
     */
    private record Applied(Rates rates, Set<TokenClass> fallbacks) {
        static final Applied NONE = new Applied(Rates.NONE, Set.of());

        static Applied of(Rates stated, boolean cacheByMultiplier) {
            if (!cacheByMultiplier) {
                return new Applied(stated, Set.of());
            }
            Rates all = stated.withCacheByMultiplier();
            Set<TokenClass> fallbacks = EnumSet.noneOf(TokenClass.class);
            fallbacks.addAll(all.perMillion().keySet());
            fallbacks.removeAll(stated.perMillion().keySet());
            return new Applied(all, fallbacks);
        }

        Applied times(BigDecimal factor) {
            return new Applied(rates.times(factor), fallbacks);
        }

        boolean fallsBackFor(TokenCounts tokens) {
            return !fallbacks.isEmpty()
                    && (has(TokenClass.CACHE_READ, tokens.cacheRead())
                            || has(TokenClass.CACHE_WRITE_5M, tokens.cacheCreation() - tokens.cacheCreation1h())
                            || has(TokenClass.CACHE_WRITE_1H, tokens.cacheCreation1h()));
        }

        private boolean has(TokenClass tokenClass, long count) {
            return count > 0 && fallbacks.contains(tokenClass);
        }
    }

    /** Rates below every boundary, and above each of some tiers in turn. */
    private record Schedule(Applied base, List<Tier> boundaries, List<Applied> tiers) {
        static final Schedule NONE = new Schedule(Applied.NONE, List.of(), List.of());

        /** The number of the tier that a call or pass reaches; -1 below every boundary. */
        int reached(TokenCounts tokens) {
            long totalInput = tokens.totalInput();
            int last = boundaries.size() - 1;
            while (last >= 0 && !boundaries.get(last).reached(totalInput)) {
                last--;
            }
            return last;
        }

        Schedule times(BigDecimal factor) {
            return new Schedule(
                    base.times(factor),
                    boundaries,
                    tiers.stream().map(applied -> applied.times(factor)).toList());
        }
    }

    /** What holds in one place: rates of the ordinary service tier, and of the others by name. */
    private record Place(Schedule standard, Map<String, Schedule> byServiceTier) {}

    CostRule(PriceEntry entry) {
        this.entry = entry;
        boolean fallback = entry.cacheByMultiplier();
        Schedule standard = new Schedule(
                Applied.of(entry.rates(), fallback),
                entry.tiers(),
                entry.tiers().stream()
                        .map(tier -> Applied.of(tier.rates(), fallback))
                        .toList());
        Map<String, Schedule> byServiceTier = new HashMap<>();
        entry.serviceTiers()
                .forEach((name, change) -> byServiceTier.put(name, changed(standard, change, entry.tiers())));
        anywhere = new Place(standard, byServiceTier);
        entry.regions().forEach((name, change) -> regions.put(name, place(change)));
    }

    private static Schedule changed(Schedule standard, ServiceTierRates change, List<Tier> boundaries) {
        if (change instanceof ServiceTierRates.Multiplier multiplier) {
            return standard.times(multiplier.factor());
        }
        ServiceTierRates.Own own = (ServiceTierRates.Own) change;
        Applied base = Applied.of(own.rates(), false);
        return own.tiers().isEmpty()
                ? new Schedule(
                        base,
                        boundaries,
                        boundaries.stream().map(tier -> Applied.NONE).toList())
                : new Schedule(
                        base,
                        own.tiers(),
                        own.tiers().stream()
                                .map(tier -> Applied.of(tier.rates(), false))
                                .toList());
    }

    /**
     * What a region makes of the ordinary rates and of the service tiers'. Where both a region and a service tier have rates of
     * their own, nobody has stated what they come to together.
     */
    private Place place(ServiceTierRates change) {
        Schedule standard = changed(anywhere.standard, change, entry.tiers());
        Map<String, Schedule> byServiceTier = new HashMap<>();
        entry.serviceTiers().forEach((name, tier) -> {
            if (change instanceof ServiceTierRates.Multiplier multiplier) {
                Schedule schedule = anywhere.byServiceTier.get(name);
                if (schedule != null) {
                    byServiceTier.put(name, schedule.times(multiplier.factor()));
                }
            } else if (tier instanceof ServiceTierRates.Multiplier multiplier) {
                byServiceTier.put(name, standard.times(multiplier.factor()));
            }
        });
        return new Place(standard, byServiceTier);
    }

    /** Whether a service tier of this name is the ordinary one, which the entry's own rates are for. */
    static boolean isStandard(String serviceTier) {
        return STANDARD.contains(serviceTier);
    }

    Cost price(UsageRecord record) {
        return charge(record, null);
    }

    Explanation explain(UsageRecord record) {
        List<Explanation.Line> lines = new ArrayList<>();
        Cost cost = charge(record, lines);
        return new Explanation(cost, lines, Optional.of(entry));
    }

    private Cost charge(UsageRecord record, @Nullable List<Explanation.Line> lines) {
        Charges charges = new Charges(lines);
        Schedule schedule = schedule(record, charges);
        if (record.passes().isEmpty()) {
            charges.walk(record.tokens(), applied(schedule, tier(schedule, record, charges), charges));
        } else {
            SortedMap<Integer, TokenCounts> byTier = new TreeMap<>();
            for (TokenCounts pass : record.passes()) {
                byTier.merge(schedule.reached(pass), pass, TokenCounts::plus);
            }
            byTier.forEach((tier, tokens) -> charges.walk(tokens, applied(schedule, tier, charges)));
        }
        if (snapshotOf(record).filter(this::isPriceOfRequested).isPresent()) {
            charges.note("requested_model_price");
        }
        for (Map.Entry<String, Long> calls : record.calls().entrySet()) {
            charges.calls(calls.getKey(), calls.getValue(), fee(calls.getKey()));
        }
        for (String note : record.notes()) {
            charges.unpricedMember |= note.startsWith(UsageRecord.UNPRICED_MEMBER);
        }
        return charges.cost(entry.id());
    }

    /** The fee of a call; of a request of a stated context size, the fee of any request where that size has none of its own. */
    private @Nullable BigDecimal fee(String name) {
        BigDecimal own = entry.perCall().get(name);
        return own == null && name.startsWith(REQUEST + "_") ? entry.perCall().get(REQUEST) : own;
    }

    /** The place that served, by the record's region or else its resource. */
    private Place place(UsageRecord record, Charges charges) {
        String stated = record.region();
        if (stated.isEmpty() && regions.isEmpty()) {
            return anywhere;
        }
        String name = (stated.isEmpty() ? record.identity().resource() : stated).toLowerCase(Locale.ROOT);
        Place place = regions.get(name);
        if (place != null) {
            charges.note("region:" + name);
            return place;
        }
        if (!stated.isEmpty() && !ANYWHERE.contains(name)) {
            charges.note("region_at_base_rate:" + name);
        }
        return anywhere;
    }

    /** The requested model, where the one that served is a dated or numbered snapshot of it; without a resource's name. */
    static Optional<String> snapshotOf(UsageRecord record) {
        String requested = record.requestedModel();
        if (requested.isEmpty()) {
            return Optional.empty();
        }
        ModelIdentity identity = record.identity();
        String served = identity.upstreamModel().isEmpty() ? identity.model() : identity.upstreamModel();
        if (ModelNames.isVersionOf(served, requested)) {
            return Optional.of(requested);
        }
        String upstream = ModelIdentity.ofReference(requested).upstreamModel();
        return ModelNames.isVersionOf(ModelNames.bare(served), upstream) ? Optional.of(upstream) : Optional.empty();
    }

    private boolean isPriceOfRequested(String requested) {
        return entry.model().equals(requested) || entry.aliases().contains(requested);
    }

    private Schedule schedule(UsageRecord record, Charges charges) {
        Place place = place(record, charges);
        String tierName = serviceTier(record);
        if (tierName.isEmpty()) {
            return place.standard;
        }
        Schedule schedule = place.byServiceTier.get(tierName);
        charges.note((schedule == null ? "service_tier_unpriced:" : "service_tier:") + tierName);
        return schedule == null ? Schedule.NONE : schedule;
    }

    /** The tier of a record of one pass; of several that are not told apart nobody knows whether one reached it. */
    private static int tier(Schedule schedule, UsageRecord record, Charges charges) {
        int tier = schedule.reached(record.tokens());
        if (tier >= 0 && record.aggregate()) {
            charges.note("tier_unknown");
            return -1;
        }
        return tier;
    }

    private static Applied applied(Schedule schedule, int tier, Charges charges) {
        if (tier < 0) {
            return schedule.base;
        }
        Tier reached = schedule.boundaries.get(tier);
        charges.note("tier:" + reached.boundary().text() + ":" + reached.threshold());
        return schedule.tiers.get(tier);
    }

    /** The tier that served, else the one asked for; empty for the ordinary one. */
    private static String serviceTier(UsageRecord record) {
        String name = record.serviceTier().isEmpty() ? record.requestedServiceTier() : record.serviceTier();
        if (STANDARD.contains(name)) {
            return "";
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return STANDARD.contains(lower) ? "" : lower;
    }

    /** Collects what one record is charged. */
    private static final class Charges {

        private final @Nullable List<Explanation.Line> lines;
        private BigDecimal perMillionSum = BigDecimal.ZERO;
        private BigDecimal feeSum = BigDecimal.ZERO;
        private @Nullable Map<TokenClass, Long> unpricedTokens;
        private @Nullable SortedMap<String, Long> unpricedCalls;
        private @Nullable List<String> notes;
        private boolean unpricedMember;

        Charges(@Nullable List<Explanation.Line> lines) {
            this.lines = lines;
        }

        void walk(TokenCounts tokens, Applied applied) {
            if (applied.fallsBackFor(tokens)) {
                note("cache_multiplier_fallback");
            }
            Rates rates = applied.rates;
            long input = tokens.input()
                    - part(TokenClass.AUDIO_INPUT, tokens.audioInput(), rates)
                    - part(TokenClass.IMAGE_INPUT, tokens.imageInput(), rates);
            tokens(TokenClass.INPUT, input, rates);
            long unattributed = tokens.cacheCreationUnattributed();
            if (unattributed > 0) {
                note("cache_write_unattributed");
            }
            tokens(TokenClass.CACHE_WRITE_5M, tokens.cacheCreation5m() + unattributed, rates);
            tokens(TokenClass.CACHE_WRITE_1H, tokens.cacheCreation1h(), rates);
            long cacheRead = tokens.cacheRead() - part(TokenClass.CACHED_AUDIO_READ, tokens.cachedAudioRead(), rates);
            tokens(TokenClass.CACHE_READ, cacheRead, rates);
            long output = tokens.output()
                    - part(TokenClass.REASONING, tokens.reasoning(), rates)
                    - part(TokenClass.AUDIO_OUTPUT, tokens.audioOutput(), rates)
                    - part(TokenClass.IMAGE_OUTPUT, tokens.imageOutput(), rates);
            tokens(TokenClass.OUTPUT, output, rates);
        }

        /** Charges a part that has a rate of its own; says how many tokens that takes from its whole. */
        private long part(TokenClass tokenClass, long count, Rates rates) {
            if (count == 0) {
                return 0;
            }
            if (rates.rate(tokenClass) == null) {
                boolean charged = tokenClass
                        .whole()
                        .map(whole -> rates.rate(whole) != null)
                        .orElse(false);
                if (charged && tokenClass != TokenClass.REASONING) {
                    note("part_at_whole_rate:" + tokenClass.text());
                }
                return 0;
            }
            tokens(tokenClass, count, rates);
            return count;
        }

        private void tokens(TokenClass tokenClass, long count, Rates rates) {
            if (count == 0) {
                return;
            }
            BigDecimal rate = rates.rate(tokenClass);
            BigDecimal product = rate == null ? null : rate.multiply(BigDecimal.valueOf(count));
            if (product != null) {
                perMillionSum = perMillionSum.add(product);
            } else {
                if (unpricedTokens == null) {
                    unpricedTokens = new EnumMap<>(TokenClass.class);
                }
                unpricedTokens.merge(tokenClass, count, Long::sum);
            }
            if (lines != null) {
                lines.add(new Explanation.Line(
                        tokenClass.text(),
                        Explanation.Unit.TOKENS,
                        count,
                        Optional.ofNullable(rate),
                        Optional.ofNullable(product).map(exact -> Decimals.plain(exact.movePointLeft(6)))));
            }
        }

        void calls(String name, long count, @Nullable BigDecimal fee) {
            BigDecimal product = fee == null ? null : fee.multiply(BigDecimal.valueOf(count));
            if (product != null) {
                feeSum = feeSum.add(product);
            } else {
                if (unpricedCalls == null) {
                    unpricedCalls = new TreeMap<>();
                }
                unpricedCalls.put(name, count);
            }
            if (lines != null) {
                lines.add(new Explanation.Line(
                        name,
                        Explanation.Unit.CALLS,
                        count,
                        Optional.ofNullable(fee),
                        Optional.ofNullable(product).map(Decimals::plain)));
            }
        }

        void note(String note) {
            if (notes == null) {
                notes = new ArrayList<>(2);
            }
            if (!notes.contains(note)) {
                notes.add(note);
            }
        }

        Cost cost(PriceId price) {
            Usd amount = Usd.rounded(perMillionSum.movePointLeft(6).add(feeSum));
            if (amount.compareTo(Usd.RECORD_LIMIT) > 0) {
                throw new IllegalArgumentException("cost_usd: one record costs at most " + Usd.RECORD_LIMIT
                        + " USD, this one comes to " + amount + " at price " + price);
            }
            List<String> said = notes == null ? List.of() : notes;
            if (unpricedTokens == null && unpricedCalls == null && !unpricedMember) {
                return new Cost.Priced(amount, price, said);
            }
            return new Cost.Partial(
                    amount,
                    price,
                    unpricedTokens == null ? Map.of() : unpricedTokens,
                    unpricedCalls == null ? new TreeMap<>() : unpricedCalls,
                    said);
        }
    }

    /** The cost of a record that no entry covers. */
    static Cost.Unpriced unpriced(UsageRecord record) {
        Charges charges = new Charges(null);
        charges.walk(record.tokens(), Applied.NONE);
        return new Cost.Unpriced(
                record.identity(), charges.unpricedTokens == null ? Map.of() : charges.unpricedTokens, record.calls());
    }
}
