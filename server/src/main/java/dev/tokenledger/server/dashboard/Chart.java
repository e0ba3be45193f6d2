package dev.tokenledger.server.dashboard;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stacked bars over time, laid out for SVG. Across, places are in percent of the width, so that a page of any width needs no
 * script; upwards they are in pixels of a fixed height, so that nothing moves while a page loads. Coordinates alone are
 * {@code double}.
 *
 * @param series what the bars are stacked of, from the bottom up
 * @param bars from the earliest
 * @param ticks the lines of the vertical axis, from the top down
 * @param compared whether bars of the period before stand beside
 */
record Chart(List<Series> series, List<Bar> bars, List<Tick> ticks, boolean compared) {

    /** Of the drawing, in pixels. */
    static final int HEIGHT = 220;

    /** Series that a reader can tell apart; the rest is one more. */
    static final int MAX_SERIES = 7;

    /** So that a small part of a high bar is still seen. */
    private static final double LEAST_HEIGHT = 0.75;

    private static final int LABELS = 6;

    /** The class of bars of the period before, and how much of a bar's width they have. */
    private static final String BEFORE = "before";

    private static final double BEFORE_SHARE = 0.3;

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
     * @param before the figure of the same bar of the period before; empty where there is none
     * @param behind that figure as a bar of its own
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
            List<Segment> segments,
            String before,
            List<Segment> behind) {}

    /** A part of a bar: left edge and width in percent, upper edge and height in pixels. */
    record Segment(String style, String x, String width, String y, String height) {}

    /** A line across, in pixels from the top. */
    record Tick(String label, String y) {}

    /**
     * Lays out a chart.
     *
     * @param series from the bottom up; a last one beyond the keys is the rest
     * @param keys the keys of the groups that have a series of their own
     * @param earlier the totals of the bars of the period before, in their order; empty for no comparison
     */
    static Chart of(
            Buckets buckets,
            List<GroupedSummary> rows,
            List<Series> series,
            List<Map<Dimension, String>> keys,
            Measure measure,
            List<Summary> earlier) {
        Map<Instant, @Nullable Summary[]> found = new HashMap<>();
        for (GroupedSummary row : rows) {
            int index = row.other() ? keys.size() : keys.indexOf(row.keys());
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
        for (Summary before : earlier) {
            highest = highest.max(measure.of(before));
        }
        Axis axis = Axis.of(highest, measure);
        Set<LocalDateTime> once = new HashSet<>();
        Set<LocalDateTime> twice = buckets.starts().stream()
                .map(OffsetDateTime::toLocalDateTime)
                .filter(local -> !once.add(local))
                .collect(Collectors.toSet());
        int count = buckets.starts().size();
        int every = Math.max(1, (count + LABELS - 1) / LABELS);
        List<Bar> bars = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            OffsetDateTime start = buckets.starts().get(i);
            @Nullable Summary[] cells = found.getOrDefault(start.toInstant(), new Summary[keys.size() + 1]);
            // An hour that the clock shows twice is told apart by its offset.
            String offset = twice.contains(start.toLocalDateTime()) ? " " + start.getOffset() : "";
            String label = i % every == every / 2 ? Units.tick(start, buckets.size()) + offset : "";
            String style = i / every % 2 == 0 ? "label" : "label minor";
            bars.add(bar(
                    new Place(i, count, !earlier.isEmpty(), label, style, Units.bucket(start, buckets.size()) + offset),
                    cells,
                    series,
                    i < earlier.size() ? earlier.get(i) : null,
                    axis.top(),
                    measure));
        }
        return new Chart(List.copyOf(series), bars, ticks(axis.labels(measure)), !earlier.isEmpty());
    }

    /** Where a bar stands among how many, and what is written below and above it. */
    private record Place(int index, int count, boolean compared, String label, String labelStyle, String title) {

        double slot() {
            return 100.0 / count;
        }

        /** A part of the bar; the one of the period before stands to its left. */
        Segment segment(String style, double upper, double height) {
            double gap = count > 120 ? 0.08 : 0.2;
            double left = compared && !style.equals(BEFORE) ? BEFORE_SHARE : 0;
            double right = style.equals(BEFORE) ? BEFORE_SHARE : 1;
            return new Segment(
                    style,
                    number((index + gap / 2 + left * (1 - gap)) * slot()),
                    number(slot() * (1 - gap) * (right - left)),
                    number(upper),
                    number(Math.max(height, LEAST_HEIGHT)));
        }
    }

    private static BigDecimal height(BigDecimal value, BigDecimal top) {
        return value.multiply(BigDecimal.valueOf(HEIGHT)).divide(top, 4, RoundingMode.HALF_EVEN);
    }

    private static Bar bar(
            Place place,
            @Nullable Summary[] cells,
            List<Series> series,
            @Nullable Summary earlier,
            BigDecimal top,
            Measure measure) {
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
                BigDecimal height = height(value, top);
                y = y.subtract(height);
                segments.add(place.segment(series.get(s).style(), y.doubleValue(), height.doubleValue()));
            }
        }
        Collections.reverse(lines);
        String total = all.isNothing() ? "" : measure.figure(all);
        String before = earlier == null || earlier.isNothing() ? "" : measure.figure(earlier);
        List<Segment> behind = List.of();
        if (earlier != null && measure.of(earlier).signum() > 0) {
            double height = height(measure.of(earlier), top).doubleValue();
            behind = List.of(place.segment(BEFORE, HEIGHT - height, height));
        }
        String tip = place.title() + "\n"
                + (total.isEmpty() ? "no calls" : total + "\ttotal\n" + String.join("\n", lines))
                + (before.isEmpty() ? "" : "\n" + before + "\tthe period before");
        return new Bar(
                number(place.index() * place.slot()),
                number(place.slot()),
                number((place.index() + 0.5) * place.slot()),
                place.label(),
                place.labelStyle(),
                place.title(),
                total,
                tip,
                figures,
                segments,
                before,
                behind);
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
