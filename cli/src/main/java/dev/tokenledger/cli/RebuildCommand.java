package dev.tokenledger.cli;

import dev.tokenledger.Ledger;

/** Computes what is derived from the records anew. */
final class RebuildCommand extends Subcommand implements Action {

    RebuildCommand() {
        super("rebuild", "Computes the totals that are kept beside the records anew.", "rebuild [OPTION]...");
        description("Records are not touched.");
        examples("  tokenledger verify || tokenledger rebuild");
    }

    @Override
    public int run(Session session) {
        try (Ledger ledger = session.existingLedgerForWriting()) {
            ledger.rebuild();
        }
        session.out().line("all totals computed anew from the records");
        return DONE;
    }
}
