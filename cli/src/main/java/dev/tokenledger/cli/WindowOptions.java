package dev.tokenledger.cli;

import dev.tokenledger.formats.query.Period;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** Which calls a question is about, by their time. */
final class WindowOptions {

    private final Argument<Period> period;
    private final Argument<String> from;
    private final Argument<String> to;
    private final Argument<ZoneId> zone;

    WindowOptions(Subcommand command) {
        command.group("Which calls, by when they happened:");
        period = command.option(
                "--period",
                "PERIOD",
                new Converters.Choice<>("period", Period.values()),
                Converters.names(Period.values()),
                "today, yesterday, week (from Monday), month, last_month, or all (the default).");
        from = command.option(
                "--from", "TIME", "From this date or time on, such as 2026-11-01 or 2026-11-01T09:30:00Z.");
        to = command.option("--to", "TIME", "Up to, but not including, this date or time.");
        zone = command.option(
                "--zone",
                "ZONE",
                new Converters.OfZone(),
                "The time zone of days and times, such as Europe/Berlin; default: the system's.");
    }

    ZoneId zone(Session session) {
        return zone.stated().orElseGet(session.environment().zone());
    }

    TimeWindow window(Session session) {
        Optional<String> first = from.stated();
        Optional<String> end = to.stated();
        if (first.isEmpty() && end.isEmpty()) {
            Period asked = period.or(Period.ALL);
            return asked == Period.ALL ? TimeWindow.all() : asked.window(session.now(), zone(session));
        }
        if (period.stated().isPresent()) {
            throw new UsageException("--period goes without --from and --to");
        }
        Optional<Instant> start = first.map(time -> Times.parse("--from", time, zone(session)));
        Optional<Instant> behind = end.map(time -> Times.parse("--to", time, zone(session)));
        if (start.isPresent() && behind.isPresent() && behind.get().isBefore(start.get())) {
            throw new UsageException("--from " + first.orElse("") + " is after --to " + end.orElse(""));
        }
        return TimeWindow.of(start.orElse(TimeWindow.MIN), behind.orElse(TimeWindow.MAX));
    }

    /** The window in words, for a title. */
    String describe(TimeWindow window, Session session) {
        boolean openStart = window.start().equals(TimeWindow.MIN);
        boolean openEnd = window.end().equals(TimeWindow.MAX);
        if (openStart && openEnd) {
            return "all time";
        }
        ZoneId shown = zone(session);
        String span;
        if (openEnd) {
            span = "from " + Times.wall(window.start(), shown);
        } else if (openStart) {
            span = "before " + Times.wall(window.end(), shown);
        } else {
            span = Times.wall(window.start(), shown) + " to " + Times.wall(window.end(), shown);
        }
        return span + " (" + shown.getId() + ")";
    }
}
