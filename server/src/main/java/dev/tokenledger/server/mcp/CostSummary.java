package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.present.DoubtText;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tool {@code cost_summary}: what a period cost, in words and as the JSON of {@code /v1/summary}. */
final class CostSummary extends LedgerTool {

    static final String NAME = "cost_summary";

    /** Groups of all calendar periods together. */
    private static final int MAX_ROWS = 500;

    CostSummary(Questions questions) {
        super(
                questions,
                NAME,
                "Cost summary",
                "What language model calls cost and how many tokens they used, from an exact ledger. A cost with ≥ is a lower"
                        + " bound, because some calls have no price.",
                QueryParameters.OF_SUMMARY);
    }

    @Override
    Map<String, Object> arguments() {
        String dimensions = Dimension.all().stream().map(Dimension::name).collect(Collectors.joining(", "));
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put(
                "period",
                oneOf(
                        List.of("today", "yesterday", "week", "month", "last_month", "all"),
                        "Calendar period; default: today"));
        arguments.put(
                "from",
                text("From this date or time on, such as 2026-11-01 or 2026-11-01T09:30:00Z; goes without period"));
        arguments.put("to", text("Up to, but not including, this date or time; goes without period"));
        arguments.put("hours", hours());
        arguments.put("zone", zone());
        arguments.put(WHERE, WHERE_ARGUMENT);
        arguments.put(
                "group_by", text("What to group by, with commas between several: " + dimensions + ", attribute.<key>"));
        arguments.put(
                "every",
                oneOf(
                        Stream.of(CalendarBucket.values())
                                .map(CalendarBucket::text)
                                .toList(),
                        "A row for every calendar period of this length"));
        arguments.put(
                "order",
                oneOf(
                        List.of("cost", "tokens", "records", "key"),
                        "What groups are ordered by, highest first; key goes from the first; default: cost"));
        arguments.put("limit", groups(MAX_GROUPS));
        return arguments;
    }

    @Override
    void complete(Map<String, List<String>> parameters) {
        if (!statesSpan(parameters)) {
            parameters.put("period", List.of("today"));
        }
        if (parameters.containsKey("group_by")) {
            parameters.putIfAbsent("limit", List.of(Integer.toString(MAX_GROUPS)));
        }
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        SummaryQuery query = summary(parameters);
        Report report = ledger.report(ReportQuery.of(query));
        List<GroupedSummary> rows = report.rows();
        if (rows.size() > MAX_ROWS) {
            throw new ParameterException(
                    "every",
                    "the answer has " + rows.size() + " rows, and at most " + MAX_ROWS
                            + " are told; ask for a shorter span, longer periods or a smaller limit");
        }
        return told(text(span(stated, parameters.zone()), query, report), SummaryJson.write(query, rows));
    }

    /** What calls a question is about, by when they happened. */
    private String span(Map<String, List<String>> parameters, ZoneId asked) {
        String period = first(parameters, "period");
        if (period.equals("all")) {
            return "All time";
        }
        if (!period.isEmpty()) {
            return "Cost " + words(period)
                    + (asked.equals(questions().zone()) ? "" : " (" + TimeText.name(asked) + ")");
        }
        if (parameters.containsKey("hours")) {
            return "Cost of the last " + first(parameters, "hours") + " hours";
        }
        String from = first(parameters, "from");
        String to = first(parameters, "to");
        return "Cost" + (from.isEmpty() ? "" : " from " + from) + (to.isEmpty() ? "" : " up to " + to) + " ("
                + TimeText.name(asked) + ")";
    }

    private static String first(Map<String, List<String>> parameters, String name) {
        return parameters.getOrDefault(name, List.of("")).get(0);
    }

    private static String text(String span, SummaryQuery query, Report report) {
        Summary total = report.total();
        StringBuilder text = new StringBuilder(span);
        text.append(": ").append(words(total));
        text.append("\nTokens: ")
                .append(count(total.totalInputTokens()))
                .append(" input, ")
                .append(count(total.totalOutputTokens()))
                .append(" output, ")
                .append(count(total.totalCacheReadInputTokens()))
                .append(" cache read, ")
                .append(count(total.totalCacheCreationInputTokens()))
                .append(" cache write");
        String doubts = DoubtText.words(total);
        if (!doubts.isEmpty()) {
            text.append('\n').append(doubts);
        }
        if (!query.dimensions().isEmpty() || query.bucket().isPresent()) {
            text.append("\nBy ")
                    .append(Stream.concat(
                                    query.bucket().map(CalendarBucket::text).stream(),
                                    query.dimensions().stream().map(Dimension::name))
                            .collect(Collectors.joining(", ")))
                    .append(':');
            for (GroupedSummary row : report.rows()) {
                text.append("\n- ").append(name(row, query)).append(": ").append(words(row.summary()));
            }
        }
        return text.toString();
    }

    private static String name(GroupedSummary row, SummaryQuery query) {
        String key = key(row);
        return row.bucket()
                .map(start -> start + (query.dimensions().isEmpty() ? "" : " " + key))
                .orElse(key);
    }

    /** A group's values; words for what has none, and for the rest together. */
    static String key(GroupedSummary row) {
        return row.other() ? "(all others)" : row.key().isBlank() ? "(none)" : row.key();
    }

    private static String words(String period) {
        return switch (period) {
            case "week", "month" -> "this " + period;
            case "last_month" -> "last month";
            default -> period;
        };
    }

    static String words(Summary summary) {
        String calls = calls(summary.totalRecords());
        String cost = (summary.fullyPriced() ? "" : "≥ ") + "$" + plain(summary.totalCost()) + " for " + calls;
        if (summary.unpricedRecords() > 0) {
            cost += ", " + count(summary.unpricedRecords()) + " without a price";
        }
        if (summary.partialRecords() > 0) {
            cost += ", " + count(summary.partialRecords()) + " priced in part";
        }
        return cost;
    }

    static String calls(long count) {
        return count(count) + (count == 1 ? " call" : " calls");
    }

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String plain(Usd amount) {
        return amount.toBigDecimal().toPlainString();
    }
}
