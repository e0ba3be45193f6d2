package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.usage.RecordId;
import picocli.CommandLine.Model.OptionSpec;

/** Takes a record out of all totals. */
final class ReverseCommand extends Subcommand implements Action {

    private final Argument<String> id = parameter(0, "ID", "The record's id, as 'tokenledger records' lists it.");
    private final Argument<String> reason = add(OptionSpec.builder("--reason")
            .type(String.class)
            .required(true)
            .paramLabel("TEXT")
            .description("Why, for whoever reads the history."));

    ReverseCommand() {
        super(
                "reverse",
                "Takes a record out of all totals by an entry that negates it.",
                "reverse ID --reason TEXT [OPTION]...");
        description("The record stays readable, with 'tokenledger records --history', and its id taken.");
        examples("  tokenledger reverse call-1 --reason \"recorded twice\"");
    }

    @Override
    public int run(Session session) {
        RecordId wanted = RecordIds.parse(id.or(""));
        if (reason.or("").isBlank()) {
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
            if (result instanceof ReversalResult.PeriodClosed closed) {
                throw new CommandException("record " + Converters.quoted(wanted.value()) + " happened before "
                        + closed.before() + ", and what happened then is closed; nothing was stored. Open it again with"
                        + " 'tokenledger reopen'");
            }
            throw RecordIds.unknown(wanted, session);
        }
    }

    private ReversalResult reverse(Ledger ledger, RecordId wanted) {
        try {
            return ledger.reverse(wanted, reason.or(""));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--reason': " + e.getMessage());
        }
    }
}
