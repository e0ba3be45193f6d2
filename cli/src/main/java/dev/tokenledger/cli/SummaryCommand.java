package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.sources.json.SummaryJson;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Totals. */
@Command(
        name = "summary",
        header = "Shows how many tokens were used and what they cost.",
        customSynopsis = "tokenledger summary [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tokenledger summary --period month",
            "  tokenledger summary --by model",
            "  tokenledger summary --by provider,role --from 2026-10-01 --to 2026-11-01",
            "  tokenledger summary --every day --period week --zone Europe/Berlin",
            "  tokenledger summary --by session --where role=interactive --limit 10",
            "  tokenledger summary --by attribute.project --format csv",
            "",
            "Dimensions: model, upstream_model, provider, resource, role, task, session, conversation,",
            "source, pricing_status, outcome, service_tier, and attribute.<key> for any attribute.",
            "Tables shorten figures; JSON and CSV have every digit. A cost after \"≥\" leaves out calls",
            "that could not be priced."
        })
final class SummaryCommand implements Action {

    @Mixin
    WindowOptions window = new WindowOptions();

    @Mixin
    FilterOptions filter = new FilterOptions();

    @Option(
            names = "--by",
            paramLabel = "DIM[,DIM]...",
            hideParamSyntax = true,
            split = ",",
            converter = Converters.OfDimension.class,
            completionCandidates = DimensionNames.class,
            description = "Group by these dimensions.")
    List<Dimension> dimensions = new ArrayList<>();

    @Option(
            names = "--every",
            paramLabel = "BUCKET",
            converter = Converters.OfBucket.class,
            completionCandidates = BucketNames.class,
            description = "A row for every quarter_hour, hour, day, week (from Monday) or month.")
    @Nullable
    CalendarBucket every;

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            converter = OrderConverter.class,
            completionCandidates = OrderNames.class,
            description = "cost (the default), tokens, records, or key.")
    SummaryQuery.Order order = SummaryQuery.Order.COST;

    @Option(
            names = "--limit",
            paramLabel = "N",
            converter = Converters.Limit.class,
            description = "Show the first N groups; the others make one row. All are shown unless stated.")
    @Nullable
    Integer limit;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = FormatConverter.class,
            completionCandidates = FormatNames.class,
            description = "table (the default), json or csv.")
    Format format = Format.TABLE;

    enum Format {
        TABLE,
        JSON,
        CSV
    }

    @Override
    public int run(Session session) {
        SummaryQuery query = query(session);
        try (Ledger ledger = session.readLedger()) {
            List<GroupedSummary> rows = ledger.query(query);
            switch (format) {
                case JSON -> session.out().line(SummaryJson.write(query, rows));
                case CSV -> SummaryCsv.write(query, rows, session.out());
                case TABLE -> {
                    SummaryTable table = new SummaryTable(query, rows, title(query, session), session.terminal());
                    table.write(session.out());
                    if (!table.total().fullyPriced()) {
                        session.out().line(Coverage.words(table.total(), unpricedModels(ledger, query), session));
                    }
                    if (table.total().totalRecords() == 0) {
                        explainEmpty(query, session);
                    }
                }
            }
        }
        return DONE;
    }

    private SummaryQuery query(Session session) {
        TimeWindow span = window.window(session);
        SummaryQuery.Builder query = SummaryQuery.over(span).order(order);
        try {
            query.by(dimensions.toArray(new Dimension[0]));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--by': " + e.getMessage());
        }
        filter.filters().forEach(query::where);
        if (every != null) {
            query.every(every, window.zone(session));
        }
        if (limit != null) {
            if (dimensions.isEmpty()) {
                throw new UsageException("--limit goes with --by: it limits the groups");
            }
            query.limit(limit);
        }
        return query.build();
    }

    private String title(SummaryQuery query, Session session) {
        StringBuilder title = new StringBuilder("Usage");
        if (!dimensions.isEmpty()) {
            title.append(" by ")
                    .append(String.join(
                            ", ", dimensions.stream().map(Dimension::name).toList()));
        }
        if (every != null) {
            title.append(" for every ").append(every.text().replace('_', ' '));
        }
        title.append(FilterOptions.describe(query.filters()));
        String span = window.describe(query.window(), session);
        title.append(", ").append(span);
        // A span in words names the zone itself; buckets over all time still depend on one.
        if (every != null && !span.endsWith(")")) {
            title.append(" (").append(query.zone().getId()).append(')');
        }
        return Display.safe(title.toString(), false);
    }

    /** How many calls of which models are not, or not wholly, in the cost. */
    private static Map<String, Long> unpricedModels(Ledger ledger, SummaryQuery query) {
        SummaryQuery.Builder models = SummaryQuery.over(query.window())
                .by(Dimension.MODEL, Dimension.PRICING_STATUS)
                .order(SummaryQuery.Order.RECORDS);
        query.filters().forEach(models::where);
        Map<String, Long> counts = new LinkedHashMap<>();
        for (GroupedSummary row : ledger.query(models.build())) {
            if (!PricingStatus.PRICED.text().equals(row.keys().get(Dimension.PRICING_STATUS))) {
                counts.merge(
                        String.valueOf(row.keys().get(Dimension.MODEL)),
                        row.summary().totalRecords(),
                        Long::sum);
            }
        }
        return counts;
    }

    private void explainEmpty(SummaryQuery query, Session session) {
        boolean everything =
                query.window().equals(TimeWindow.all()) && query.filters().isEmpty();
        if (everything && session.hasLedger()) {
            session.say("the ledger has no records yet; 'tokenledger record' adds one, 'tokenledger import' many");
        } else if (!everything) {
            session.say("no records match; 'tokenledger summary' without --period, --from, --to and --where shows all");
        }
    }

    /** Reads a format's name. */
    static final class FormatConverter extends Converters.Choice<Format> {
        FormatConverter() {
            super("format", Format.values());
        }
    }

    /** Reads an order's name. */
    static final class OrderConverter extends Converters.Choice<SummaryQuery.Order> {
        OrderConverter() {
            super("order", SummaryQuery.Order.values());
        }
    }

    static final class FormatNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("table", "json", "csv").iterator();
        }
    }

    static final class OrderNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("cost", "tokens", "records", "key").iterator();
        }
    }

    static final class BucketNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("quarter_hour", "hour", "day", "week", "month").iterator();
        }
    }

    static final class DimensionNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Dimension.all().stream().map(Dimension::name).iterator();
        }
    }
}
