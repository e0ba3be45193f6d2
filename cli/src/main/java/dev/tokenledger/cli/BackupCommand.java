package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies the ledger while it is in use. */
final class BackupCommand extends Subcommand implements Action {

    private final Argument<String> file = parameter(0, "FILE", "Where to; a file that is not there yet.");

    BackupCommand() {
        super(
                "backup",
                "Copies the ledger, which may be in use, as it stands at one moment.",
                "backup FILE [OPTION]...");
        description(
                "The copy is a ledger like any other: 'tokenledger --ledger FILE verify' checks it, and 'tokenledger restore FILE'",
                "puts it in the ledger's place. It gets its name once it is complete and on disk.");
        examples("  tokenledger backup copy.db");
    }

    @Override
    public int run(Session session) {
        Path copy = Places.path("FILE", file.or(""));
        session.existingLedger().close();
        copy(session, copy);
        session.say("copied to " + copy + ", " + Figures.count(size(copy)) + " bytes");
        return DONE;
    }

    /** Copies the ledger to a file that is not there yet. */
    static void copy(Session session, Path copy) {
        if (Files.exists(copy)) {
            throw new CommandException("cannot back up to " + copy + ": it is there already; name another file");
        }
        try (PartFile part = PartFile.beside(copy)) {
            session.environment().ledgers().backUp(session.ledgerFile(), part.path());
            part.moveTo(copy);
        } catch (IOException e) {
            throw new CommandException("cannot back up to " + copy + ": " + InputFiles.reason(e), e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + InputFiles.reason(e), e);
        }
    }
}
