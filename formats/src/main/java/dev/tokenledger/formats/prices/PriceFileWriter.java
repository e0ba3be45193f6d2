package dev.tokenledger.formats.prices;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceHours;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes entries as YAML, in the order and the layout of the documentation. */
final class PriceFileWriter {

    /** Text that YAML takes for text without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_./+-]*(:[A-Za-z0-9_./+-]+)*");

    private static final Set<String> NOT_TEXT = Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

    private final StringBuilder yaml = new StringBuilder();

    private PriceFileWriter() {}

    static String format(Collection<PriceEntry> entries) {
        PriceFileWriter writer = new PriceFileWriter();
        List<PriceEntry> full =
                entries.stream().filter(entry -> !isSimple(entry)).toList();
        List<PriceEntry> simple =
                entries.stream().filter(PriceFileWriter::isSimple).toList();
        if (!full.isEmpty() || simple.isEmpty()) {
            writer.yaml.append(full.isEmpty() ? "prices: []\n" : "prices:\n");
            full.forEach(writer::entry);
        }
        if (!simple.isEmpty()) {
            writer.yaml.append("pricing:\n");
            simple.forEach(writer::simple);
        }
        return writer.yaml.toString();
    }

    /** Whether the short form says all there is. */
    private static boolean isSimple(PriceEntry entry) {
        Optional<BigDecimal> input = entry.rates().perMillion(TokenClass.INPUT);
        Optional<BigDecimal> output = entry.rates().perMillion(TokenClass.OUTPUT);
        return entry.cacheByMultiplier()
                && input.isPresent()
                && output.isPresent()
                && entry.equals(PriceEntry.simple(entry.model(), input.get(), output.get()));
    }

    private void simple(PriceEntry entry) {
        Rates rates = entry.rates();
        yaml.append("  ")
                .append(text(entry.model()))
                .append(": { input_per_million: ")
                .append(plain(rates.perMillion(TokenClass.INPUT).orElseThrow()))
                .append(", output_per_million: ")
                .append(plain(rates.perMillion(TokenClass.OUTPUT).orElseThrow()))
                .append(" }\n");
    }

    private void entry(PriceEntry entry) {
        String first = "  - ";
        if (!entry.provider().isEmpty()) {
            yaml.append(first)
                    .append("provider: ")
                    .append(text(entry.provider()))
                    .append('\n');
            first = "    ";
        }
        yaml.append(first).append("model: ").append(text(entry.model())).append('\n');
        if (!entry.aliases().isEmpty()) {
            String aliases =
                    entry.aliases().stream().map(PriceFileWriter::text).collect(Collectors.joining(", ", "[", "]"));
            line("aliases", aliases);
        }
        entry.from().ifPresent(from -> line("from", instant(from)));
        entry.until().ifPresent(until -> line("until", instant(until)));
        if (entry.cacheByMultiplier()) {
            yaml.append("    # cache rates without a figure of their own are multiples of the input rate\n");
        }
        yaml.append("    usd_per_million:");
        Rates rates = withCacheRates(entry, entry.rates());
        if (rates.perMillion().isEmpty()) {
            yaml.append(" {}\n");
        } else {
            yaml.append('\n');
            rates.perMillion()
                    .forEach((tokenClass, rate) -> yaml.append("      ")
                            .append(tokenClass.text())
                            .append(": ")
                            .append(plain(rate))
                            .append('\n'));
        }
        if (!entry.perCall().isEmpty()) {
            line("usd_per_call", flow(entry.perCall()));
        }
        entry.hours().ifPresent(this::hours);
        if (!entry.tiers().isEmpty()) {
            yaml.append("    tiers:\n");
            entry.tiers().forEach(tier -> tier(entry, tier));
        }
        if (!entry.serviceTiers().isEmpty()) {
            yaml.append("    service_tiers:\n");
            entry.serviceTiers().forEach(this::change);
        }
        if (!entry.regions().isEmpty()) {
            yaml.append("    regions:\n");
            entry.regions().forEach(this::change);
        }
        if (!entry.source().isEmpty()) {
            line("source", text(entry.source()));
        }
    }

    private void tier(PriceEntry entry, Tier tier) {
        yaml.append("      - ")
                .append(tier.boundary().text())
                .append(": ")
                .append(tier.threshold())
                .append('\n');
        yaml.append("        usd_per_million: ")
                .append(flow(withCacheRates(entry, tier.rates())))
                .append('\n');
    }

    private void hours(PriceHours hours) {
        List<String> spans =
                hours.spans().stream().map(span -> "\"" + span + "\"").toList();
        if (spans.size() == 1) {
            line("hours", spans.get(0));
        } else if (!spans.isEmpty()) {
            line("hours", "[" + String.join(", ", spans) + "]");
        }
        if (!hours.daysText().isEmpty()) {
            line("days", "\"" + hours.daysText() + "\"");
        }
    }

    /** What a service tier or a region changes. */
    private void change(String name, ServiceTierRates change) {
        yaml.append("      ").append(text(name)).append(": ");
        if (change instanceof ServiceTierRates.Multiplier multiplier) {
            yaml.append("{ multiplier: ").append(plain(multiplier.factor())).append(" }\n");
        } else if (change instanceof ServiceTierRates.Own own) {
            String tiers = own.tiers().stream()
                    .map(tier -> "{ " + tier.boundary().text() + ": " + tier.threshold() + ", usd_per_million: "
                            + flow(tier.rates()) + " }")
                    .collect(Collectors.joining(", ", ", tiers: [", "]"));
            yaml.append("{ usd_per_million: ")
                    .append(flow(own.rates()))
                    .append(own.tiers().isEmpty() ? "" : tiers)
                    .append(" }\n");
        }
    }

    /** The multipliers have no key in the full form: their products are written out. */
    private static Rates withCacheRates(PriceEntry entry, Rates rates) {
        return entry.cacheByMultiplier() ? rates.withCacheByMultiplier() : rates;
    }

    private void line(String key, String value) {
        yaml.append("    ").append(key).append(": ").append(value).append('\n');
    }

    private static String flow(Rates rates) {
        Map<String, BigDecimal> byName = new LinkedHashMap<>();
        rates.perMillion().forEach((tokenClass, rate) -> byName.put(tokenClass.text(), rate));
        return flow(byName);
    }

    private static String flow(Map<String, BigDecimal> figures) {
        return figures.isEmpty()
                ? "{}"
                : figures.entrySet().stream()
                        .map(figure -> figure.getKey() + ": " + plain(figure.getValue()))
                        .collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static String plain(BigDecimal number) {
        return number.toPlainString();
    }

    /** A day for midnight, else the instant. */
    private static String instant(Instant instant) {
        OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
        return utc.toLocalTime().equals(LocalTime.MIDNIGHT) ? utc.toLocalDate().toString() : "\"" + instant + "\"";
    }

    private static String text(String text) {
        if (PLAIN.matcher(text).matches() && !NOT_TEXT.contains(text.toLowerCase(Locale.ROOT))) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' '
                    || (c >= 0x7f && c <= 0xa0)
                    || c == '\u2028'
                    || c == '\u2029'
                    || Character.getType(c) == Character.FORMAT) {
                quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
