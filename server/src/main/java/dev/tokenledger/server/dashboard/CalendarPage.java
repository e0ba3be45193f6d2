package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A year of days, a column for each week, each day the darker the more it cost, or what else is shown.
 *
 * @param span the days, for people
 * @param measure what is shown of them
 * @param months the name of a month above the week that it begins in; empty above the others
 * @param rows a row for each day of the week
 * @param facts what the days come to
 */
record CalendarPage(
        Frame frame, String span, String measure, List<String> months, List<Row> rows, List<OverviewPage.Card> facts) {

    private static final int WEEKS = 53;

    /** Shades of days with something to show. */
    private static final int SHADES = 4;

    /** One day of all weeks. */
    record Row(String name, List<Day> days) {}

    /**
     * A day.
     *
     * @param style the class that colours it
     * @param link the day's overview; empty for one that lies outside
     * @param text the day and its figure
     */
    record Day(String style, String link, String text) {}

    static CalendarPage of(Ledger ledger, View view, Frame frame) {
        Instant end = view.window().end().isBefore(view.now()) ? view.window().end() : view.now();
        LocalDate last = LocalDate.ofInstant(
                end.isAfter(TimeWindow.MIN) && end.equals(view.window().end()) ? end.minusNanos(1) : end, view.zone());
        LocalDate monday =
                last.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).minusWeeks(WEEKS - 1L);
        TimeWindow window = Range.days(monday, last.plusDays(1), view.zone());
        SummaryQuery query =
                view.query(window).every(CalendarBucket.DAY, view.zone()).build();
        Map<LocalDate, Summary> days = new HashMap<>();
        Summary total = Summary.ZERO;
        for (GroupedSummary row : ledger.summaries(query)) {
            if (row.bucket().isPresent() && !row.summary().isNothing()) {
                days.put(row.bucket().get().toLocalDate(), row.summary());
                total = total.plus(row.summary());
            }
        }
        Measure measure = view.measure();
        List<BigDecimal> steps = steps(days, measure);
        List<Row> rows = new ArrayList<>();
        for (DayOfWeek weekday : DayOfWeek.values()) {
            List<Day> row = new ArrayList<>();
            for (int week = 0; week < WEEKS; week++) {
                LocalDate date = monday.plusWeeks(week).plusDays(weekday.ordinal());
                row.add(date.isAfter(last) ? new Day("", "", "") : day(date, days.get(date), steps, view));
            }
            rows.add(new Row(weekday.getDisplayName(TextStyle.SHORT, Locale.ENGLISH), row));
        }
        return new CalendarPage(
                frame,
                Units.date(monday) + " – " + Units.date(last),
                measure.title(),
                months(monday),
                rows,
                facts(total, days, measure, ChronoUnit.DAYS.between(monday, last) + 1));
    }

    /** The least value of each shade: of the days with any, as many in each. */
    private static List<BigDecimal> steps(Map<LocalDate, Summary> days, Measure measure) {
        List<BigDecimal> values = days.values().stream()
                .map(measure::of)
                .filter(value -> value.signum() > 0)
                .sorted()
                .toList();
        List<BigDecimal> steps = new ArrayList<>();
        for (int shade = 0; shade < SHADES && !values.isEmpty(); shade++) {
            steps.add(values.get(values.size() * shade / SHADES));
        }
        return steps;
    }

    private static Day day(LocalDate date, @Nullable Summary summary, List<BigDecimal> steps, View view) {
        int shade = 0;
        if (summary != null) {
            BigDecimal value = view.measure().of(summary);
            shade = value.signum() <= 0
                    ? 0
                    : (int) steps.stream()
                            .filter(step -> step.compareTo(value) <= 0)
                            .count();
        }
        String link = view.on("/")
                .without("period", "after")
                .with("from", date.toString())
                .with("through", date.toString())
                .toString();
        String figure = summary == null ? "no calls" : view.measure().figure(summary);
        return new Day("day h" + shade, link, Units.date(date) + ": " + figure);
    }

    private static List<String> months(LocalDate monday) {
        List<String> months = new ArrayList<>();
        for (int week = 0; week < WEEKS; week++) {
            LocalDate sunday = monday.plusWeeks(week).plusDays(6);
            months.add(
                    sunday.getDayOfMonth() <= 7
                            ? sunday.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH)
                            : "");
        }
        return months;
    }

    private static List<OverviewPage.Card> facts(
            Summary total, Map<LocalDate, Summary> days, Measure measure, long all) {
        Optional<Map.Entry<LocalDate, Summary>> most = days.entrySet().stream()
                .max(Map.Entry.<LocalDate, Summary>comparingByValue(
                                (one, other) -> measure.of(one).compareTo(measure.of(other)))
                        .thenComparing(Map.Entry.comparingByKey()));
        return List.of(
                new OverviewPage.Card(measure.title(), measure.figure(total), "of all these days"),
                new OverviewPage.Card(
                        "Most in a day",
                        most.map(day -> measure.figure(day.getValue())).orElse("–"),
                        most.map(day -> Units.date(day.getKey())).orElse("no calls")),
                new OverviewPage.Card("Days with calls", Figures.count(days.size()), "of " + Figures.count(all)));
    }
}
