package dev.tokenledger.pricing;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When in the week a price holds: spans of the UTC day, on some of its days. A span that runs over midnight belongs to the day
 * on which it begins.
 *
 * @param spans disjoint, in order of their start; empty for the whole day
 * @param days the UTC days of the week; never empty, all seven for every day
 */
public record PriceHours(List<DailySpan> spans, Set<DayOfWeek> days) {

    private static final int MINUTES_A_DAY = 24 * 60;
    private static final int MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
    private static final int SHORT = 3;

    /**
     * Copies its collections.
     *
     * @throws IllegalArgumentException if two spans overlap, no day is left, or neither spans nor days leave anything out
     */
    public PriceHours {
        spans = spans.stream().sorted(Comparator.comparing(DailySpan::start)).toList();
        for (int i = 0; i < spans.size(); i++) {
            for (int j = i + 1; j < spans.size(); j++) {
                if (spans.get(i).overlaps(spans.get(j))) {
                    throw new IllegalArgumentException(
                            "hours: " + spans.get(i) + " and " + spans.get(j) + " overlap; write them as one span");
                }
            }
        }
        if (days.isEmpty()) {
            throw new IllegalArgumentException("days: expected at least one day, such as mon-fri");
        }
        days = Collections.unmodifiableSet(EnumSet.copyOf(days));
        if (spans.isEmpty() && days.size() == DayOfWeek.values().length) {
            throw new IllegalArgumentException(
                    "hours: the whole of every day is what a price without hours and days has");
        }
    }

    /** One span of every day. */
    public static PriceHours daily(DailySpan span) {
        return new PriceHours(List.of(span), EnumSet.allOf(DayOfWeek.class));
    }

    /**
     * Reads days of the week: {@code mon-fri}, {@code sat,sun}, {@code fri-mon, wed}; short or full English names, in any
     * letter case.
     *
     * @throws IllegalArgumentException if the text names no such days
     */
    public static Set<DayOfWeek> parseDays(String text) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("-", -1);
            if (ends.length > 2) {
                throw unknown(text);
            }
            DayOfWeek last = day(ends[ends.length - 1], text);
            for (DayOfWeek day = day(ends[0], text); ; day = day.plus(1)) {
                days.add(day);
                if (day == last) {
                    break;
                }
            }
        }
        return days;
    }

    private static DayOfWeek day(String name, String text) {
        String wanted = name.strip().toUpperCase(Locale.ROOT);
        for (DayOfWeek day : DayOfWeek.values()) {
            if (wanted.equals(day.name()) || wanted.equals(day.name().substring(0, SHORT))) {
                return day;
            }
        }
        throw unknown(text);
    }

    private static IllegalArgumentException unknown(String text) {
        return new IllegalArgumentException(
                "days: expected days of the week such as \"mon-fri\" or \"sat,sun\", found \""
                        + (text.length() > 64 ? text.substring(0, 64) + "…" : text) + "\"");
    }

    /** The spans as {@code 01:00-04:00,06:00-10:00}; empty for the whole day. */
    public String spansText() {
        return spans.stream().map(DailySpan::toString).collect(Collectors.joining(","));
    }

    /** The days as {@link #parseDays} reads them; empty for all seven. */
    public String daysText() {
        if (days.size() == DayOfWeek.values().length) {
            return "";
        }
        List<String> runs = new ArrayList<>();
        for (DayOfWeek first : days) {
            if (first != DayOfWeek.MONDAY && days.contains(first.minus(1))) {
                continue;
            }
            DayOfWeek last = first;
            while (last != DayOfWeek.SUNDAY && days.contains(last.plus(1))) {
                last = last.plus(1);
            }
            runs.add(first == last ? shortName(first) : shortName(first) + "-" + shortName(last));
        }
        return String.join(",", runs);
    }

    private static String shortName(DayOfWeek day) {
        return day.name().substring(0, SHORT).toLowerCase(Locale.ROOT);
    }

    /** Whether the price holds at an instant. */
    boolean contains(Instant at) {
        int second = (int) Math.floorMod(at.getEpochSecond(), 86_400L);
        DayOfWeek day = at.atOffset(ZoneOffset.UTC).getDayOfWeek();
        if (spans.isEmpty()) {
            return days.contains(day);
        }
        for (DailySpan span : spans) {
            if (span.contains(second)) {
                boolean afterMidnight =
                        span.isOverMidnight() && second < span.end().toSecondOfDay();
                return days.contains(afterMidnight ? day.minus(1) : day);
            }
        }
        return false;
    }

    /** Whether there is a minute of the week that both hold in. */
    boolean overlaps(PriceHours other) {
        return minutes().intersects(other.minutes());
    }

    private BitSet minutes() {
        BitSet minutes = new BitSet(MINUTES_A_WEEK);
        for (DayOfWeek day : days) {
            int midnight = (day.getValue() - 1) * MINUTES_A_DAY;
            if (spans.isEmpty()) {
                minutes.set(midnight, midnight + MINUTES_A_DAY);
            }
            for (DailySpan span : spans) {
                int start = midnight + span.start().toSecondOfDay() / 60;
                int end = midnight + span.end().toSecondOfDay() / 60 + (span.isOverMidnight() ? MINUTES_A_DAY : 0);
                minutes.set(start, Math.min(end, MINUTES_A_WEEK));
                if (end > MINUTES_A_WEEK) {
                    minutes.set(0, end - MINUTES_A_WEEK);
                }
            }
        }
        return minutes;
    }

    /** The spans and the days, with a blank between. */
    @Override
    public String toString() {
        return (spansText() + " " + daysText()).strip();
    }

    /** Reads several spans. */
    static List<DailySpan> parseSpans(Collection<String> texts) {
        return texts.stream().map(DailySpan::parse).toList();
    }
}
