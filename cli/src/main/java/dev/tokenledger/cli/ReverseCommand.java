package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.usage.RecordId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a record out of all totals. */
@Command(
        name = "reverse",
        header = "Takes a record out of all totals by an entry that negates it.",
        description = {"The record stays readable, with 'tokenledger records --history', and its id taken."},
        customSynopsis = "tokenledger reverse ID --reason TEXT [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {"  tokenledger reverse call-1 --reason \"recorded twice\""})
final class ReverseCommand implements Action {

    @Parameters(paramLabel = "ID", description = "The record's id, as 'tokenledger records' lists it.")
    String id = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "Why, for whoever reads the history.")
    String reason = "";

    @Override
    public int run(Session session) {
        RecordId wanted = RecordIds.parse(id);
        if (reason.isBlank()) {
            throw new UsageException("Invalid value for option '--reason': say why, in a few words");
        }
        try (Ledger ledger = session.existingLedgerForWriting()) {
            ReversalResult result = reverse(ledger, wanted);
            if (result instanceof ReversalResult.Reversed reversed) {
                session.out().line("reversed " + reversed.id() + "  by " + reversed.reversal());
                return DONE;
            }
            if (result instanceof ReversalResult.AlreadyReversed) {
                throw new CommandException(
                        "record " + Converters.quoted(wanted.value()) + " was reversed before; nothing was stored");
            }
            throw RecordIds.unknown(wanted, session);
        }
    }

    private ReversalResult reverse(Ledger ledger, RecordId wanted) {
        try {
            return ledger.reverse(wanted, reason);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--reason': " + e.getMessage());
        }
    }
}
