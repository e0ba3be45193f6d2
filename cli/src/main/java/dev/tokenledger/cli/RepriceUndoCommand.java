package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.reprice.RepriceRun;
import dev.tokenledger.formats.reprice.Repricing;

/** Takes a run of repricing back. */
final class RepriceUndoCommand extends Subcommand implements Action {

    private final Argument<String> run = parameter(0, "RUN", "The run's id, as 'tokenledger reprice list' lists it.");
    private final RepriceOptions options = new RepriceOptions(this);

    RepriceUndoCommand() {
        super("undo", "Gives records back what they cost before a run.", "reprice undo RUN [OPTION]...");
        description(
                "Without --apply nothing is written. Records that were reversed or repriced again since keep their cost; take the later"
                        + " run back first. An undo is a run itself and can be undone.");
        examples("  tokenledger reprice undo <RUN> --reason \"wrong list\" --apply");
    }

    @Override
    public int run(Session session) {
        String why = options.reason();
        String wanted = run.or("");
        try (Ledger ledger = options.open(session)) {
            RepriceRun undone = RepriceRun.of(ledger).stream()
                    .filter(one -> one.id().equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> new CommandException("there is no run " + Converters.quoted(wanted) + " in "
                            + session.ledgerName() + "; 'tokenledger reprice list' lists them"));
            return options.run(
                    ledger,
                    Repricing.undo(
                            ledger, undone, why, session.environment().zone().get()),
                    session);
        }
    }
}
