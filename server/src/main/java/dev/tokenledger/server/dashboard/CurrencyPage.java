package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TooManyGroupsException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * What calls cost in another currency, each day's by that day's rate, as text ready to be shown.
 *
 * @param problem why it cannot be told, such as days without a rate; empty if it can
 * @param note which days have another day's rate
 * @param grouping what the groups are
 * @param groups by the view's dimension, the total last
 * @param days by day, newest first, of the last {@value #MAX_DAYS} with a cost
 */
record CurrencyPage(
        Frame frame,
        String span,
        String currency,
        String problem,
        String total,
        String totalUsd,
        String note,
        String grouping,
        List<Row> groups,
        List<Row> days) {

    /** The most days of the list. */
    static final int MAX_DAYS = 366;

    private static final int DECIMALS = 2;

    /**
     * A group or a day.
     *
     * @param rate of a day, the day that its rate is of where that is another one; else empty
     */
    record Row(String name, String calls, String usd, String cost, String rate) {}

    static CurrencyPage of(Ledger ledger, View view, ExchangeRates rates, Frame frame) {
        String grouping = Frame.title(view.by());
        try {
            SummaryQuery byGroup =
                    view.query(view.window()).by(view.by()).limit(view.limit()).build();
            ConvertedReport groups = ConvertedReport.ask(ledger, byGroup, view.zone(), rates, false);
            SummaryQuery byDay = view.query(view.window())
                    .every(CalendarBucket.DAY, view.zone())
                    .build();
            ConvertedReport days = ConvertedReport.ask(ledger, byDay, view.zone(), rates, false);
            Summary total = groups.rows().stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
            List<Row> rows = new ArrayList<>(groups(groups));
            rows.add(row("Total", total, groups.total(), ""));
            return new CurrencyPage(
                    frame,
                    view.span(),
                    rates.currency(),
                    "",
                    atLeast(total) + Figures.amount(groups.total(), DECIMALS) + "\u202f" + rates.currency(),
                    Units.cost(total),
                    note(groups),
                    grouping,
                    rows,
                    days(days, rates));
        } catch (ConvertedReport.NoRateException | TooManyGroupsException e) {
            return new CurrencyPage(
                    frame,
                    view.span(),
                    rates.currency(),
                    String.valueOf(e.getMessage()),
                    "",
                    "",
                    "",
                    grouping,
                    List.of(),
                    List.of());
        }
    }

    private static List<Row> groups(ConvertedReport report) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < report.rows().size(); i++) {
            GroupedSummary group = report.rows().get(i);
            String name = group.other()
                    ? "All others"
                    : Units.name(group.keys().values().iterator().next());
            rows.add(row(name, group.summary(), report.costs().get(i), ""));
        }
        return rows;
    }

    private static List<Row> days(ConvertedReport report, ExchangeRates rates) {
        List<Row> rows = new ArrayList<>();
        for (int i = report.rows().size() - 1; i >= 0 && rows.size() < MAX_DAYS; i--) {
            GroupedSummary day = report.rows().get(i);
            LocalDate date = day.bucket().orElseThrow().toLocalDate();
            String rate = rates.at(date)
                    .map(ExchangeRates.Rate::day)
                    .filter(of -> !of.equals(date))
                    .map(of -> "rate of " + of)
                    .orElse("");
            rows.add(row(date.toString(), day.summary(), report.costs().get(i), rate));
        }
        return rows;
    }

    private static Row row(String name, Summary summary, BigDecimal cost, String rate) {
        return new Row(
                name,
                Figures.count(summary.totalRecords()),
                Units.cost(summary),
                summary.whollyUnpriced() ? "unpriced" : atLeast(summary) + Figures.amount(cost, DECIMALS),
                rate);
    }

    private static String atLeast(Summary summary) {
        return summary.fullyPriced() ? "" : "≥\u202f";
    }

    private static String note(ConvertedReport report) {
        String note = "each day’s cost by that day’s rate";
        if (!report.carried().isEmpty()) {
            note += "; " + ConvertedReport.named(report.carried())
                    + (report.carried().size() == 1 ? " has" : " have") + " the last rate before";
        }
        if (!report.old().isEmpty()) {
            note += "; the rates for " + ConvertedReport.named(report.old()) + " are more than "
                    + ExchangeRates.MAX_FRESH_DAYS + " days older than these days";
        }
        return note;
    }
}
