package dev.tokenledger.cli;

import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.formats.present.MissingLedgers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whether several ledgers may be answered for by some of them. */
final class PartialOption {

    private final Argument<Integer> seconds;

    PartialOption(Subcommand command) {
        seconds = command.option(
                "--partial",
                "SECONDS",
                new Converters.Seconds(),
                "Of several ledgers: answer without those that fail or take longer than this, and say which.");
    }

    /** How long each ledger may take; empty if all must answer. */
    Optional<Duration> timeLimit(Session session) {
        if (seconds.stated().isPresent() && !session.readsSeveral()) {
            throw new UsageException("--partial goes with several --ledger");
        }
        return seconds.stated().map(Duration::ofSeconds);
    }

    /** Refuses what has no place for a word about what is missing. */
    void refuseFor(String format) {
        if (seconds.stated().isPresent()) {
            throw new UsageException("--partial goes without --format " + format
                    + ", which has no place to say which ledgers are missing");
        }
    }

    /** Says below a table that it is partial, and on standard error why. */
    static void tell(List<LedgerMissingException> missing, Session session) {
        String words = MissingLedgers.words(missing);
        if (!words.isEmpty()) {
            session.out().line("");
            session.out().line(Table.styled(Display.safe(words, false), Table.Style.WARNING, session.terminal()));
        }
        explain(missing, session);
    }

    /** Says on standard error why ledgers are missing. */
    static void explain(List<LedgerMissingException> missing, Session session) {
        for (LedgerMissingException ledger : missing) {
            session.warn("the answer is partial: " + ledger.getMessage());
        }
    }
}
