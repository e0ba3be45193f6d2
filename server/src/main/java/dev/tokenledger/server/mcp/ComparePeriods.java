package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tool {@code compare_periods}: what a period cost against the one before it, or against another, by group. */
final class ComparePeriods extends LedgerTool {

    /** Groups of the other period, in which those of the first are found again. */
    private static final int MAX_BEFORE = 1_000;

    private static final String AGAINST_FROM = "against_from";
    private static final String AGAINST_TO = "against_to";

    private static final Set<String> KNOWN = new LinkedHashSet<>(List.of(
            "period", "from", "to", "hours", AGAINST_FROM, AGAINST_TO, "zone", "group_by", "limit", WHERE + "."));

    ComparePeriods(Questions questions) {
        super(
                questions,
                "compare_periods",
                "Compare periods",
                "What language model calls of a period cost against the period before it, as far as it has passed by now, or"
                        + " against other dates: the totals, and the groups that cost most.",
                KNOWN);
    }

    @Override
    Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put(
                "period",
                oneOf(List.of("today", "yesterday", "week", "month", "last_month"), "Calendar period; default: month"));
        arguments.put("from", text("From this date or time on; goes with to, and without period"));
        arguments.put("to", text("Up to, but not including, this date or time; goes with from"));
        arguments.put("hours", hours());
        arguments.put(
                AGAINST_FROM,
                text("Against calls from this date or time on; goes with against_to; default: the period before"));
        arguments.put(AGAINST_TO, text("Against calls up to, but not including, this date or time"));
        arguments.put("zone", zone());
        arguments.put(WHERE, WHERE_ARGUMENT);
        arguments.put(
                "group_by", text("What to group by, with commas between several, such as model or attribute.team"));
        arguments.put("limit", groups(10));
        return arguments;
    }

    @Override
    void complete(Map<String, List<String>> parameters) {
        if (!statesSpan(parameters)) {
            parameters.put("period", List.of("month"));
        }
        if (parameters.containsKey("group_by")) {
            parameters.putIfAbsent("limit", List.of("10"));
        }
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        if (stated.containsKey("from") != stated.containsKey("to")) {
            throw new ParameterException(stated.containsKey("from") ? "to" : "from", "state both from and to");
        }
        SummaryQuery query = summary(parameters);
        TimeWindow before = against(stated, parameters, query.window());
        SummaryQuery total = query.sameCalls(before).build();
        SummaryQuery groups =
                query.sameCalls(before).limit(MAX_BEFORE).by(query.dimensions()).build();
        ReportQuery both = ReportQuery.of(query).with(total);
        Report report = ledger.report(query.dimensions().isEmpty() ? both : both.with(groups));
        List<GroupedSummary> then = report.further().get(report.further().size() - 1);
        return told(
                words(query, before, parameters.zone(), report, then),
                "{\"period\":" + SummaryJson.write(query, report.rows()) + ",\"before\":"
                        + SummaryJson.write(query.dimensions().isEmpty() ? total : groups, then) + "}");
    }

    /** The period to compare with: the stated one, else the one before, as far as it has passed of this one. */
    private TimeWindow against(Map<String, List<String>> stated, QueryParameters parameters, TimeWindow window) {
        ZoneId zone = parameters.zone();
        Optional<Instant> from = parameters.get(AGAINST_FROM, text -> TimeText.parse(text, zone));
        Optional<Instant> to = parameters.get(AGAINST_TO, text -> TimeText.parse(text, zone));
        if (from.isPresent() != to.isPresent()) {
            throw new ParameterException(
                    from.isPresent() ? AGAINST_TO : AGAINST_FROM, "state both " + AGAINST_FROM + " and " + AGAINST_TO);
        }
        if (from.isPresent()) {
            if (to.get().isBefore(from.get())) {
                throw new ParameterException(AGAINST_FROM, "is after " + AGAINST_TO);
            }
            return TimeWindow.of(from.get(), to.get());
        }
        Instant now = questions().clock().instant();
        Instant passed = window.end().isAfter(now) && window.start().isBefore(now) ? now : window.end();
        Optional<Period> length = stated.getOrDefault("period", List.of()).stream()
                .findFirst()
                .map(name -> switch (name) {
                    case "today", "yesterday" -> Period.ofDays(1);
                    case "week" -> Period.ofWeeks(1);
                    case "month", "last_month" -> Period.ofMonths(1);
                    default ->
                        throw new ParameterException(
                                "period", "expected one of today, yesterday, week, month, last_month");
                });
        Duration span = Duration.between(window.start(), window.end());
        Instant start = length.map(
                        period -> window.start().atZone(zone).minus(period).toInstant())
                .orElseGet(() -> window.start().minus(span));
        Instant end = length.map(period -> passed.atZone(zone).minus(period).toInstant())
                .orElseGet(() -> passed.minus(span));
        // A shorter month before: what is compared ends where the period begins.
        Instant cut = end.isAfter(window.start()) ? window.start() : end;
        Instant first = start.isBefore(TimeWindow.MIN) ? TimeWindow.MIN : start;
        return TimeWindow.of(first, cut.isBefore(first) ? first : cut);
    }

    private static String words(
            SummaryQuery query, TimeWindow before, ZoneId zone, Report report, List<GroupedSummary> then) {
        Summary total = report.total();
        Summary earlier = report.further().get(0).get(0).summary();
        StringBuilder text = new StringBuilder("From " + times(query.window(), zone) + ": " + CostSummary.words(total)
                + "\nAgainst " + times(before, zone) + ": " + CostSummary.words(earlier) + "\nChange: "
                + change(total, earlier));
        if (query.dimensions().isEmpty()) {
            return text.toString();
        }
        Map<Map<Dimension, String>, Summary> found = new HashMap<>();
        boolean whole = true;
        for (GroupedSummary row : then) {
            whole &= !row.other();
            if (!row.other()) {
                found.put(row.keys(), row.summary());
            }
        }
        text.append("\nBy ")
                .append(String.join(
                        ", ", query.dimensions().stream().map(Dimension::name).toList()))
                .append(':');
        for (GroupedSummary row : report.rows()) {
            text.append("\n- ").append(CostSummary.key(row)).append(": ").append(CostSummary.words(row.summary()));
            Summary other = found.getOrDefault(row.keys(), Summary.ZERO);
            if (!row.other() && (whole || found.containsKey(row.keys()))) {
                text.append("; before: ")
                        .append(CostSummary.words(other))
                        .append("; ")
                        .append(change(row.summary(), other));
            }
        }
        List<GroupedSummary> gone = report.leftOut()
                ? List.of()
                : then.stream()
                        .filter(row -> !row.other()
                                && row.summary().totalRecords() > 0
                                && report.rows().stream()
                                        .noneMatch(now -> now.keys().equals(row.keys())))
                        .limit(MAX_GROUPS)
                        .toList();
        gone.forEach(row -> text.append("\n- ")
                .append(CostSummary.key(row))
                .append(": no calls; before: ")
                .append(CostSummary.words(row.summary())));
        return text.toString();
    }

    private static String times(TimeWindow window, ZoneId zone) {
        return window.start().atZone(zone).toOffsetDateTime() + " to "
                + window.end().atZone(zone).toOffsetDateTime();
    }

    private static String change(Summary now, Summary before) {
        Usd difference = now.totalCost().minus(before.totalCost());
        BigDecimal amount = difference.toBigDecimal();
        String sign = amount.signum() > 0 ? "+" : amount.signum() < 0 ? "-" : "";
        String text = sign + "$" + amount.abs().stripTrailingZeros().toPlainString();
        BigDecimal then = before.totalCost().toBigDecimal();
        if (then.signum() != 0) {
            BigDecimal percent = amount.movePointRight(2).divide(then, 1, RoundingMode.HALF_EVEN);
            text += " (" + (percent.signum() > 0 ? "+" : "") + percent.toPlainString() + " %)";
        }
        return now.fullyPriced() && before.fullyPriced() ? text : text + ", of what has a price";
    }
}
