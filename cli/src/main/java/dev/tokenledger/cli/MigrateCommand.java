package dev.tokenledger.cli;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Brings a ledger of an older schema to the newest. */
final class MigrateCommand extends Subcommand implements Action {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Argument<String> backup = option(
            "--backup",
            "FILE",
            "Where the backup goes; default: beside the ledger, named for its schema and the time.");

    MigrateCommand() {
        super("migrate", "Brings a ledger of an older schema to this program's.", "migrate [OPTION]...");
        description(
                "Backs the ledger up first. Commands that only read take older schemas as they are; the first one that writes",
                "migrates too, without a backup. Programs of an older version cannot open the ledger afterwards.");
        examples("  tokenledger migrate");
    }

    @Override
    public int run(Session session) {
        session.existingLedger().close();
        LedgerOpener ledgers = session.environment().ledgers();
        Path file = session.ledgerFile();
        int version = ledgers.schemaVersion(file);
        int newest = ledgers.engine().newestSchema();
        if (version == newest) {
            session.out().line("schema version " + version + " is the newest; nothing was changed");
            return DONE;
        }
        Path copy = backup.stated()
                .map(text -> Places.path("--backup", text))
                .orElseGet(() -> Path.of(file + ".schema-" + version + "-" + STAMP.format(session.now())));
        BackupCommand.copy(session, copy);
        session.openLedger().close();
        session.out().line("migrated from schema version " + version + " to " + newest + "; the backup is " + copy);
        return DONE;
    }
}
