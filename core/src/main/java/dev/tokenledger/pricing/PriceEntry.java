package dev.tokenledger.pricing;

import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The price of one model over one span of time, as one price list states it.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class PriceEntry {

    private static final Pattern CALL = Pattern.compile("[a-z][a-z0-9_]{0,62}");

    private final String provider;
    private final String model;
    private final SortedSet<String> aliases;
    private final @Nullable Instant from;
    private final @Nullable Instant until;
    private final @Nullable PriceHours hours;
    private final Rates rates;
    private final SortedMap<String, BigDecimal> perCall;
    private final List<Tier> tiers;
    private final SortedMap<String, ServiceTierRates> serviceTiers;
    private final SortedMap<String, ServiceTierRates> regions;
    private final boolean cacheByMultiplier;
    private final String source;
    /** Worked out when first asked for: a book has hundreds of entries, and a program asks for the ids of a few. */
    private volatile @Nullable PriceId id;

    private final CostRule rule;

    private PriceEntry(Builder builder) {
        provider = Providers.canonical(Texts.checked("provider", builder.provider, Bound.TEXT));
        model = Texts.checked("model", builder.model, Bound.TEXT);
        if (model.isEmpty()) {
            throw new IllegalArgumentException("model: a price entry names its model");
        }
        aliases = Collections.unmodifiableSortedSet(new TreeSet<>(builder.aliases));
        from = builder.from;
        until = builder.until;
        if (from != null && until != null && !from.isBefore(until)) {
            throw new IllegalArgumentException("until: must be after from (" + from + "), found " + until);
        }
        hours = builder.hours;
        rates = builder.rates;
        perCall = Collections.unmodifiableSortedMap(new TreeMap<>(builder.perCall));
        tiers = Tier.sorted(builder.tiers);
        serviceTiers = Collections.unmodifiableSortedMap(new TreeMap<>(builder.serviceTiers));
        regions = Collections.unmodifiableSortedMap(new TreeMap<>(builder.regions));
        cacheByMultiplier = builder.cacheByMultiplier;
        source = Texts.checked("source", builder.source, Bound.TEXT);
        rule = new CostRule(this);
    }

    /** Starts an entry for a model. */
    public static Builder builder(String model) {
        return new Builder(model);
    }

    /**
     * An entry of the simple form: rates for input and output at any provider, cache rates by the multipliers 1.25 (5
     * minutes), 2.00 (1 hour) and 0.10 (read) of the input rate; their use is noted on the cost.
     *
     * @param input USD per million uncached input tokens
     * @param output USD per million output tokens
     */
    public static PriceEntry simple(String model, BigDecimal input, BigDecimal output) {
        return builder(model)
                .rates(Rates.of(Map.of(TokenClass.INPUT, input, TokenClass.OUTPUT, output)))
                .cacheByMultiplier(true)
                .build();
    }

    /**
     * Reads an entry from the text that {@link #toText} wrote.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static PriceEntry ofText(String text) {
        return PriceEntryText.parse(text);
    }

    /** A builder that holds all that this entry states. */
    public Builder toBuilder() {
        Builder copy = new Builder(model)
                .provider(provider)
                .rates(rates)
                .cacheByMultiplier(cacheByMultiplier)
                .source(source);
        copy.aliases.addAll(aliases);
        copy.from = from;
        copy.until = until;
        copy.hours = hours;
        copy.perCall.putAll(perCall);
        copy.tiers.addAll(tiers);
        copy.serviceTiers.putAll(serviceTiers);
        copy.regions.putAll(regions);
        return copy;
    }

    /** The provider in its canonical form; empty for an entry that serves any provider. */
    public String provider() {
        return provider;
    }

    /** The model's exact id. */
    public String model() {
        return model;
    }

    /** Other ids that are declared to mean this model. */
    public SortedSet<String> aliases() {
        return aliases;
    }

    /** The first instant the entry is in force, inclusive; empty for "always has been". */
    public Optional<Instant> from() {
        return Optional.ofNullable(from);
    }

    /** The instant the entry ends, exclusive; empty where it ends with the next entry of the same id, if any. */
    public Optional<Instant> until() {
        return Optional.ofNullable(until);
    }

    /** The parts of the UTC day, and the days of the week, in which the entry goes before one without hours. */
    public Optional<PriceHours> hours() {
        return Optional.ofNullable(hours);
    }

    /** Rates below every long-context boundary. */
    public Rates rates() {
        return rates;
    }

    /** Fees in USD per paid tool call or other unit, by name. */
    public SortedMap<String, BigDecimal> perCall() {
        return perCall;
    }

    /** Long-context tiers, lowest first. */
    public List<Tier> tiers() {
        return tiers;
    }

    /** What service tiers change, by name. */
    public SortedMap<String, ServiceTierRates> serviceTiers() {
        return serviceTiers;
    }

    /** What the place that served changes, by its name in lower case. */
    public SortedMap<String, ServiceTierRates> regions() {
        return regions;
    }

    /** Whether cache rates are multiples of the input rate: a labelled fallback. */
    public boolean cacheByMultiplier() {
        return cacheByMultiplier;
    }

    /** Where the figures are from. */
    public String source() {
        return source;
    }

    /** The newest day (such as 2026-11-20) that the source names: how old the figures are. Empty if it names none. */
    public Optional<LocalDate> sourceDay() {
        return SourceDays.newest(source);
    }

    /** Names this very entry, figures included. */
    public PriceId id() {
        PriceId known = id;
        if (known == null) {
            known = new PriceId((provider.isEmpty() ? "" : provider + "/") + model + "@" + day(from) + "#"
                    + digest(PriceEntryText.format(this)));
            id = known;
        }
        return known;
    }

    /**
     * What a record costs at this entry, whatever the entry's model and dates: exact, rounded once, half-even, to
     * 10⁻¹² USD.
     *
     * @throws IllegalArgumentException if the cost is above 9,000,000 USD
     */
    public Cost price(UsageRecord record) {
        return rule.price(record);
    }

    /** How {@link #price} comes about, one line per class of tokens. */
    public Explanation explain(UsageRecord record) {
        return rule.explain(record);
    }

    /** The entry as lines of {@code key=value}, the same for equal entries; {@link #ofText} reads it. */
    public String toText() {
        return PriceEntryText.format(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PriceEntry entry && toText().equals(entry.toText());
    }

    @Override
    public int hashCode() {
        return model.hashCode();
    }

    /** The entry's id. */
    @Override
    public String toString() {
        return id().text();
    }

    private static String day(@Nullable Instant from) {
        if (from == null) {
            return "*";
        }
        String text = from.toString();
        String midnight = "T00:00:00Z";
        return text.endsWith(midnight) ? text.substring(0, text.length() - midnight.length()) : text;
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Builds an entry. Not safe for use by several threads. */
    public static final class Builder {

        private final String model;
        private String provider = "";
        private final SortedSet<String> aliases = new TreeSet<>();
        private @Nullable Instant from;
        private @Nullable Instant until;
        private @Nullable PriceHours hours;
        private Rates rates = Rates.NONE;
        private final SortedMap<String, BigDecimal> perCall = new TreeMap<>();
        private final List<Tier> tiers = new ArrayList<>();
        private final SortedMap<String, ServiceTierRates> serviceTiers = new TreeMap<>();
        private final SortedMap<String, ServiceTierRates> regions = new TreeMap<>();
        private boolean cacheByMultiplier;
        private String source = "";

        private Builder(String model) {
            this.model = model;
        }

        /** The provider; left out, the entry serves any. */
        public Builder provider(String provider) {
            this.provider = provider;
            return this;
        }

        /**
         * Another id of the same model.
         *
         * @throws IllegalArgumentException if it is blank or too long
         */
        public Builder alias(String alias) {
            String checked = Texts.checked("aliases", alias, Bound.TEXT);
            if (checked.isEmpty()) {
                throw new IllegalArgumentException("aliases: an alias is not blank");
            }
            aliases.add(checked);
            return this;
        }

        /** The first instant the entry is in force, inclusive. */
        public Builder from(Instant from) {
            this.from = from;
            return this;
        }

        /** The instant the entry ends, exclusive. */
        public Builder until(Instant until) {
            this.until = until;
            return this;
        }

        /** The part of every UTC day in which the entry goes before one without hours. */
        public Builder hours(DailySpan hours) {
            return hours(PriceHours.daily(hours));
        }

        /** The parts of the UTC day, and the days of the week, in which the entry goes before one without hours. */
        public Builder hours(PriceHours hours) {
            this.hours = hours;
            return this;
        }

        /** No first and no last instant: in force until the next entry of the same id begins, and always before. */
        public Builder withoutDates() {
            from = null;
            until = null;
            return this;
        }

        /** No other ids yet. */
        public Builder withoutAliases() {
            aliases.clear();
            return this;
        }

        /** No long-context tiers yet. */
        public Builder withoutTiers() {
            tiers.clear();
            return this;
        }

        /** Rates below every long-context boundary. */
        public Builder rates(Rates rates) {
            this.rates = rates;
            return this;
        }

        /**
         * The fee for one call of a paid tool, or one other unit that a record counts by name (an image, a second, a page), in USD.
         *
         * @throws IllegalArgumentException if it is negative or above 1,000,000
         */
        public Builder perCall(String name, BigDecimal fee) {
            if (!CALL.matcher(name).matches()) {
                throw new IllegalArgumentException("usd_per_call: a name has lower-case letters, digits and _, found \""
                        + Texts.cut(name, 64) + "\"");
            }
            perCall.put(name, Rates.check(name, fee));
            return this;
        }

        /** A long-context tier. */
        public Builder tier(Tier tier) {
            tiers.add(tier);
            return this;
        }

        /**
         * What a service tier changes; its name is brought to lower case.
         *
         * @throws IllegalArgumentException if the name is too long, blank, or one of the ordinary service tier's
         */
        public Builder serviceTier(String name, ServiceTierRates change) {
            String lower = Texts.checked("service_tiers", name, Bound.ID).toLowerCase(Locale.ROOT);
            if (CostRule.isStandard(lower)) {
                throw new IllegalArgumentException(
                        "service_tiers: \"" + lower + "\" is the ordinary tier; its rates are the entry's own");
            }
            serviceTiers.put(lower, change);
            return this;
        }

        /**
         * What the place that served changes, as a record's {@linkplain UsageRecord#region region} or else its resource names
         * it; its name is brought to lower case.
         *
         * @throws IllegalArgumentException if the name is too long or blank
         */
        public Builder region(String name, ServiceTierRates change) {
            String lower = Texts.checked("regions", name, Bound.ID).toLowerCase(Locale.ROOT);
            if (lower.isEmpty()) {
                throw new IllegalArgumentException("regions: a region has a name, such as us");
            }
            regions.put(lower, change);
            return this;
        }

        /** Whether cache rates are taken as multiples of the input rate. */
        public Builder cacheByMultiplier(boolean cacheByMultiplier) {
            this.cacheByMultiplier = cacheByMultiplier;
            return this;
        }

        /** Where the figures are from. */
        public Builder source(String source) {
            this.source = source;
            return this;
        }

        /**
         * The entry.
         *
         * @throws IllegalArgumentException if parts contradict each other
         */
        public PriceEntry build() {
            return new PriceEntry(this);
        }
    }
}
