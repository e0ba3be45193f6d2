package dev.tokenledger.testkit;

import dev.tokenledger.pricing.DailySpan;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceHours;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Draws price entries in which any part may be stated: rates down to 10⁻¹², tiers, service tiers, fees, hours, dates. Not
 * safe for use by several threads.
 */
public final class PriceGenerator {

    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");

    private final RandomGenerator random;

    /** Draws from this source. */
    public PriceGenerator(RandomGenerator random) {
        this.random = random;
    }

    /** An entry for a model, in force at any time. */
    public PriceEntry entry(String model) {
        return builder(model).build();
    }

    /** An entry for a model without dates and hours, which a caller may add. */
    public PriceEntry.Builder builder(String model) {
        PriceEntry.Builder builder = PriceEntry.builder(model)
                .provider(pick(List.of("", "anthropic", "openai", "x_ai")))
                .rates(rates())
                .cacheByMultiplier(oneIn(4))
                .source(pick(List.of("", "price page = 1, #2", "görsel \uD83D\uDCB8")));
        if (oneIn(3)) {
            builder.alias(model + "-" + random.nextInt(3)).alias("alias = " + random.nextInt(3));
        }
        for (int i = oneIn(2) ? random.nextInt(3) : 0; i > 0; i--) {
            // Thresholds far enough apart that no two tiers begin alike.
            builder.tier(
                    new Tier(pick(List.of(Tier.Boundary.values())), i * 100_000L + random.nextInt(50_000), rates()));
        }
        for (String name : List.of("batch", "flex", "a.b=c%d")) {
            if (oneIn(4)) {
                builder.serviceTier(name, change());
            }
        }
        for (String name : List.of("us", "eu", "a.b=c%d")) {
            if (oneIn(6)) {
                builder.region(name, change());
            }
        }
        if (oneIn(2)) {
            builder.perCall("web_search", BigDecimal.valueOf(random.nextInt(100_000), 6));
        }
        return builder;
    }

    private ServiceTierRates change() {
        if (random.nextBoolean()) {
            return new ServiceTierRates.Multiplier(BigDecimal.valueOf(random.nextInt(3_000_001), 6));
        }
        return oneIn(3)
                ? new ServiceTierRates.Own(
                        rates(), List.of(new Tier(pick(List.of(Tier.Boundary.values())), 150_000, rates())))
                : new ServiceTierRates.Own(rates());
    }

    /** Entries of one id that follow each other without overlap: with and without ends, gaps between some. */
    public List<PriceEntry> history(String model, String provider) {
        List<PriceEntry> entries = new ArrayList<>();
        Instant from = START.plus(random.nextInt(100), ChronoUnit.DAYS);
        for (int i = random.nextInt(5); i >= 0; i--) {
            Instant next = from.plus(1 + random.nextInt(60), ChronoUnit.DAYS);
            PriceEntry.Builder entry =
                    PriceEntry.builder(model).provider(provider).rates(rates());
            if (!entries.isEmpty() || oneIn(2)) {
                entry.from(from);
            }
            if (oneIn(3)) {
                entry.until(oneIn(2) ? next : from.plusSeconds(1 + random.nextInt(86_400)));
            }
            entries.add(entry.build());
            from = next;
        }
        return entries;
    }

    /** Rates for some classes; none at all now and then. */
    public Rates rates() {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        for (TokenClass tokenClass : TokenClass.values()) {
            boolean whole = tokenClass == TokenClass.INPUT || tokenClass == TokenClass.OUTPUT;
            if (whole ? !oneIn(8) : oneIn(3)) {
                rates.put(tokenClass, rate());
            }
        }
        return Rates.of(rates);
    }

    /** A rate in USD per million tokens: nothing, a picodollar a million, half a picodollar a token, a twelfth as a
     * binary number has it, or an ordinary one. */
    public BigDecimal rate() {
        return switch (random.nextInt(6)) {
            case 0 -> BigDecimal.ZERO;
            case 1 -> BigDecimal.valueOf(1 + random.nextInt(9), 12);
            case 2 -> new BigDecimal("0.0000005");
            case 4 -> new BigDecimal("0.08333333333333334");
            case 3 -> BigDecimal.valueOf(random.nextLong(100_000_000_000L), 9);
            default -> BigDecimal.valueOf(random.nextInt(10_000), 2);
        };
    }

    /** Part of every day. */
    public DailySpan hours() {
        int start = random.nextInt(24 * 60);
        int length = 1 + random.nextInt(24 * 60 - 1);
        return new DailySpan(time(start), time((start + length) % (24 * 60)));
    }

    /** Parts of the day on some days: one span, two in either half of the day, whole days; any days. */
    public PriceHours weekly() {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (DayOfWeek day : DayOfWeek.values()) {
            if (random.nextBoolean()) {
                days.add(day);
            }
        }
        if (days.isEmpty()) {
            days.add(DayOfWeek.SUNDAY);
        }
        int middle = 2 + random.nextInt(1_000);
        return switch (random.nextInt(3)) {
            case 0 -> new PriceHours(List.of(hours()), days);
            case 1 ->
                new PriceHours(
                        List.of(
                                new DailySpan(time(random.nextInt(middle - 1)), time(middle - 1)),
                                new DailySpan(time(middle), time(middle + 1 + random.nextInt(400)))),
                        days);
            default -> new PriceHours(days.size() == DayOfWeek.values().length ? List.of(hours()) : List.of(), days);
        };
    }

    private static LocalTime time(int minute) {
        return LocalTime.of(minute / 60, minute % 60);
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
