package dev.tokenledger.cli;

import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.cli.Table.Kind;
import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.formats.present.DoubtText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Totals as a table for people. */
final class SummaryTable {

    private static final int BAR_CELLS = 8;
    private static final int MAX_SPARKLINE_WIDTH = 60;
    private static final int MAX_SPARKLINES = 10;

    /** A cell of a sparkline that stands for more than a hundred buckets shows nothing of them. */
    private static final int MAX_POINTS = 5_000;

    private final SummaryQuery query;
    private final List<GroupedSummary> rows;
    private final String title;
    private final Terminal terminal;
    private final Summary total;
    private final int decimals;
    private final boolean cache;
    private final boolean gaps;
    private final boolean grouped;

    /** Costs in another currency too; null for USD alone. */
    private final @Nullable ConvertedReport converted;

    SummaryTable(SummaryQuery query, List<GroupedSummary> rows, String title, Terminal terminal) {
        this(query, rows, null, title, terminal);
    }

    SummaryTable(SummaryQuery query, ConvertedReport converted, String title, Terminal terminal) {
        this(query, converted.rows(), converted, title, terminal);
    }

    private SummaryTable(
            SummaryQuery query,
            List<GroupedSummary> rows,
            @Nullable ConvertedReport converted,
            String title,
            Terminal terminal) {
        this.converted = converted;
        this.query = query;
        this.rows = rows;
        this.title = title;
        this.terminal = terminal;
        total = rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
        decimals = Figures.decimals(total.totalCost());
        cache = total.totalCacheCreationInputTokens() != 0 || total.totalCacheReadInputTokens() != 0;
        gaps = !total.fullyPriced();
        grouped = !query.dimensions().isEmpty() || query.bucket().isPresent();
    }

    Summary total() {
        return total;
    }

    void write(Output out) {
        out.line(Table.styled(title, Table.Style.STRONG, terminal));
        out.line("");
        Table table = new Table(columns());
        if (grouped) {
            for (int i = 0; i < rows.size(); i++) {
                table.row(cells(
                        rows.get(i),
                        converted == null ? null : converted.costs().get(i)));
            }
            if (!rows.isEmpty()) {
                table.rule();
            }
        }
        table.strongRow(cells("total", total, converted == null ? null : converted.total()));
        table.write(out, terminal);
        out.line("");
        if (cache) {
            out.line(cacheWords());
        }
        String doubts = DoubtText.words(total);
        if (!doubts.isEmpty()) {
            out.line(doubts);
        }
        if (converted != null) {
            out.line(CurrencyOptions.words(converted));
        }
        if (cache || !doubts.isEmpty() || converted != null) {
            out.line("");
        }
        if (terminal.out() && query.bucket().isPresent() && total.totalCost().signum() > 0) {
            sparklines(query.bucket().get(), out);
        }
    }

    private List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        query.bucket().ifPresent(bucket -> columns.add(new Column(bucket.text().replace('_', ' '), Kind.WHOLE_NAME)));
        query.dimensions().forEach(dimension -> columns.add(new Column(dimension.name(), Kind.NAME)));
        if (!grouped) {
            columns.add(new Column("", Kind.WHOLE_NAME));
        }
        columns.add(new Column("calls", Kind.FIGURE));
        columns.add(new Column("input", Kind.FIGURE));
        columns.add(new Column("output", Kind.FIGURE));
        if (cache) {
            columns.add(new Column("cache wr", Kind.FIGURE));
            columns.add(new Column("cache rd", Kind.FIGURE));
            columns.add(new Column("hit", Kind.SPARE_FIGURE));
            columns.add(new Column("cached", Kind.SPARE_FIGURE));
        }
        if (gaps) {
            columns.add(new Column("price gaps", Kind.FIGURE));
        }
        columns.add(new Column("cost", Kind.FIGURE));
        if (converted != null) {
            columns.add(new Column(converted.currency(), Kind.FIGURE));
        }
        if (grouped) {
            columns.add(new Column("share", Kind.SPARE_FIGURE));
            if (terminal.out()) {
                columns.add(new Column("", Kind.PICTURE));
            }
        }
        return columns;
    }

    private List<String> cells(GroupedSummary row, @Nullable BigDecimal otherCost) {
        List<String> cells = new ArrayList<>();
        row.bucket().ifPresent(bucket -> cells.add(bucketName(bucket)));
        for (int i = 0; i < query.dimensions().size(); i++) {
            String value = row.keys().getOrDefault(query.dimensions().get(i), "");
            cells.add(row.other() ? (i == 0 ? "(other)" : "") : value.isEmpty() ? "(none)" : value);
        }
        figures(cells, row.summary(), otherCost);
        BigDecimal part = row.summary().totalCost().toBigDecimal();
        BigDecimal whole = total.totalCost().toBigDecimal();
        cells.add(row.summary().whollyUnpriced() ? "-" : Figures.percent(part, whole));
        if (terminal.out()) {
            cells.add(Bars.bar(part, largestCost(), BAR_CELLS, terminal.unicode()));
        }
        return cells;
    }

    private List<String> cells(String name, Summary summary, @Nullable BigDecimal otherCost) {
        List<String> cells = new ArrayList<>();
        cells.add(name);
        int names = query.dimensions().size() + (query.bucket().isPresent() ? 1 : 0);
        for (int i = 1; i < names; i++) {
            cells.add("");
        }
        figures(cells, summary, otherCost);
        if (grouped) {
            cells.add(rows.isEmpty() ? "-" : "100%");
            if (terminal.out()) {
                cells.add("");
            }
        }
        return cells;
    }

    private void figures(List<String> cells, Summary summary, @Nullable BigDecimal otherCost) {
        cells.add(Figures.count(summary.totalRecords()));
        cells.add(Figures.tokens(summary.totalInputTokens()));
        cells.add(Figures.tokens(summary.totalOutputTokens()));
        if (cache) {
            cells.add(Figures.tokens(summary.totalCacheCreationInputTokens()));
            cells.add(Figures.tokens(summary.totalCacheReadInputTokens()));
            cells.add(hitRate(summary));
            cells.add(cached(summary));
        }
        if (gaps) {
            long left = summary.unpricedRecords() + summary.partialRecords();
            cells.add(left == 0 ? "-" : Figures.count(left));
        }
        cells.add(cost(summary));
        if (otherCost != null) {
            String text = Figures.amount(otherCost, decimals);
            cells.add(summary.whollyUnpriced() ? "-" : summary.fullyPriced() ? text : terminal.atLeast() + text);
        }
    }

    /** Cache reads of reads and writes; none where no writes are counted, which would be 100 %. */
    private static String hitRate(Summary summary) {
        BigDecimal reads = BigDecimal.valueOf(summary.totalCacheReadInputTokens());
        BigDecimal writes = BigDecimal.valueOf(summary.totalCacheCreationInputTokens());
        return writes.signum() == 0 ? "-" : Figures.percent(reads, reads.add(writes));
    }

    /** Cache reads of all input. */
    private static String cached(Summary summary) {
        BigDecimal reads = BigDecimal.valueOf(summary.totalCacheReadInputTokens());
        return Figures.percent(
                reads,
                reads.add(BigDecimal.valueOf(summary.totalCacheCreationInputTokens()))
                        .add(BigDecimal.valueOf(summary.totalInputTokens())));
    }

    private String cacheWords() {
        String input = cached(total) + " of all input was read from the cache (cached)";
        return total.totalCacheCreationInputTokens() == 0
                ? "Cache: " + input + "; without cache writes there is no hit rate."
                : "Cache: reads are " + hitRate(total) + " of reads and writes (hit); " + input + ".";
    }

    private String cost(Summary summary) {
        return cost(summary, summary.totalCost());
    }

    /** An amount out of a summary's cost, with what is to be known of calls without a price. */
    private String cost(Summary summary, Usd amount) {
        if (summary.whollyUnpriced()) {
            return "unpriced";
        }
        String text = Figures.usd(amount, decimals);
        return summary.fullyPriced() ? text : terminal.atLeast() + text;
    }

    private BigDecimal largestCost() {
        return rows.stream()
                .map(row -> row.summary().totalCost().toBigDecimal())
                .reduce(BigDecimal.ZERO, BigDecimal::max);
    }

    private String bucketName(OffsetDateTime bucket) {
        String day = bucket.toLocalDate().toString();
        return switch (query.bucket().orElseThrow()) {
            // With the offset, since an hour comes twice when clocks are set back.
            case QUARTER_HOUR, HOUR -> day + " " + bucket.toLocalTime() + " " + bucket.getOffset();
            case DAY, WEEK -> day;
            case MONTH -> day.substring(0, 7);
        };
    }

    /** The course of the cost over time: one line for each group, dearest first. */
    private void sparklines(CalendarBucket bucket, Output out) {
        List<Instant> starts = starts(bucket);
        if (starts.size() > MAX_POINTS) {
            return;
        }
        Map<Instant, Integer> places = new HashMap<>();
        starts.forEach(start -> places.put(start, places.size()));
        Map<String, List<BigDecimal>> series = new LinkedHashMap<>();
        Map<String, Summary> sums = new HashMap<>();
        for (GroupedSummary row : rows) {
            String name = query.dimensions().isEmpty() ? "cost" : row.other() ? "(other)" : named(row);
            List<BigDecimal> values = series.computeIfAbsent(name, key -> zeros(starts.size()));
            int place =
                    Objects.requireNonNull(places.get(row.bucket().orElseThrow().toInstant()));
            values.set(place, values.get(place).add(row.summary().totalCost().toBigDecimal()));
            sums.merge(name, row.summary(), Summary::plus);
        }
        int room = Math.min(MAX_SPARKLINE_WIDTH, Math.max(terminal.width() / 2, 10));
        List<Column> columns = List.of(
                new Column("cost per " + bucket.text().replace('_', ' '), Kind.NAME),
                new Column("", Kind.WHOLE_NAME),
                new Column("highest", Kind.FIGURE));
        Table table = new Table(columns);
        series.entrySet().stream()
                .sorted(Map.Entry.<String, List<BigDecimal>>comparingByKey((one, other) ->
                        sum(sums, other).totalCost().compareTo(sum(sums, one).totalCost())))
                .limit(MAX_SPARKLINES)
                .forEach(entry -> table.row(List.of(
                        entry.getKey(),
                        Bars.sparkline(entry.getValue(), room, terminal.unicode()),
                        cost(sum(sums, entry.getKey()), highest(entry.getValue())))));
        table.write(out, terminal);
        out.line("");
    }

    private static Summary sum(Map<String, Summary> sums, String name) {
        return sums.getOrDefault(name, Summary.ZERO);
    }

    private static Usd highest(List<BigDecimal> costs) {
        return Usd.of(costs.stream().reduce(BigDecimal.ZERO, BigDecimal::max));
    }

    /**
     * The buckets between the first and the last that have records, so that quiet ones show as such; no more than one beyond
     * {@link #MAX_POINTS}.
     */
    private List<Instant> starts(CalendarBucket bucket) {
        Instant last = rows.get(rows.size() - 1).bucket().orElseThrow().toInstant();
        List<Instant> starts = new ArrayList<>();
        Instant start = rows.get(0).bucket().orElseThrow().toInstant();
        while (!start.isAfter(last) && starts.size() <= MAX_POINTS) {
            starts.add(start);
            start = bucket.next(start, query.zone());
        }
        return starts;
    }

    private String named(GroupedSummary row) {
        List<String> values = new ArrayList<>();
        for (Dimension dimension : query.dimensions()) {
            String value = row.keys().getOrDefault(dimension, "");
            values.add(value.isEmpty() ? "(none)" : value);
        }
        return String.join(GroupedSummary.SEPARATOR, values);
    }

    private static List<BigDecimal> zeros(int count) {
        List<BigDecimal> zeros = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            zeros.add(BigDecimal.ZERO);
        }
        return zeros;
    }
}
