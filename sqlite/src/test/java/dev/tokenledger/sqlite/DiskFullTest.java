package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk fills up while four threads write. By a limit on the size of the child's files, which any user can set, and
 * by a small file system of the child's own, which needs some privilege.
 */
class DiskFullTest {

    private static final int WRITERS = 4;
    private static final int STEPS = 300;
    /** Until each writer has given up: a transaction that is small enough may still find room. */
    private static final int ENDLESS = 0;

    private static final int LIMIT_KIBIBYTES = 300;

    @TempDir
    private Path folder;

    @Test
    void fileSizeLimit_isReported_andTheLedgerWorksOnOnceItIsLifted() throws IOException, SQLException {
        Path file = folder.resolve("usage.db");
        try (ChildProcess child = limited(file, STEPS, true).start()) {
            child.await(LedgerChild.WAITING::equals);
            command("prlimit", "--pid", Long.toString(child.pid()), "--fsize=unlimited");
            List<String> printed = goOn(child);

            assertThat(printed).contains(LedgerChild.CLOSED).doesNotContain(LedgerChild.GAVE_UP);
            assertReported(printed, "LedgerUnavailableException");
            audit(file, printed, STEPS);
        }
    }

    @Test
    void fileSizeLimit_losesNothingAcknowledged_whenTheLedgerIsClosedUnderIt() throws IOException, SQLException {
        Path file = folder.resolve("usage.db");
        try (ChildProcess child = limited(file, ENDLESS, false).start()) {
            List<String> printed = child.finish();

            assertThat(printed).contains(LedgerChild.GAVE_UP);
            assertReported(printed, "LedgerUnavailableException");
            audit(file, printed, 1);
        }
    }

    @Test
    void fullFileSystem_isReported_andTheLedgerWorksOnOnceThereIsRoom() throws IOException, SQLException {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path saved = Files.createDirectory(folder.resolve("saved"));
        Sandbox.assumeMounts();
        String script = "mount -t tmpfs -o size=1m tmpfs \"$1\" || exit 98; d=$1; s=$2; shift 2; \"$@\"; code=$?;"
                + " cp \"$d\"/* \"$s\" || exit 97; exit $code";
        try (ChildProcess child = LedgerChild.command(disk.resolve("usage.db"), Mix.APPEND, "r", WRITERS, STEPS, true)
                .wrappedIn(Sandbox.mounting(script, disk.toString(), saved.toString()))
                .start()) {
            child.await(LedgerChild.WAITING::equals);
            command(
                    "nsenter",
                    "--target",
                    Long.toString(child.pid()),
                    "--mount",
                    "mount",
                    "-o",
                    "remount,size=64m",
                    disk.toString());
            List<String> printed = goOn(child);

            assertThat(printed).contains(LedgerChild.CLOSED).doesNotContain(LedgerChild.GAVE_UP);
            assertReported(printed, "LedgerFullException");
            audit(saved.resolve("usage.db"), printed, STEPS);
        }
    }

    private static ChildProcess.Builder limited(Path file, int steps, boolean pausing) {
        return LedgerChild.command(file, Mix.APPEND, "r", WRITERS, steps, pausing)
                .wrappedIn("bash", "-c", "ulimit -S -f " + LIMIT_KIBIBYTES + "; exec \"$@\"", "bash");
    }

    /** Wakes each writer, however often it failed before there was room; all at once, for a child that ends does not listen. */
    private static List<String> goOn(ChildProcess child) {
        child.tell("go on\n".repeat(2 * WRITERS).strip());
        return child.finish();
    }

    private static void assertReported(List<String> printed, String exception) {
        assertThat(printed.stream().filter(line -> line.startsWith(LedgerChild.FAILED)))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).startsWith(LedgerChild.FAILED + " " + exception + ": cannot "));
    }

    private static void audit(Path file, List<String> printed, int steps) throws SQLException {
        Audit audit = new Audit(Mix.APPEND);
        for (int writer = 1; writer <= WRITERS; writer++) {
            audit.started(LedgerChild.writer("r", writer));
        }
        audit.acknowledge(printed);
        assertThat(audit.steps()).isGreaterThanOrEqualTo(steps);
        try (Ledger ledger = TestLedgers.open(file)) {
            audit.check(ledger);
        }
        Audit.checkIntegrity(file);
    }

    private static void command(String... command) throws IOException {
        assertThat(Sandbox.run(command)).as("exit code of %s", (Object) command).isZero();
    }
}
