package dev.tokenledger.cli;

import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PriceAge;
import dev.tokenledger.formats.prices.PriceListing;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.text.Providers;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lists prices. */
final class PricesListCommand extends Subcommand implements Action {

    private final Argument<String> text =
            optionalParameter("TEXT", "Only models with this in their name, an alias or their provider.");
    private final Argument<String> at = option("--at", "TIME", "Only the prices that decide at this time (UTC).");
    private final Argument<String> provider = option("--provider", "NAME", "Only prices of this provider.");
    private final Argument<String> in =
            option("--in", "LIST", "Only prices of this list: bundled, or a file as it was named.");
    private final Argument<Long> olderThan = option(
            "--older-than",
            "DAYS",
            new Converters.WholeNumber(),
            "Only prices whose newest source is older than this.");
    private final Argument<Boolean> oneSource =
            flag("--one-source", "Only prices that a single family of lists states.");

    PricesListCommand() {
        super("list", "Lists prices, in USD per million tokens.", "prices list [TEXT] [OPTION]...");
        examples(
                "  tokenledger prices list",
                "  tokenledger prices list sonnet --at 2026-10-01",
                "  tokenledger prices list --provider openai --older-than 90",
                "",
                "Of entries of the same model from several files, the one of the last file decides. A rate that",
                "is not there is shown as -, and such tokens stay unpriced; 0.00 is free.");
    }

    @Override
    public int run(Session session) {
        List<PriceListing.Listed> found = found(session.prices()).stream()
                .filter(listed -> wanted(listed, session.now()))
                .toList();
        if (found.isEmpty()) {
            session.say("no price matches");
            return DONE;
        }
        Table table = new Table(List.of(
                new Column("provider", Table.Kind.NAME),
                new Column("model", Table.Kind.NAME),
                new Column("from", Table.Kind.WHOLE_NAME),
                new Column("until", Table.Kind.WHOLE_NAME),
                new Column("input", Table.Kind.FIGURE),
                new Column("output", Table.Kind.FIGURE),
                new Column("cache read", Table.Kind.FIGURE),
                new Column("write 5m", Table.Kind.FIGURE),
                new Column("write 1h", Table.Kind.FIGURE),
                new Column("also", Table.Kind.NAME),
                new Column("as of", Table.Kind.WHOLE_NAME),
                new Column("in", Table.Kind.NAME)));
        for (PriceListing.Listed listed : found) {
            PriceEntry entry = listed.entry();
            table.row(List.of(
                    entry.provider(),
                    entry.model(),
                    entry.from().map(PricesListCommand::day).orElse("-"),
                    entry.until().map(PricesListCommand::day).orElse("-"),
                    rate(entry, TokenClass.INPUT),
                    rate(entry, TokenClass.OUTPUT),
                    rate(entry, TokenClass.CACHE_READ),
                    rate(entry, TokenClass.CACHE_WRITE_5M),
                    rate(entry, TokenClass.CACHE_WRITE_1H),
                    also(entry),
                    entry.sourceDay().map(LocalDate::toString).orElse("-"),
                    listed.layer().name()));
        }
        table.write(session.out(), session.terminal());
        PriceAge age = session.priceAge();
        session.say(age.note().orElse(age.words()));
        return DONE;
    }

    private boolean wanted(PriceListing.Listed listed, Instant now) {
        PriceEntry entry = listed.entry();
        LocalDate today = now.atOffset(ZoneOffset.UTC).toLocalDate();
        return provider.stated()
                        .map(Providers::canonical)
                        .map(entry.provider()::equals)
                        .orElse(true)
                && in.stated().map(listed.layer().name()::equals).orElse(true)
                && olderThan
                        .stated()
                        .map(days -> entry.sourceDay()
                                .map(day -> day.isBefore(today.minusDays(days)))
                                .orElse(true))
                        .orElse(true)
                && (!oneSource.or(false) || entry.source().contains("one source"));
    }

    private List<PriceListing.Listed> found(PriceBook prices) {
        Optional<Instant> instant = at.stated().map(time -> Times.parse("--at", time, ZoneOffset.UTC));
        return PriceListing.find(prices, text.or(""), instant);
    }

    private static String rate(PriceEntry entry, TokenClass tokenClass) {
        return entry.rates()
                .perMillion(tokenClass)
                .map(PricesListCommand::figure)
                .orElse("-");
    }

    private static String figure(BigDecimal rate) {
        return Figures.exact(rate);
    }

    private static String day(Instant instant) {
        String time = instant.atOffset(ZoneOffset.UTC).toLocalTime().toString();
        String day = instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
        return time.equals("00:00") ? day : day + " " + time;
    }

    private static String also(PriceEntry entry) {
        List<String> parts = new ArrayList<>();
        entry.hours().ifPresent(hours -> parts.add(hours.toString()));
        if (entry.cacheByMultiplier()) {
            parts.add("cache by multiplier");
        }
        if (!entry.tiers().isEmpty()) {
            parts.add("tiers");
        }
        if (!entry.serviceTiers().isEmpty()) {
            parts.add(String.join(", ", entry.serviceTiers().keySet()));
        }
        if (!entry.regions().isEmpty()) {
            parts.add(String.join(", ", entry.regions().keySet()));
        }
        if (!entry.perCall().isEmpty()) {
            parts.add(String.join(", ", entry.perCall().keySet()));
        }
        return String.join(", ", parts);
    }
}
