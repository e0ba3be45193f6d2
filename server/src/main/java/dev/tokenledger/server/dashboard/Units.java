package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Figures, times and names as pages show them: always in English, so that a shared address reads the same everywhere. */
final class Units {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM", Locale.ROOT);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ROOT);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMM uuuu", Locale.ROOT);
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ROOT);
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("d MMM uuuu HH:mm", Locale.ROOT);
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("d MMM uuuu HH:mm:ss", Locale.ROOT);
    /** Of thousands, millions and so on, as {@link Figures#tokens} has them. */
    private static final String SUFFIXES = "KMBT";

    private Units() {}

    /** A number of tokens with a unit behind a narrow space: {@code 1.23 M}. */
    static String tokens(long count) {
        String text = Figures.tokens(count);
        int last = text.length() - 1;
        return Character.isLetter(text.charAt(last)) ? text.substring(0, last) + "\u202f" + text.charAt(last) : text;
    }

    /** A number of tokens on an axis, with the unit that its top has and the decimals that its steps need. */
    static String tokens(BigDecimal count, BigDecimal top, BigDecimal step) {
        String unit = tokens(top.longValueExact());
        int thousands = SUFFIXES.indexOf(unit.charAt(unit.length() - 1)) + 1;
        String digits =
                Figures.exact(count.movePointLeft(3 * thousands), Measure.decimals(step.movePointLeft(3 * thousands)));
        return thousands == 0 ? digits : digits + "\u202f" + SUFFIXES.charAt(thousands - 1);
    }

    /** What is known to have been spent, marked where it is a lower bound; "unpriced" where nothing has a price. */
    static String cost(Summary summary) {
        if (summary.whollyUnpriced()) {
            return "unpriced";
        }
        return (summary.fullyPriced() ? "" : "≥\u202f") + Figures.usd(summary.totalCost(), 2);
    }

    static String percent(BigDecimal part, BigDecimal whole) {
        return Figures.percent(part, whole).replace("%", "\u202f%");
    }

    /** A rate in [0, 1] as a percentage. */
    static String percent(BigDecimal rate) {
        return rate.movePointRight(2).setScale(1, RoundingMode.HALF_EVEN).toPlainString() + "\u202f%";
    }

    /** A group's name in full; those without one are told apart from one called nothing. */
    static String name(String key) {
        return key.isEmpty() ? "(none)" : key;
    }

    /** The name of a group by several dimensions. */
    static String name(Collection<String> keys) {
        return keys.stream().map(Units::name).collect(Collectors.joining(" / "));
    }

    static String date(LocalDate date) {
        return DATE.format(date);
    }

    static String date(Instant instant, ZoneId zone) {
        return date(LocalDate.ofInstant(instant, zone));
    }

    /** A window's first and last day. */
    static String dates(TimeWindow window, ZoneId zone) {
        LocalDate first = LocalDate.ofInstant(window.start(), zone);
        LocalDate last = LocalDate.ofInstant(window.end().minusNanos(1), zone);
        if (window.start().equals(TimeWindow.MIN)) {
            return "until " + date(last);
        }
        if (window.end().equals(TimeWindow.MAX)) {
            return "from " + date(first);
        }
        return first.equals(last) ? date(first) : date(first) + " – " + date(last);
    }

    static String second(Instant instant, ZoneId zone) {
        return SECOND.format(instant.atZone(zone)) + offset(instant, zone);
    }

    static String minute(Instant instant, ZoneId zone) {
        return MINUTE.format(instant.atZone(zone)) + offset(instant, zone);
    }

    /** What tells a time from the same one an hour later, where the clock is set back; empty for any other time. */
    private static String offset(Instant instant, ZoneId zone) {
        ZonedDateTime time = instant.atZone(zone);
        return zone.getRules().getValidOffsets(time.toLocalDateTime()).size() > 1 ? " " + time.getOffset() : "";
    }

    /** A bucket below a chart, short. */
    static String tick(OffsetDateTime bucket, CalendarBucket size) {
        return switch (size) {
            case QUARTER_HOUR, HOUR -> HOUR.format(bucket);
            case DAY, WEEK -> DAY.format(bucket);
            case MONTH -> MONTH.format(bucket);
        };
    }

    /** A bucket in full. */
    static String bucket(OffsetDateTime bucket, CalendarBucket size) {
        return switch (size) {
            case QUARTER_HOUR, HOUR -> HOUR.format(bucket);
            case DAY -> DATE.format(bucket);
            case WEEK -> "week of " + DATE.format(bucket);
            case MONTH -> MONTH.format(bucket);
        };
    }
}
