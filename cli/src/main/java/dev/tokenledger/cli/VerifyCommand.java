package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.formats.present.Figures;

/** Checks the ledger. */
final class VerifyCommand extends Subcommand implements Action {

    VerifyCommand() {
        super("verify", "Checks the totals that are kept beside the records.", "verify [OPTION]...");
        description(
                "Recomputes each of them from the records and says what differs. Changes nothing. The exit code is 1 if something "
                        + "differs.");
        examples("  tokenledger verify", "  tokenledger --ledger backup.db verify");
    }

    private static String schema(Session session) {
        int version = session.schemaVersion();
        int newest = session.newestSchema();
        return "schema version " + version
                + (version < newest ? " ('tokenledger migrate' brings it to " + newest + ")" : "");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        try (Ledger ledger = session.existingLedger()) {
            String schema = session.readsSeveral() ? "in " + session.ledgerName() : schema(session);
            VerifyReport report = ledger.verify();
            String entries = Figures.count(report.entries(), "entry", "entries");
            if (report.clean()) {
                session.out().line(entries + " checked, all is as it should be; " + schema);
                return DONE;
            }
            report.differences().forEach(difference -> session.out().line(Display.safe(difference, false)));
            int found = report.differences().size();
            throw new CommandException(entries + " checked: "
                    + (found == VerifyReport.MAX_DIFFERENCES ? "at least " : "") + found
                    + (found == 1 ? " difference" : " differences") + " in " + session.ledgerName()
                    + ", " + schema
                    + "; if they are in totals alone, 'tokenledger rebuild' computes those anew from the records;"
                    + " else 'tokenledger restore' a backup, or 'tokenledger recover'");
        }
    }
}
