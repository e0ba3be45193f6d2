package dev.tokenledger.pricing;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Price entries as lines of {@code key=value}: what a ledger keeps of every entry it has used, what an entry's digest is
 * taken of, and what the bundled book is written in. One form for all three needs no library to read.
 *
 * <pre>
 * provider=anthropic
 * model=claude-sonnet-4-5
 * alias=claude-sonnet-4-5-20250929
 * from=2025-09-29T00:00:00Z
 * rate.input=3
 * call.web_search=0.01
 * tier.above.200000.input=6
 * service.batch.multiplier=0.5
 * region.us.multiplier=1.1
 * source=price page, 2025-09-29
 * </pre>
 */
final class PriceEntryText {

    private PriceEntryText() {}

    static String format(PriceEntry entry) {
        StringBuilder text = new StringBuilder(256);
        line(text, "provider", entry.provider());
        line(text, "model", entry.model());
        entry.aliases().forEach(alias -> line(text, "alias", alias));
        entry.from().ifPresent(from -> line(text, "from", from.toString()));
        entry.until().ifPresent(until -> line(text, "until", until.toString()));
        entry.hours().ifPresent(hours -> {
            line(text, "hours", hours.spansText());
            line(text, "days", hours.daysText());
        });
        line(text, "cache", entry.cacheByMultiplier() ? "multiplier" : "");
        rates(text, "rate.", entry.rates());
        entry.perCall().forEach((name, fee) -> line(text, "call." + name, fee.toPlainString()));
        tiers(text, "", entry.tiers());
        entry.serviceTiers().forEach((name, change) -> change(text, "service." + escaped(name), change));
        entry.regions().forEach((name, change) -> change(text, "region." + escaped(name), change));
        line(text, "source", entry.source());
        return text.toString();
    }

    private static void tiers(StringBuilder text, String before, List<Tier> tiers) {
        for (Tier tier : tiers) {
            String prefix = before + "tier." + tier.boundary().text() + "." + tier.threshold();
            line(text, prefix, "*");
            rates(text, prefix + ".", tier.rates());
        }
    }

    private static void change(StringBuilder text, String prefix, ServiceTierRates change) {
        if (change instanceof ServiceTierRates.Multiplier multiplier) {
            line(text, prefix + ".multiplier", multiplier.factor().toPlainString());
        } else if (change instanceof ServiceTierRates.Own own) {
            line(text, prefix, "*");
            rates(text, prefix + ".", own.rates());
            tiers(text, prefix + ".", own.tiers());
        }
    }

    private static String escaped(String name) {
        return name.replace("%", "%25").replace(".", "%2e").replace("=", "%3d");
    }

    private static String unescaped(String name) {
        return name.replace("%3d", "=").replace("%2e", ".").replace("%25", "%");
    }

    static PriceEntry parse(String text) {
        return new Reader(text).entry();
    }

    private static void line(StringBuilder text, String key, String value) {
        if (!value.isEmpty()) {
            text.append(key).append('=').append(value).append('\n');
        }
    }

    private static void rates(StringBuilder text, String prefix, Rates rates) {
        rates.perMillion().forEach((tokenClass, rate) -> line(text, prefix + tokenClass.text(), rate.toPlainString()));
    }

    private static final class Reader {

        /** Rates with those above boundaries. */
        private static final class Group {
            private final Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
            private final SortedMap<String, Map<TokenClass, BigDecimal>> tiers = new TreeMap<>();

            List<Tier> tiers() {
                List<Tier> read = new ArrayList<>(tiers.size());
                tiers.forEach((name, tierRates) -> {
                    int dot = name.indexOf('.');
                    read.add(new Tier(
                            boundary(name.substring(0, dot)),
                            Long.parseLong(name.substring(dot + 1)),
                            Rates.of(tierRates)));
                });
                return read;
            }

            ServiceTierRates own() {
                return new ServiceTierRates.Own(Rates.of(rates), tiers());
            }
        }

        private final Group base = new Group();
        private final SortedMap<String, Group> services = new TreeMap<>();
        private final SortedMap<String, Group> regions = new TreeMap<>();
        private List<DailySpan> spans = List.of();
        private Set<DayOfWeek> days = EnumSet.allOf(DayOfWeek.class);
        private boolean timed;
        private final PriceEntry.Builder builder;

        Reader(String text) {
            String model = null;
            for (String line : text.split("\n")) {
                if (line.startsWith("model=")) {
                    if (model != null) {
                        throw new IllegalArgumentException("a price entry has one line model=…");
                    }
                    model = line.substring("model=".length());
                }
            }
            if (model == null) {
                throw new IllegalArgumentException("a price entry has a line model=…");
            }
            builder = PriceEntry.builder(model);
            for (String line : text.split("\n")) {
                if (!line.isBlank() && !line.startsWith("model=")) {
                    read(line);
                }
            }
        }

        PriceEntry entry() {
            builder.rates(Rates.of(base.rates));
            base.tiers().forEach(builder::tier);
            services.forEach((name, group) -> builder.serviceTier(name, group.own()));
            regions.forEach((name, group) -> builder.region(name, group.own()));
            if (timed) {
                builder.hours(new PriceHours(spans, days));
            }
            return builder.build();
        }

        private void read(String line) {
            int equals = line.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("a line of a price entry is key=value, found \"" + line + "\"");
            }
            String value = line.substring(equals + 1);
            String[] key = line.substring(0, equals).split("\\.", -1);
            switch (key[0]) {
                case "provider" -> builder.provider(value);
                case "alias" -> builder.alias(value);
                case "from" -> builder.from(instant(key[0], value));
                case "until" -> builder.until(instant(key[0], value));
                case "hours" -> {
                    spans = PriceHours.parseSpans(List.of(value.split(",", -1)));
                    timed = true;
                }
                case "days" -> {
                    days = PriceHours.parseDays(value);
                    timed = true;
                }
                case "cache" -> cache(value);
                case "source" -> builder.source(value);
                case "rate" -> base.rates.put(TokenClass.parse(part(key, 1, line)), Decimals.parse(value));
                case "call" -> builder.perCall(part(key, 1, line), Decimals.parse(value));
                case "tier" -> tier(base, 0, key, value, line);
                case "service" -> change(services, key, value, line);
                case "region" -> change(regions, key, value, line);
                default -> throw new IllegalArgumentException("unknown line of a price entry: \"" + line + "\"");
            }
        }

        private void cache(String value) {
            if (!value.equals("multiplier")) {
                throw new IllegalArgumentException("cache: expected multiplier, found \"" + value + "\"");
            }
            builder.cacheByMultiplier(true);
        }

        private static Instant instant(String key, String value) {
            try {
                return Instant.parse(value);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        key + ": expected an instant such as 2026-01-01T00:00:00Z, found \"" + value + "\"", e);
            }
        }

        private void change(SortedMap<String, Group> groups, String[] key, String value, String line) {
            String name = unescaped(part(key, 1, line));
            String what = key.length > 2 ? key[2] : "";
            if (what.equals("multiplier")) {
                ServiceTierRates change = new ServiceTierRates.Multiplier(Decimals.parse(value));
                if (key[0].equals("service")) {
                    builder.serviceTier(name, change);
                } else {
                    builder.region(name, change);
                }
                return;
            }
            Group group = groups.computeIfAbsent(name, unknown -> new Group());
            if (what.equals("tier")) {
                tier(group, 2, key, value, line);
            } else if (!what.isEmpty()) {
                group.rates.put(TokenClass.parse(what), Decimals.parse(value));
            }
        }

        /** A line without a class only says that the tier is there, for tiers without any rate. */
        private static void tier(Group group, int at, String[] key, String value, String line) {
            String name = part(key, at + 1, line) + "." + part(key, at + 2, line);
            Map<TokenClass, BigDecimal> rates =
                    group.tiers.computeIfAbsent(name, unknown -> new EnumMap<>(TokenClass.class));
            if (key.length > at + 3) {
                rates.put(TokenClass.parse(key[at + 3]), Decimals.parse(value));
            }
        }

        private static Tier.Boundary boundary(String text) {
            for (Tier.Boundary boundary : Tier.Boundary.values()) {
                if (boundary.text().equals(text)) {
                    return boundary;
                }
            }
            throw new IllegalArgumentException("a tier is above or at_least a threshold, found \"" + text + "\"");
        }

        private static String part(String[] key, int index, String line) {
            if (key.length <= index) {
                throw new IllegalArgumentException("incomplete line of a price entry: \"" + line + "\"");
            }
            return key[index];
        }
    }
}
