package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import java.nio.file.Path;
import java.util.Optional;

/** Saves what can be saved of a damaged ledger. */
final class RecoverCommand extends Subcommand implements Action {

    private final Argument<String> moved = option(
            "--file",
            "FILE",
            "The ledger's file where it is now, if it was moved away from its log; default: searched beside the log.");

    RecoverCommand() {
        super("recover", "Saves what can be saved of a damaged ledger.", "recover [OPTION]...");
        description(
                "For a ledger whose file is gone while its log (-wal) is there, whose log is broken, or whose pages are damaged.",
                "What is whole is put together in a new file and checked; what is lost is named, and the exit code is 1 then.",
                "The old files are not removed, but get a new name. Stop all that has the ledger open first; otherwise it is",
                "refused. Where there is a backup and little came after it, 'tokenledger restore' is the simpler way.");
        examples("  tokenledger verify || tokenledger recover");
    }

    @Override
    public int run(Session session) {
        Path file = session.ledgerFile();
        Optional<LedgerOpener.Repaired> done =
                session.environment().ledgers().recover(file, moved.stated().map(text -> Places.path("--file", text)));
        if (done.isEmpty()) {
            session.out().line("nothing is wrong with " + file + "; nothing was changed");
            return DONE;
        }
        LedgerOpener.Repaired recovered = done.get();
        session.out().line("recovered " + file + ": " + Figures.count(recovered.entries(), "entry", "entries"));
        showSetAside(session, recovered);
        if (recovered.lost().isEmpty()) {
            session.out().line("nothing was lost");
            return DONE;
        }
        recovered.lost().forEach(lost -> session.out().line("lost: " + Display.safe(lost, false)));
        return FAILED;
    }

    /** Says where the files are that were there before. */
    static void showSetAside(Session session, LedgerOpener.Repaired done) {
        done.setAside().forEach(path -> session.out().line("set aside: " + path));
    }
}
