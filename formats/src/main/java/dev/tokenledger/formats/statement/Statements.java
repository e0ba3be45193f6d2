package dev.tokenledger.formats.statement;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.SummaryCsv;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What each value of a dimension used and cost in a window, by model, of one moment. Immutable.
 *
 * <p>{@link #write} makes for each value {@code NAME.csv} and {@code NAME.html}, and {@code index.html}, {@code index.csv} and {@code
 * index.json} of them all; {@code NAME} is the value, or what is left of it with a digest where it is no safe name of a file. Calls without
 * a value are {@code none}, so that the statements add up to the ledger's total.
 */
public final class Statements {

    /** The most statements of one folder. */
    public static final int MAX_STATEMENTS = 10_000;

    private static final int COLUMNS = 8;

    private final SummaryQuery query;
    private final SummaryQuery indexQuery;
    private final Dimension dimension;
    private final List<GroupedSummary> index;
    private final Map<String, List<GroupedSummary>> rows;
    private final Summary total;

    private Statements(SummaryQuery query, SummaryQuery indexQuery, Dimension dimension, List<GroupedSummary> all) {
        this.query = query;
        this.indexQuery = indexQuery;
        this.dimension = dimension;
        Map<String, List<GroupedSummary>> byValue = new TreeMap<>();
        for (GroupedSummary row : all) {
            byValue.computeIfAbsent(row.keys().getOrDefault(dimension, ""), value -> new ArrayList<>())
                    .add(row);
        }
        rows = byValue;
        List<GroupedSummary> sums = new ArrayList<>();
        byValue.forEach((value, own) ->
                sums.add(new GroupedSummary(Optional.empty(), Map.of(dimension, value), sum(own), false)));
        index = List.copyOf(sums);
        total = sum(index);
    }

    /**
     * Asks a ledger.
     *
     * @param dimension whose values have a statement each
     * @throws IllegalArgumentException if there are more than {@link #MAX_STATEMENTS} values
     */
    public static Statements of(Ledger ledger, TimeWindow window, Map<Dimension, String> filters, Dimension dimension) {
        SummaryQuery.Builder index = SummaryQuery.over(window).by(dimension);
        SummaryQuery.Builder rows = SummaryQuery.over(window).by(dimension);
        if (!dimension.equals(Dimension.MODEL)) {
            rows.by(Dimension.MODEL);
        }
        filters.forEach(index::where);
        filters.forEach(rows::where);
        SummaryQuery query = rows.build();
        Statements statements = new Statements(query, index.build(), dimension, ledger.summaries(query));
        if (statements.index.size() > MAX_STATEMENTS) {
            throw new IllegalArgumentException("there are " + statements.index.size() + " values of " + dimension
                    + ", and one folder holds " + MAX_STATEMENTS
                    + " statements at most; choose some with filters, or another dimension");
        }
        return statements;
    }

    private static Summary sum(List<GroupedSummary> rows) {
        return rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
    }

    /** How many statements there are. */
    public int count() {
        return index.size();
    }

    /** The total of all statements: the ledger's of the window and filters. */
    public Summary total() {
        return total;
    }

    /**
     * Writes the files into a folder that is there.
     *
     * @param span the window in words
     * @param made when the statements were made
     * @throws IOException if a file cannot be written
     */
    public void write(Path folder, String span, Instant made) throws IOException {
        String footer = "Made by Tokenledger at " + made.truncatedTo(ChronoUnit.SECONDS) + ".";
        Map<String, String> names = new LinkedHashMap<>();
        for (GroupedSummary row : index) {
            String value = row.keys().getOrDefault(dimension, "");
            String name = FileNames.of(value);
            names.put(value, name);
            List<GroupedSummary> own = rows.getOrDefault(value, List.of());
            try (Writer out = Files.newBufferedWriter(folder.resolve(name + ".csv"), StandardCharsets.UTF_8)) {
                SummaryCsv.write(query, own, text -> append(out, text));
            }
            String title = dimension.name() + ": " + shown(value);
            Files.writeString(folder.resolve(name + ".html"), page(title, span, own, Map.of(), footer));
        }
        try (Writer out = Files.newBufferedWriter(folder.resolve("index.csv"), StandardCharsets.UTF_8)) {
            SummaryCsv.write(indexQuery, index, text -> append(out, text));
        }
        Files.writeString(folder.resolve("index.json"), SummaryJson.write(indexQuery, index) + "\n");
        Files.writeString(
                folder.resolve("index.html"), page("Statements by " + dimension.name(), span, index, names, footer));
    }

    private static void append(Writer out, String text) {
        try {
            out.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shown(String value) {
        return value.isEmpty() ? "(none)" : value;
    }

    /** @param links by a value, its file's name without an ending; empty for a page that is no index */
    private String page(
            String title, String span, List<GroupedSummary> lines, Map<String, String> links, String footer) {
        Dimension shown = links.isEmpty() ? Dimension.MODEL : dimension;
        StringBuilder html = new StringBuilder(4_096);
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>\n")
                .append(
                        "body{font:14px/1.5 sans-serif;color:#111;background:#fff;margin:2em auto;max-width:60em;padding:0 1em}\n")
                .append("table{border-collapse:collapse;width:100%}\n")
                .append(
                        "th,td{text-align:right;padding:.25em .5em;border-bottom:1px solid #ccc;font-variant-numeric:tabular-nums}\n")
                .append("th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}\n")
                .append("tfoot td{font-weight:bold;border-top:2px solid #111}\n")
                .append(
                        "@media print{body{margin:0;max-width:none}tr{break-inside:avoid}thead{display:table-header-group}a{color:inherit;text-decoration:none}}\n")
                .append("</style>\n</head>\n<body>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n<p>")
                .append(escaped(span))
                .append("</p>\n<table>\n<thead><tr>");
        for (String heading : new String[] {
            shown.name(),
            "Calls",
            "Input",
            "Cache writes",
            "Cache reads",
            "Output",
            "Without a whole price",
            "Cost (USD)"
        }) {
            html.append("<th scope=\"col\">").append(escaped(heading)).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (GroupedSummary row : lines) {
            String value = row.keys().getOrDefault(shown, "");
            String link = links.get(value);
            html.append("<tr><td>");
            if (link == null) {
                html.append(escaped(shown(value)));
            } else {
                html.append("<a href=\"")
                        .append(link)
                        .append(".html\">")
                        .append(escaped(shown(value)))
                        .append("</a>");
            }
            html.append("</td>");
            figures(html, row.summary());
            html.append("</tr>\n");
        }
        Summary sum = sum(lines);
        html.append("</tbody>\n<tfoot><tr><td>Total</td>");
        figures(html, sum);
        html.append("</tr></tfoot>\n</table>\n");
        if (!sum.fullyPriced()) {
            html.append("<p>The cost is a lower bound: ")
                    .append(escaped(
                            Figures.count(sum.partialRecords() + sum.unpricedRecords(), "call has", "calls have")))
                    .append(" no whole price.</p>\n");
        }
        return html.append("<p>")
                .append(escaped(footer))
                .append("</p>\n</body>\n</html>\n")
                .toString();
    }

    private static void figures(StringBuilder html, Summary summary) {
        String[] cells = new String[COLUMNS - 1];
        cells[0] = Figures.count(summary.totalRecords());
        cells[1] = Figures.count(summary.totalInputTokens());
        cells[2] = Figures.count(summary.totalCacheCreationInputTokens());
        cells[3] = Figures.count(summary.totalCacheReadInputTokens());
        cells[4] = Figures.count(summary.totalOutputTokens());
        cells[5] = Figures.count(summary.partialRecords() + summary.unpricedRecords());
        cells[6] = (summary.fullyPriced() ? "" : "≥ ") + Figures.exactUsd(summary.totalCost());
        for (String cell : cells) {
            html.append("<td>").append(escaped(cell)).append("</td>");
        }
    }

    /** Text of HTML, in an element or a quoted attribute. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    boolean hidden = Character.isISOControl(c)
                            || Character.getType(c) == Character.FORMAT
                            || Character.getType(c) == Character.SURROGATE;
                    escaped.appendCodePoint(hidden ? '?' : c);
                }
            }
        });
        return escaped.toString();
    }
}
