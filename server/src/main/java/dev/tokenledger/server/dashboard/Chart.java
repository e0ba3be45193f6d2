package dev.tokenledger.server.dashboard;

import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stacked bars over time, laid out for SVG. Across, places are in percent of the width, so that a page of any width needs no
 * script; upwards they are in pixels of a fixed height, so that nothing moves while a page loads. Coordinates alone are
 * {@code double}.
 *
 * @param series what the bars are stacked of, from the bottom up
 * @param bars from the earliest
 * @param ticks the lines of the vertical axis, from the top down
 */
record Chart(List<Series> series, List<Bar> bars, List<Tick> ticks) {

    /** Of the drawing, in pixels. */
    static final int HEIGHT = 220;

    /** Series that a reader can tell apart; the rest is one more. */
    static final int MAX_SERIES = 7;

    /** So that a small part of a high bar is still seen. */
    private static final double LEAST_HEIGHT = 0.75;

    private static final int LABELS = 6;

    /**
     * A series.
     *
     * @param style the class that colours it
     * @param link the address that shows it alone; empty for the rest
     * @param total over all bars
     */
    record Series(String name, String style, String link, String total) {}

    /**
     * A bar.
     *
     * @param x its left edge, and {@code slot} the width that it stands in, in percent
     * @param label below it; empty for most
     * @param labelStyle tells labels that a narrow page leaves out
     * @param tip what it stands for, a line for each series with a value
     * @param cells a figure for each series; empty where there is nothing
     */
    record Bar(
            String x,
            String slot,
            String middle,
            String label,
            String labelStyle,
            String title,
            String total,
            String tip,
            List<String> cells,
            List<Segment> segments) {}

    /** A part of a bar: left edge and width in percent, upper edge and height in pixels. */
    record Segment(String style, String x, String width, String y, String height) {}

    /** A line across, in pixels from the top. */
    record Tick(String label, String y) {}

    /**
     * Lays out a chart.
     *
     * @param series from the bottom up; a last one beyond the keys is the rest
     * @param keys the keys of the groups that have a series of their own
     */
    static Chart of(
            Buckets buckets, List<GroupedSummary> rows, List<Series> series, List<String> keys, Measure measure) {
        Map<Instant, @Nullable Summary[]> found = new HashMap<>();
        for (GroupedSummary row : rows) {
            int index = row.other() ? keys.size() : keys.indexOf(row.key());
            // A group that a record has joined since the series were chosen.
            int place = index < 0 ? keys.size() : index;
            @Nullable
            Summary[] cells = found.computeIfAbsent(
                    row.bucket().orElseThrow().toInstant(), start -> new Summary[keys.size() + 1]);
            cells[place] = cells[place] == null ? row.summary() : cells[place].plus(row.summary());
        }
        BigDecimal highest = BigDecimal.ZERO;
        for (@Nullable Summary[] cells : found.values()) {
            highest = highest.max(sum(cells, measure));
        }
        Axis axis = Axis.of(highest, measure);
        int count = buckets.starts().size();
        int every = Math.max(1, (count + LABELS - 1) / LABELS);
        List<Bar> bars = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            OffsetDateTime start = buckets.starts().get(i);
            @Nullable Summary[] cells = found.getOrDefault(start.toInstant(), new Summary[keys.size() + 1]);
            String label = i % every == every / 2 ? Units.tick(start, buckets.size()) : "";
            String style = i / every % 2 == 0 ? "label" : "label minor";
            bars.add(bar(
                    i, count, label, style, Units.bucket(start, buckets.size()), cells, series, axis.top(), measure));
        }
        return new Chart(List.copyOf(series), bars, ticks(axis.labels(measure)));
    }

    private static Bar bar(
            int index,
            int count,
            String label,
            String labelStyle,
            String title,
            @Nullable Summary[] cells,
            List<Series> series,
            BigDecimal top,
            Measure measure) {
        double slot = 100.0 / count;
        double gap = count > 120 ? 0.08 : 0.2;
        List<Segment> segments = new ArrayList<>();
        List<String> figures = new ArrayList<>();
        Summary all = Summary.ZERO;
        BigDecimal y = BigDecimal.valueOf(HEIGHT);
        List<String> lines = new ArrayList<>();
        for (int s = 0; s < series.size(); s++) {
            Summary cell = cells[s];
            if (cell == null) {
                figures.add("");
                continue;
            }
            all = all.plus(cell);
            BigDecimal value = measure.of(cell);
            String figure = measure.figure(cell);
            figures.add(figure);
            lines.add(figure + "\t" + series.get(s).name());
            if (value.signum() > 0) {
                BigDecimal height = value.multiply(BigDecimal.valueOf(HEIGHT)).divide(top, 4, RoundingMode.HALF_EVEN);
                y = y.subtract(height);
                segments.add(new Segment(
                        series.get(s).style(),
                        number((index + gap / 2) * slot),
                        number(slot * (1 - gap)),
                        number(y.doubleValue()),
                        number(Math.max(height.doubleValue(), LEAST_HEIGHT))));
            }
        }
        Collections.reverse(lines);
        String total = all.totalRecords() == 0 ? "" : measure.figure(all);
        String tip = title + "\n" + (total.isEmpty() ? "no calls" : total + "\ttotal\n" + String.join("\n", lines));
        return new Bar(
                number(index * slot),
                number(slot),
                number((index + 0.5) * slot),
                label,
                labelStyle,
                title,
                total,
                tip,
                figures,
                segments);
    }

    private static BigDecimal sum(@Nullable Summary[] cells, Measure measure) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Summary cell : cells) {
            if (cell != null) {
                sum = sum.add(measure.of(cell));
            }
        }
        return sum;
    }

    private static List<Tick> ticks(List<String> labels) {
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            ticks.add(new Tick(labels.get(i), number((double) HEIGHT * i / (labels.size() - 1))));
        }
        return ticks;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
