package dev.tokenledger.formats.pricelists;

import dev.tokenledger.pricing.DailySpan;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a list states about one model over one span of time, as it is collected. */
final class ListedModel {

    /** Rates of one service tier. */
    static final class Block {
        final Map<TokenClass, BigDecimal> base = new EnumMap<>(TokenClass.class);
        final SortedMap<Long, Map<TokenClass, BigDecimal>> tiers = new TreeMap<>();

        Map<TokenClass, BigDecimal> tier(long threshold) {
            return tiers.computeIfAbsent(threshold, key -> new EnumMap<>(TokenClass.class));
        }
    }

    final String provider;
    final String id;
    /** Of two prices of one id, the one of the lower rank is taken. */
    int rank;

    final SortedSet<String> aliases = new TreeSet<>();
    final Block standard = new Block();
    final SortedMap<String, Block> services = new TreeMap<>();
    final SortedMap<String, BigDecimal> multipliers = new TreeMap<>();
    final SortedMap<String, BigDecimal> regions = new TreeMap<>();
    final SortedMap<String, BigDecimal> calls = new TreeMap<>();
    Tier.Boundary boundary = Tier.Boundary.ABOVE;

    @Nullable
    Instant from;

    @Nullable
    Instant until;

    @Nullable
    DailySpan hours;
    /** Whether a price of 0 is one; in most lists it stands for a plan, a free tier or a server of one's own. */
    boolean freeIsAPrice;

    ListedModel(String provider, String id) {
        this.provider = provider;
        this.id = id;
        if (provider.equals("xai")) {
            // Its page says "at or above"; every list writes the bare figure.
            boundary = Tier.Boundary.AT_LEAST;
        }
    }

    Block service(String name) {
        return services.computeIfAbsent(name, key -> new Block());
    }

    /**
     * The entry.
     *
     * @param source what it says about where its figures are from
     * @param left told what is left out of it
     * @return null if nothing of what the list states is a price by tokens or calls
     * @throws IllegalArgumentException if a figure is none that an entry can have
     */
    @Nullable
    PriceEntry entry(String source, LeftOut left) {
        settle(standard);
        services.values().forEach(ListedModel::settle);
        if (standard.base.isEmpty() && calls.isEmpty()) {
            left.model(provider, id, "no price by tokens or calls");
            return null;
        }
        if (!freeIsAPrice && !standard.base.isEmpty() && isFree()) {
            left.model(provider, id, "a price of 0, which may be a plan's or not stated");
            return null;
        }
        PriceEntry.Builder builder = PriceEntry.builder(id).provider(provider).source(source);
        aliases.stream().filter(alias -> !alias.equals(id)).forEach(builder::alias);
        if (from != null) {
            builder.from(from);
        }
        if (until != null) {
            builder.until(until);
        }
        if (hours != null) {
            builder.hours(hours);
        }
        builder.rates(Rates.of(standard.base));
        calls.forEach(builder::perCall);
        standard.tiers.forEach((threshold, rates) -> {
            if (!rates.isEmpty()) {
                builder.tier(tier(threshold, rates));
            }
        });
        multipliers.forEach((name, factor) -> builder.serviceTier(name, new ServiceTierRates.Multiplier(factor)));
        regions.forEach((name, factor) -> builder.region(name, new ServiceTierRates.Multiplier(factor)));
        services.forEach((name, block) -> {
            if (!multipliers.containsKey(name) && !block.base.isEmpty()) {
                builder.serviceTier(name, change(block));
            }
        });
        return builder.build();
    }

    private boolean isFree() {
        return standard.base.values().stream().allMatch(rate -> rate.signum() == 0) && calls.isEmpty();
    }

    private Tier tier(long threshold, Map<TokenClass, BigDecimal> rates) {
        // 271999 and 128001 are the last token before a round boundary and the first behind it.
        if (threshold % 1000 == 999) {
            return new Tier(Tier.Boundary.AT_LEAST, threshold + 1, Rates.of(rates));
        }
        return threshold % 1000 == 1
                ? new Tier(Tier.Boundary.ABOVE, threshold - 1, Rates.of(rates))
                : new Tier(boundary, threshold, Rates.of(rates));
    }

    /** A factor where one makes all rates of the service tier of the ordinary ones, boundaries included; else rates of its own. */
    private ServiceTierRates change(Block block) {
        BigDecimal factor = factor(standard.base, block.base);
        boolean same = factor != null && block.tiers.keySet().equals(standard.tiers.keySet());
        for (Map.Entry<Long, Map<TokenClass, BigDecimal>> tier : block.tiers.entrySet()) {
            Map<TokenClass, BigDecimal> ordinary = standard.tiers.getOrDefault(tier.getKey(), Map.of());
            BigDecimal own = factor(ordinary, tier.getValue());
            same &= factor != null && own != null && own.compareTo(factor) == 0;
        }
        if (factor != null && same) {
            return new ServiceTierRates.Multiplier(factor);
        }
        List<Tier> tiers = new ArrayList<>();
        block.tiers.forEach((threshold, rates) -> tiers.add(tier(threshold, rates)));
        return new ServiceTierRates.Own(Rates.of(block.base), tiers);
    }

    private static @Nullable BigDecimal factor(
            Map<TokenClass, BigDecimal> ordinary, Map<TokenClass, BigDecimal> rates) {
        BigDecimal factor = null;
        if (!ordinary.keySet().equals(rates.keySet())) {
            return null;
        }
        for (Map.Entry<TokenClass, BigDecimal> rate : rates.entrySet()) {
            BigDecimal base = ordinary.get(rate.getKey());
            if (base == null || base.signum() == 0) {
                if (rate.getValue().signum() != 0) {
                    return null;
                }
                continue;
            }
            BigDecimal quotient =
                    rate.getValue().divide(base, MathContext.DECIMAL64).stripTrailingZeros();
            boolean exact = quotient.scale() <= 6 && quotient.multiply(base).compareTo(rate.getValue()) == 0;
            if (!exact || (factor != null && factor.compareTo(quotient) != 0)) {
                return null;
            }
            factor = quotient;
        }
        return factor;
    }

    /** Takes away what states nothing: a part's rate of 0, and one for reasoning that repeats the output's. */
    private static void settle(Block block) {
        settle(block.base);
        block.tiers.values().forEach(ListedModel::settle);
        block.tiers.values().removeIf(Map::isEmpty);
    }

    private static void settle(Map<TokenClass, BigDecimal> rates) {
        rates.entrySet()
                .removeIf(rate -> rate.getValue().signum() == 0
                        && rate.getKey() != TokenClass.INPUT
                        && rate.getKey() != TokenClass.OUTPUT);
        BigDecimal reasoning = rates.get(TokenClass.REASONING);
        BigDecimal output = rates.get(TokenClass.OUTPUT);
        if (reasoning != null && output != null && reasoning.compareTo(output) == 0) {
            rates.remove(TokenClass.REASONING);
        }
    }
}
