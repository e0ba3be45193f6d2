package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.testkit.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What may not be written to. In a child that obeys permission bits even when the superuser runs the tests, and on a
 * mount that is for reading alone.
 */
class PermissionTest {

    private static final int STEPS = 20;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void fill() {
        file = folder.resolve("usage.db");
        try (Ledger ledger = TestLedgers.open(file)) {
            for (int number = 1; number <= STEPS; number++) {
                Workload.step(Mix.CORRECT, "old.t1", number).writeTo(ledger);
            }
        }
    }

    @AfterEach
    void permitAgain() throws IOException {
        permit(folder, "rwx------");
    }

    @Test
    void readOnlyFile_isReported_andStaysAsItWas() throws IOException, SQLException {
        permit(file, "r--r--r--");

        assertThat(attempt(file, Sandbox.obeyingPermissions())).contains(cannotAppendTo(file));
        permit(file, "rw-------");
        assertUnchanged();
    }

    @Test
    void readOnlyFolder_isReported_andTheLedgerStaysAsItWas() throws IOException, SQLException {
        permit(folder, "r-xr-xr-x");

        assertThat(attempt(file, Sandbox.obeyingPermissions())).contains(cannotOpen(file));
        permit(folder, "rwx------");
        assertUnchanged();
    }

    @Test
    void newLedgerInAReadOnlyFolder_isReported_andNothingIsCreated() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        Path created = locked.resolve("new.db");
        permit(locked, "r-xr-xr-x");

        assertThat(attempt(created, Sandbox.obeyingPermissions()))
                .contains(
                        "failed LedgerReadOnlyException: cannot open " + created
                                + ": its folder cannot be written to; nothing was created, change its permissions or name another");
        permit(locked, "rwx------");
        assertThat(locked).isEmptyDirectory();
    }

    @Test
    void readOnlyMount_isReported_andTheLedgerStaysAsItWas() throws IOException, SQLException {
        Sandbox.assumeMounts();
        String script = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" || exit 98; shift; exec \"$@\"";

        assertThat(attempt(file, Sandbox.mounting(script, folder.toString()))).contains(cannotOpen(file));
        assertUnchanged();
    }

    /** SQLite takes the file for one that never changes, as long as nobody writes to it. */
    @Test
    void readerThatMayNotWrite_seesWhatOthersWriteLater() throws IOException {
        permit(folder, "r-xr-xr-x");
        try (ChildProcess reader = ChildProcess.of(ReadingChild.class, file.toString())
                .wrappedIn(Sandbox.obeyingPermissions())
                .start()) {
            String before = reader.await(line -> line.startsWith("sees "));

            permit(folder, "rwx------");
            try (Ledger writer = TestLedgers.open(file)) {
                writer.append(Samples.record("while it is read"));
                permit(folder, "r-xr-xr-x");
                reader.tell("again");
                assertThat(reader.await(line -> line.startsWith("sees "), 2)).isEqualTo(oneMore(before));
                permit(folder, "rwx------");
                writer.append(Samples.record("before it is closed"));
            }
            permit(folder, "r-xr-xr-x");
            reader.tell("again");
            assertThat(reader.await(line -> line.startsWith("sees "), 3)).isEqualTo(oneMore(oneMore(before)));
        }
    }

    private static String oneMore(String sees) {
        return "sees " + (Integer.parseInt(sees.substring("sees ".length())) + 1);
    }

    private static String cannotOpen(Path path) {
        return "failed LedgerReadOnlyException: cannot open " + path + ": the file or its folder cannot be written to,"
                + " change its permissions or open the ledger for reading alone";
    }

    private static String cannotAppendTo(Path path) {
        return "failed LedgerReadOnlyException: cannot append to " + path + ": the file or its folder cannot be written"
                + " to; nothing was stored, change its permissions or open the ledger for reading alone";
    }

    /** What a child prints that opens the file to write a single record. */
    private static List<String> attempt(Path file, String... sandbox) {
        try (ChildProcess child = LedgerChild.command(file, Mix.APPEND, "new", 1, 1, false)
                .wrappedIn(sandbox)
                .start()) {
            return child.finish();
        }
    }

    private void assertUnchanged() throws SQLException {
        try (Ledger ledger = TestLedgers.open(file)) {
            new Audit(Mix.CORRECT)
                    .acknowledge(List.of(Audit.line("old.t1", STEPS)))
                    .check(ledger);
        }
        Audit.checkIntegrity(file);
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
