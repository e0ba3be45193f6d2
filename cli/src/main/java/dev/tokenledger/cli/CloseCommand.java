package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Closes periods, and shows which are and what came late. */
final class CloseCommand extends Subcommand implements Action {

    private final Argument<String> before =
            option("--before", "TIME", "Close what happened before this date or time, which itself stays open.");
    private final Argument<ZoneId> zone = option(
            "--zone",
            "ZONE",
            new Converters.OfZone(),
            "The time zone of the date, such as Europe/Berlin; the system's unless stated.");
    private final Argument<String> reason = option("--reason", "TEXT", "Why, for whoever reads the history.");

    CloseCommand() {
        super("close", "Closes what happened before a date, or shows what is closed.", "close [OPTION]...");
        description(
                "What happened before is neither repriced nor reversed by hand any more. Calls that are recorded late, and corrections by"
                        + " the logs that calls come from, are stored all the same. Without --before it shows what was closed, what it"
                        + " came to then, and what came late.");
        examples(
                "  tokenledger close --before 2026-11-01 --zone Europe/Berlin --reason \"October is billed\"",
                "  tokenledger close");
    }

    @Override
    public int run(Session session) {
        if (before.stated().isEmpty()) {
            if (reason.stated().isPresent() || zone.stated().isPresent()) {
                throw new UsageException("--reason and --zone go with --before");
            }
            try (Ledger ledger = session.existingLedger()) {
                show(ledger, session);
            }
            return DONE;
        }
        ZoneId in = zone.stated().orElseGet(session.environment().zone());
        Instant until = Times.parse("--before", before.or(""), in);
        String why = why(reason);
        try (Ledger ledger = session.existingLedgerForWriting()) {
            Optional<Instant> closed = PeriodMark.closedBefore(ledger.periodMarks());
            if (closed.filter(until::isBefore).isPresent()) {
                throw new CommandException("what happened before " + closed.get()
                        + " is closed already; 'tokenledger reopen' opens a part of it again");
            }
            PeriodMark mark = mark(ledger, Optional.of(until), in, why);
            session.out().line(words(mark) + (closed.equals(mark.closedBefore()) ? "; it was before" : ""));
        }
        return DONE;
    }

    static String why(Argument<String> reason) {
        if (reason.or("").isBlank()) {
            throw new UsageException("say why, with --reason TEXT");
        }
        return reason.or("");
    }

    static PeriodMark mark(Ledger ledger, Optional<Instant> until, ZoneId zone, String why) {
        try {
            return ledger.markPeriod(until, zone, why);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--reason': " + e.getMessage());
        }
    }

    static String words(PeriodMark mark) {
        return mark.closedBefore()
                .map(until -> "closed before " + Times.wall(until, zone(mark)) + " (" + mark.zone() + ")")
                .orElse("nothing is closed");
    }

    private static ZoneId zone(PeriodMark mark) {
        try {
            return ZoneId.of(mark.zone());
        } catch (DateTimeException e) {
            // Written by a machine that knows more zones.
            return ZoneOffset.UTC;
        }
    }

    private static void show(Ledger ledger, Session session) {
        List<PeriodMark> marks = ledger.periodMarks();
        if (marks.isEmpty()) {
            session.out().line("nothing is closed");
        }
        Optional<Instant> previous = Optional.empty();
        for (PeriodMark mark : marks) {
            session.out()
                    .line(Display.safe(
                            words(mark) + ", since " + Times.second(mark.recorded(), ZoneOffset.UTC) + " UTC: "
                                    + mark.reason(),
                            false));
            Instant from = previous.orElse(TimeWindow.MIN);
            mark.closedBefore()
                    .filter(from::isBefore)
                    .ifPresent(until -> figures(ledger, TimeWindow.of(from, until), mark.recorded(), session));
            previous = mark.closedBefore();
        }
    }

    /** What a period came to when it was closed, and what came to it since. */
    private static void figures(Ledger ledger, TimeWindow window, Instant closed, Session session) {
        Summary then = ledger.summaries(SummaryQuery.over(window).asOf(closed).build())
                .get(0)
                .summary();
        Summary now = ledger.summary(window);
        Usd more = now.totalCost().minus(then.totalCost());
        long calls = now.totalRecords() - then.totalRecords();
        session.out()
                .line("  as closed " + Figures.count(then.totalRecords(), "call", "calls") + ", "
                        + Figures.exactUsd(then.totalCost())
                        + (now.equals(then)
                                ? "; nothing since"
                                : "; since then " + Figures.count(calls, "call", "calls") + ", "
                                        + Figures.exactUsd(more)));
    }
}
