package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.present.MissingLedgers;
import dev.tokenledger.formats.present.SummaryCsv;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Totals. */
final class SummaryCommand extends Subcommand implements Action {

    private final Argument<List<Dimension>> dimensions = list(
            "--by",
            "DIM[,DIM]...",
            new Converters.OfDimension(),
            Dimension.all().stream().map(Dimension::name).toList(),
            "Group by these dimensions.");
    private final Argument<CalendarBucket> every = option(
            "--every",
            "BUCKET",
            new Converters.OfBucket(),
            Converters.names(CalendarBucket.values()),
            "A row for every quarter_hour, hour, day, week (from Monday) or month.");
    private final Argument<SummaryQuery.Order> order = option(
            "--order",
            "ORDER",
            new Converters.Choice<>("order", SummaryQuery.Order.values()),
            Converters.names(SummaryQuery.Order.values()),
            "cost (the default), tokens, records, or key.");
    private final Argument<Integer> limit = option(
            "--limit", "N", new Converters.Limit(), "Show the first N groups; the others make one row. Default: all.");
    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "table (the default), json or csv.");
    private final Argument<String> asOf = option(
            "--as-of",
            "TIME",
            "What the ledger told at this date or time: what was recorded, reversed or repriced later is left out. Reads each record.");
    private final PartialOption partial = new PartialOption(this);
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);
    private final CurrencyOptions currency = new CurrencyOptions(this);

    SummaryCommand() {
        super("summary", "Shows how many tokens were used and what they cost.", "summary [OPTION]...");
        examples(
                "  tokenledger summary --period month",
                "  tokenledger summary --by model",
                "  tokenledger summary --by provider,role --from 2026-10-01 --to 2026-11-01",
                "  tokenledger summary --every day --period week --zone Europe/Berlin",
                "  tokenledger summary --by session --where role=interactive --limit 10",
                "  tokenledger summary --by attribute.project --format csv",
                "  tokenledger summary --every month --currency EUR --rates eurofxref-hist.csv",
                "  tokenledger --ledger eu.db --ledger us.db summary --by model",
                "",
                "Dimensions: model, upstream_model, provider, resource, role, task, session, conversation,",
                "source, pricing_status, outcome, service_tier, and attribute.<key> for any attribute.",
                "",
                "Tables shorten figures; JSON and CSV have every digit. A cost after \"≥\" leaves out calls",
                "that could not be priced.");
    }

    enum Format {
        TABLE,
        JSON,
        CSV
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        SummaryQuery query = query(session);
        Format as = format.or(Format.TABLE);
        Optional<ExchangeRates> rates = currency.rates();
        if (as == Format.CSV) {
            partial.refuseFor("csv");
        }
        try (Ledger ledger = session.readLedger(partial.timeLimit(session))) {
            if (rates.isPresent()) {
                converted(ledger, query, as, rates.get(), session);
            } else {
                ReportQuery asked = ReportQuery.of(query);
                Report report = ledger.report(as == Format.TABLE ? asked.namingUnpricedModels() : asked);
                List<GroupedSummary> rows = report.rows();
                switch (as) {
                    case JSON -> json(SummaryJson.write(query, rows), ledger, session);
                    case CSV -> SummaryCsv.write(query, rows, session.out()::text);
                    case TABLE ->
                        table(
                                query,
                                new SummaryTable(query, rows, title(query, session), session.terminal()),
                                report.unpricedModels(),
                                ledger,
                                session);
                }
            }
        }
        session.tellOldPrices();
        return DONE;
    }

    /** Shows all calls of a ledger by model, as {@code summary --by model} does. */
    static void showModels(Ledger ledger, Session session) {
        SummaryQuery query =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).build();
        Report report = ledger.report(ReportQuery.of(query).namingUnpricedModels());
        table(
                query,
                new SummaryTable(query, report.rows(), "Usage by model, all time", session.terminal()),
                report.unpricedModels(),
                ledger,
                session);
        session.tellOldPrices();
    }

    private void converted(Ledger ledger, SummaryQuery query, Format as, ExchangeRates rates, Session session) {
        ConvertedReport report;
        try {
            report = ConvertedReport.ask(ledger, query, window.zone(session), rates, as == Format.TABLE);
        } catch (ConvertedReport.NoRateException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        CurrencyOptions.warnOfOldRates(report, session);
        switch (as) {
            case JSON -> json(SummaryJson.write(query, report), ledger, session);
            case CSV -> SummaryCsv.write(query, report, session.out()::text);
            case TABLE ->
                table(
                        query,
                        new SummaryTable(query, report, title(query, session), session.terminal()),
                        report.unpricedModels(),
                        ledger,
                        session);
        }
    }

    private static void json(String answer, Ledger ledger, Session session) {
        session.out().line(MissingLedgers.marked(answer, ledger.missing()));
        PartialOption.explain(ledger.missing(), session);
    }

    private static void table(
            SummaryQuery query, SummaryTable table, Map<String, Long> unpricedModels, Ledger ledger, Session session) {
        table.write(session.out());
        PartialOption.tell(ledger.missing(), session);
        if (!table.total().fullyPriced()) {
            session.out().line(Coverage.words(table.total(), unpricedModels, session));
        }
        if (table.total().isNothing()) {
            explainEmpty(query, session);
        }
    }

    private SummaryQuery query(Session session) {
        TimeWindow span = window.window(session);
        SummaryQuery.Builder query = SummaryQuery.over(span).order(order.or(SummaryQuery.Order.COST));
        List<Dimension> by = dimensions.or(List.of());
        try {
            query.by(by.toArray(new Dimension[0]));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--by': " + e.getMessage());
        }
        filter.filters().forEach(query::where);
        every.stated().ifPresent(bucket -> query.every(bucket, window.zone(session)));
        if (limit.stated().isPresent() && by.isEmpty()) {
            throw new UsageException("--limit goes with --by: it limits the groups");
        }
        limit.stated().ifPresent(query::limit);
        asOf.stated().ifPresent(time -> query.asOf(Times.parse("--as-of", time, window.zone(session))));
        return query.build();
    }

    private String title(SummaryQuery query, Session session) {
        StringBuilder title = new StringBuilder("Usage");
        if (!query.dimensions().isEmpty()) {
            title.append(" by ")
                    .append(String.join(
                            ", ",
                            query.dimensions().stream().map(Dimension::name).toList()));
        }
        query.bucket()
                .ifPresent(bucket ->
                        title.append(" for every ").append(bucket.text().replace('_', ' ')));
        title.append(FilterOptions.describe(query.filters()));
        query.asOf().ifPresent(instant -> title.append(", as of ").append(Times.wall(instant, window.zone(session))));
        String span = window.describe(query.window(), session);
        title.append(", ").append(span);
        // A span in words names the zone itself; buckets over all time still depend on one.
        if (query.bucket().isPresent() && !span.endsWith(")")) {
            title.append(" (").append(query.zone().getId()).append(')');
        }
        return Display.safe(title.toString(), false);
    }

    private static void explainEmpty(SummaryQuery query, Session session) {
        boolean everything =
                query.window().equals(TimeWindow.all()) && query.filters().isEmpty();
        if (query.asOf().isPresent()) {
            session.say(
                    "nothing that matches was recorded by then; 'tokenledger summary' without --as-of shows what is there now");
        } else if (everything && session.hasLedger()) {
            session.say("the ledger has no records yet; 'tokenledger record' adds one, 'tokenledger import' many");
        } else if (!everything) {
            session.say("no records match; 'tokenledger summary' without --period, --from, --to and --where shows all");
        }
    }
}
