package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import picocli.CommandLine.Command;

/** Computes what is derived from the records anew. */
@Command(
        name = "rebuild",
        header = "Computes the totals that are kept beside the records anew.",
        description = {"Records are not touched."},
        customSynopsis = "tokenledger rebuild [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {"  tokenledger verify || tokenledger rebuild"})
final class RebuildCommand implements Action {

    @Override
    public int run(Session session) {
        try (Ledger ledger = session.existingLedgerForWriting()) {
            ledger.rebuild();
        }
        session.out().line("all totals computed anew from the records");
        return DONE;
    }
}
