package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Copies the ledger while it is in use. */
final class BackupCommand extends Subcommand implements Action {

    private final Argument<String> file = parameter(0, "FILE", "Where to; a file that is not there yet.");

    BackupCommand() {
        super(
                "backup",
                "Copies the ledger, which may be in use, as it stands at one moment.",
                "backup FILE [OPTION]...");
        description(
                "The copy is a ledger like any other: 'tokenledger --ledger FILE verify' checks it. It gets its name once it is",
                "complete and on disk.");
        examples("  tokenledger backup copy.db");
    }

    @Override
    public int run(Session session) {
        Path copy = Places.path("FILE", file.or(""));
        session.existingLedger().close();
        if (Files.exists(copy)) {
            throw new CommandException("cannot back up to " + copy + ": it is there already; name another file");
        }
        try {
            // A folder of its own, so that another backup to the same file cannot take what is not complete for its
            // own.
            Path folder = Files.createTempDirectory(copy.toAbsolutePath().getParent(), copy.getFileName() + ".part");
            Path part = folder.resolve(copy.getFileName());
            try {
                session.environment().ledgers().backUp(session.ledgerFile(), part);
                Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
                Files.deleteIfExists(folder);
            }
            session.say("copied to " + copy + ", " + Figures.count(Files.size(copy)) + " bytes");
        } catch (IOException e) {
            throw new CommandException("cannot back up to " + copy + ": " + InputFiles.reason(e), e);
        }
        return DONE;
    }
}
