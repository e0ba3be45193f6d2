package dev.tokenledger.cli;

import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which calls a question is about, by their time. */
@Command(optionListHeading = "Which calls, by when they happened:")
final class WindowOptions {

    @Option(
            names = "--period",
            paramLabel = "PERIOD",
            converter = Period.Converter.class,
            completionCandidates = Period.Names.class,
            description = "today, yesterday, week (from Monday), month, or all (the default).")
    @Nullable
    Period period;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "From this date or time on, such as 2026-11-01 or 2026-11-01T09:30:00Z.")
    @Nullable
    String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Up to, but not including, this date or time.")
    @Nullable
    String to;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            converter = Converters.OfZone.class,
            description = "The time zone of days and times, such as Europe/Berlin; the system's unless stated.")
    @Nullable
    ZoneId stated;

    ZoneId zone(Session session) {
        return stated != null ? stated : session.environment().zone().get();
    }

    TimeWindow window(Session session) {
        if (period != null && (from != null || to != null)) {
            throw new UsageException("--period goes without --from and --to");
        }
        if (from == null && to == null) {
            return period == null || period == Period.ALL
                    ? TimeWindow.all()
                    : period.window(session.now(), zone(session));
        }
        Instant start = from == null ? TimeWindow.MIN : Times.parse("--from", from, zone(session));
        Instant end = to == null ? TimeWindow.MAX : Times.parse("--to", to, zone(session));
        if (end.isBefore(start)) {
            throw new UsageException("--from " + from + " is after --to " + to);
        }
        return TimeWindow.of(start, end);
    }

    /** The window in words, for a title. */
    String describe(TimeWindow window, Session session) {
        boolean openStart = window.start().equals(TimeWindow.MIN);
        boolean openEnd = window.end().equals(TimeWindow.MAX);
        if (openStart && openEnd) {
            return "all time";
        }
        ZoneId zone = zone(session);
        String span = openEnd
                ? "from " + Times.wall(window.start(), zone)
                : openStart
                        ? "before " + Times.wall(window.end(), zone)
                        : Times.wall(window.start(), zone) + " to " + Times.wall(window.end(), zone);
        return span + " (" + zone.getId() + ")";
    }
}
