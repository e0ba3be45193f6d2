package dev.tokenledger.formats.present;

import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What to write into a price file so that a call like a given one is priced. Figures to be filled in are words, so that
 * {@code prices check} points at what was forgotten; a 0 would mean "free".
 *
 * <p>The entry is completed step by step, each step adding what pricing the call still lacks, until nothing is. A figure to be
 * filled in stands in the entry as one that no price list has, since an entry holds numbers alone, and becomes a word as the
 * entry is written. Names are in it as the record has them: whoever shows it makes them safe where it is shown.
 */
public final class PriceSnippet {

    private static final BigDecimal RATE = new BigDecimal("0.000000000271");
    private static final BigDecimal FEE = new BigDecimal("0.000000000577");
    private static final BigDecimal FACTOR = new BigDecimal("0.000314");

    private static final String FACTOR_EXPLAINED = """
                # FACTOR: the service tier's rates divided by the ordinary ones, such as 0.5. For calls below every
                # long-context tier, rates of its own may stand in its place: usd_per_million: { input: … }
            """;

    /** A service tier, rates of the input it multiplies, those of a long-context tier, fees. */
    private static final int MAX_STEPS = 4;

    private final SortedMap<String, BigDecimal> fees;
    private final SortedMap<String, ServiceTierRates> services;
    private final SortedMap<String, ServiceTierRates> regions;
    private final List<Tier> tiers;
    private final PriceEntry entry;
    private Rates base;
    private boolean cacheByMultiplier;

    private PriceSnippet(PriceEntry entry) {
        this.entry = entry;
        fees = new TreeMap<>(entry.perCall());
        services = new TreeMap<>(entry.serviceTiers());
        regions = new TreeMap<>(entry.regions());
        tiers = new ArrayList<>(entry.tiers());
        base = entry.rates();
        cacheByMultiplier = entry.cacheByMultiplier();
    }

    /** A file with an entry for the model of a call for which none was in force. */
    public static String forModel(UsageRecord record) {
        ModelIdentity identity = record.identity();
        String model = identity.upstreamModel().isEmpty() ? identity.model() : identity.upstreamModel();
        PriceEntry bare = PriceEntry.builder(model)
                .provider(identity.provider())
                .rates(Rates.of(Map.of(TokenClass.INPUT, RATE, TokenClass.OUTPUT, RATE)))
                .source("where the figures are from")
                .build();
        return toComplete(bare, record);
    }

    /** A file with an entry that was in force, and in it what it lacks to price a call. */
    public static String toComplete(PriceEntry entry, UsageRecord record) {
        PriceEntry complete = entry;
        for (int step = 0; step < MAX_STEPS; step++) {
            Cost cost = complete.price(record);
            if (cost.status() == PricingStatus.PRICED) {
                break;
            }
            complete = new PriceSnippet(complete).with(cost);
        }
        String yaml = PriceFile.format(List.of(complete));
        String rated = worded(worded(yaml, RATE, "USD_PER_MILLION"), FEE, "USD_PER_CALL");
        String words = worded(rated, FACTOR, "FACTOR");
        return words.equals(rated) ? words : words + FACTOR_EXPLAINED;
    }

    private static String worded(String yaml, BigDecimal figure, String word) {
        return yaml.replace(": " + figure.toPlainString(), ": " + word);
    }

    /** The entry with what a cost by it lacked. */
    private PriceEntry with(Cost cost) {
        cost.unpricedCalls().keySet().forEach(name -> fees.put(name, FEE));
        String unknown = noted(cost, "service_tier_unpriced:");
        if (!unknown.isEmpty()) {
            // A name that no price file can have is left alone.
            if (unknown.length() <= Bound.ID.characters()) {
                services.put(unknown, new ServiceTierRates.Multiplier(FACTOR));
            }
        } else if (!cost.unpricedTokens().isEmpty()) {
            addRates(cost);
        }
        return completed();
    }

    /** Adds rates where the call's were taken from: its service tier's own, else its long-context tier's, else the entry's. */
    private void addRates(Cost cost) {
        Set<TokenClass> missing = cost.unpricedTokens().keySet();
        String service = noted(cost, "service_tier:");
        String region = noted(cost, "region:");
        String tier = noted(cost, "tier:");
        int crossed = crossed(tiers, tier);
        if (services.get(service) instanceof ServiceTierRates.Own own) {
            services.put(service, with(own, tier, missing));
        } else if (regions.get(region) instanceof ServiceTierRates.Own own) {
            regions.put(region, with(own, tier, missing));
        } else if (crossed >= 0) {
            tiers.set(crossed, with(tiers.get(crossed), missing));
        } else {
            base = with(base, missing);
        }
        // Multiples of a figure that is yet to be filled in could not be written.
        cacheByMultiplier &= !missing.contains(TokenClass.INPUT);
    }

    /** Rates of their own end at the entry's first long-context tier unless they have tiers; a multiplier goes on. */
    private static ServiceTierRates with(ServiceTierRates.Own own, String noted, Set<TokenClass> missing) {
        int crossed = crossed(own.tiers(), noted);
        if (crossed >= 0) {
            List<Tier> above = new ArrayList<>(own.tiers());
            above.set(crossed, with(above.get(crossed), missing));
            return new ServiceTierRates.Own(own.rates(), above);
        }
        return noted.isEmpty()
                ? new ServiceTierRates.Own(with(own.rates(), missing), own.tiers())
                : new ServiceTierRates.Multiplier(FACTOR);
    }

    private static Tier with(Tier tier, Set<TokenClass> missing) {
        return new Tier(tier.boundary(), tier.threshold(), with(tier.rates(), missing));
    }

    private static int crossed(List<Tier> tiers, String noted) {
        for (int i = 0; i < tiers.size(); i++) {
            if (noted.equals(tiers.get(i).boundary().text() + ":" + tiers.get(i).threshold())) {
                return i;
            }
        }
        return -1;
    }

    private static Rates with(Rates rates, Set<TokenClass> missing) {
        Map<TokenClass, BigDecimal> all = new EnumMap<>(TokenClass.class);
        all.putAll(rates.perMillion());
        missing.forEach(tokenClass -> all.put(tokenClass, RATE));
        return Rates.of(all);
    }

    /** What stands behind the beginning of a note; empty where no note begins so. */
    private static String noted(Cost cost, String beginning) {
        return cost.notes().stream()
                .filter(note -> note.startsWith(beginning))
                .map(note -> note.substring(beginning.length()))
                .findFirst()
                .orElse("");
    }

    private PriceEntry completed() {
        PriceEntry.Builder builder = PriceEntry.builder(entry.model())
                .provider(entry.provider())
                .rates(base)
                .cacheByMultiplier(cacheByMultiplier)
                .source(entry.source());
        entry.aliases().forEach(builder::alias);
        entry.from().ifPresent(builder::from);
        entry.until().ifPresent(builder::until);
        entry.hours().ifPresent(builder::hours);
        fees.forEach(builder::perCall);
        tiers.forEach(builder::tier);
        services.forEach(builder::serviceTier);
        regions.forEach(builder::region);
        return builder.build();
    }
}
