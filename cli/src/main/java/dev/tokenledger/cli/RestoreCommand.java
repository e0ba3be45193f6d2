package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import java.nio.file.Path;

/** Puts a backup in the ledger's place. */
final class RestoreCommand extends Subcommand implements Action {

    private final Argument<String> backup = parameter(0, "BACKUP", "A file that 'tokenledger backup' wrote.");

    RestoreCommand() {
        super("restore", "Puts a copy of a backup in the ledger's place.", "restore BACKUP [OPTION]...");
        description(
                "Stop the server and all else that has the ledger open first; otherwise it is refused. The backup is checked as",
                "'tokenledger verify' does, and stays as it is. The ledger's old file, its log (-wal) and the log's index (-shm)",
                "are not removed, but get a new name, under which they can still be opened.");
        examples("  tokenledger restore copy.db");
    }

    @Override
    public int run(Session session) {
        Path file = session.ledgerFile();
        LedgerOpener.Repaired done =
                session.environment().ledgers().restore(file, Places.path("BACKUP", backup.or("")));
        session.out()
                .line("restored " + file + " from " + done.source() + ": "
                        + Figures.count(done.entries(), "entry", "entries"));
        RecoverCommand.showSetAside(session, done);
        return DONE;
    }
}
