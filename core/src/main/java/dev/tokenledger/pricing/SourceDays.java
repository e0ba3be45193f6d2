package dev.tokenledger.pricing;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The days in the text of a source, such as {@code models.dev (2026-09-30)}. */
final class SourceDays {

    private static final Pattern DAY = Pattern.compile("(?<![0-9-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9-])");

    private SourceDays() {}

    /** The newest day in a text; what looks like a day but is none is passed over. */
    static Optional<LocalDate> newest(String source) {
        Optional<LocalDate> newest = Optional.empty();
        Matcher matcher = DAY.matcher(source);
        while (matcher.find()) {
            Optional<LocalDate> day = day(matcher);
            if (day.isPresent() && newest.map(day.get()::isAfter).orElse(true)) {
                newest = day;
            }
        }
        return newest;
    }

    private static Optional<LocalDate> day(Matcher matcher) {
        try {
            return Optional.of(
                    LocalDate.of(number(matcher.group(1)), number(matcher.group(2)), number(matcher.group(3))));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
