package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.PeriodMark;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** Opens closed periods again. */
final class ReopenCommand extends Subcommand implements Action {

    private final Argument<String> from =
            option("--from", "TIME", "Open what happened from this date or time on; everything unless stated.");
    private final Argument<ZoneId> zone = option(
            "--zone",
            "ZONE",
            new Converters.OfZone(),
            "The time zone of the date, such as Europe/Berlin; the system's unless stated.");
    private final Argument<String> reason = option("--reason", "TEXT", "Why, for whoever reads the history.");

    ReopenCommand() {
        super("reopen", "Opens what was closed again.", "reopen --reason TEXT [OPTION]...");
        examples("  tokenledger reopen --from 2026-10-01 --zone Europe/Berlin --reason \"the bill was corrected\"");
    }

    @Override
    public int run(Session session) {
        String why = CloseCommand.why(reason);
        ZoneId in = zone.stated().orElseGet(session.environment().zone());
        Optional<Instant> until = from.stated().map(time -> Times.parse("--from", time, in));
        try (Ledger ledger = session.existingLedgerForWriting()) {
            Optional<Instant> closed = PeriodMark.closedBefore(ledger.periodMarks());
            if (closed.isEmpty()) {
                session.out().line("nothing is closed; nothing was written");
                return DONE;
            }
            if (until.filter(closed.get()::isBefore).isPresent()) {
                throw new CommandException("what happened from " + closed.get() + " on is open; nothing was written");
            }
            session.out().line(CloseCommand.words(CloseCommand.mark(ledger, until, in, why)));
        }
        return DONE;
    }
}
