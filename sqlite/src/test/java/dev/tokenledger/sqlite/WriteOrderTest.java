package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.PowerFailure.Fate;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power fails: what was not synced is lost, torn or there, at random. A child's writes, syncs and acknowledgements
 * are recorded in one order; disks as {@link PowerFailure} has them are rebuilt at random moments and opened.
 */
@Tag("durability")
class WriteOrderTest {

    private static final int CUTS = 200;
    private static final int WRITERS = 4;
    private static final int ROWS = 1_000;

    /** Where there is a file system in memory: the disks are imagined, so their checks need not wait for one. */
    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    private Path folder;

    /** What a disk has lost. */
    @FunctionalInterface
    private interface Check {

        /** Whether everything acknowledged is there; throws for anything else that is wrong. */
        boolean holds(Path image, List<String> printed) throws IOException, SQLException;
    }

    @ParameterizedTest
    @EnumSource(Mix.class)
    void powerFailure_losesNothingAcknowledged(Mix mix) throws IOException, SQLException {
        int steps = mix == Mix.BATCH ? 8 : 50;
        WriteLog log = record(file -> LedgerChild.command(file, mix, "r", WRITERS, steps, false, true));
        // Cuts while the log is copied into the file and begun anew are among them.
        assertThat(log.beginnings("usage.db-wal")).isGreaterThan(3);
        int lost = cut(log, (image, printed) -> {
            Audit audit = new Audit(mix).acknowledge(printed);
            for (int writer = 1; writer <= WRITERS; writer++) {
                audit.started(LedgerChild.writer("r", writer));
            }
            Path file = image.resolve("usage.db");
            try (Ledger ledger = TestLedgers.open(file)) {
                audit.check(ledger);
            }
            Audit.checkIntegrity(file);
            return true;
        });
        assertThat(lost).isZero();
    }

    /** Without this, the test above could pass because it cannot see anything. */
    @Test
    void powerFailure_isNoticedWhereSyncsAreLeftOut() throws IOException, SQLException {
        assertThat(cut(recordPlain("FULL"), WriteOrderTest::plainRowsAreThere)).isZero();
        assertThat(cut(recordPlain("NORMAL"), WriteOrderTest::plainRowsAreThere))
                .isGreaterThan(CUTS / 4);
    }

    private WriteLog recordPlain(String synchronous) throws IOException {
        return record(file -> ChildProcess.of(PlainChild.class, file.toString(), synchronous, Integer.toString(ROWS)));
    }

    private static boolean plainRowsAreThere(Path image, List<String> printed) throws SQLException {
        Set<String> found = new HashSet<>();
        Path file = image.resolve("usage.db");
        try (Connection connection = PlainChild.open(file);
                Statement statement = connection.createStatement();
                ResultSet table = statement.executeQuery("SELECT count(*) FROM sqlite_schema")) {
            if (table.getInt(1) > 0) {
                try (ResultSet rows = statement.executeQuery("SELECT id FROM row")) {
                    while (rows.next()) {
                        found.add("row " + rows.getInt(1));
                    }
                }
            }
        }
        Audit.checkIntegrity(file);
        return found.containsAll(printed);
    }

    private WriteLog record(Function<Path, ChildProcess.Builder> command) throws IOException {
        Path work = Files.createTempDirectory(folder, "child");
        Path ledger = Files.createDirectory(work.resolve("ledger"));
        Path log = work.resolve("log");
        try (ChildProcess child = command.apply(ledger.resolve("usage.db"))
                .environment(Interposer.tracing(ledger, log))
                .start()) {
            child.finish();
        }
        return WriteLog.read(log);
    }

    /** Cuts the power at random moments; counts those after which something acknowledged was lost. */
    private int cut(WriteLog log, Check check) throws IOException, SQLException {
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        PowerFailure power = new PowerFailure(log, random);
        int events = log.events().size();
        int lost = 0;
        for (int event : random.ints(CUTS, 1, events + 1).sorted().toArray()) {
            power.advanceTo(event);
            Path image = Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : folder, "image");
            Fate fate = Fate.values()[Math.min(random.nextInt(4), Fate.MIXED.ordinal())];
            power.writeTo(image, fate);
            try {
                lost += check.holds(image, log.linesBefore(event)) ? 0 : 1;
            } catch (AssertionError | RuntimeException | SQLException e) {
                throw new AssertionError(
                        "seed " + seed + ", " + fate + ", cut before event " + event + " of " + events + ", disk in "
                                + image + ": " + e.getMessage(),
                        e);
            }
            delete(image);
        }
        System.out.println(
                "seed " + seed + ": " + lost + " of " + CUTS + " cuts among " + events + " events lost rows");
        return lost;
    }

    private static void delete(Path image) throws IOException {
        try (Stream<Path> files = Files.list(image)) {
            files.forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        Files.delete(image);
    }
}
