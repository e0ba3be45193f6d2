package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file, several users: processes that write at once, and one that does not let go. */
@Tag("once")
class SharingTest {

    private static final int WRITERS = 2;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("usage.db");
    }

    @ParameterizedTest
    @EnumSource(Mix.class)
    void twoProcesses_writeAtOnce_andEveryRecordIsThereOnce(Mix mix) throws SQLException {
        int steps = mix == Mix.BATCH ? 25 : 100;
        TestLedgers.open(file).close();
        Audit audit = new Audit(mix);
        try (ChildProcess one = LedgerChild.command(file, mix, "one", WRITERS, steps, false)
                        .start();
                ChildProcess two = LedgerChild.command(file, mix, "two", WRITERS, steps, false)
                        .start()) {
            audit.acknowledge(finish(one)).acknowledge(finish(two));
        }

        assertThat(audit.steps()).isEqualTo(2 * WRITERS * steps);
        check(audit);
    }

    @Test
    void severalProcesses_openANewFileAtOnce() throws SQLException {
        for (int round = 1; round <= 2; round++) {
            file = folder.resolve("new-" + round + ".db");
            Audit audit = new Audit(Mix.APPEND);
            List<ChildProcess> children = new ArrayList<>();
            try {
                for (int i = 1; i <= 4; i++) {
                    children.add(LedgerChild.command(file, Mix.APPEND, "child" + i, 1, 5, false)
                            .start());
                }
                children.forEach(child -> audit.acknowledge(finish(child)));
            } finally {
                children.forEach(ChildProcess::close);
            }

            assertThat(audit.steps()).isEqualTo(4 * 5);
            check(audit);
        }
    }

    /** Processes rarely meet within the microseconds that count; threads with ledgers of their own do. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void severalLedgers_openANewFileAtTheSameMoment(int ledgers) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(ledgers);
        ExecutorService threads = Executors.newFixedThreadPool(ledgers);
        try {
            for (int round = 1; round <= 40; round++) {
                Path created = folder.resolve("new-" + round + ".db");
                List<Future<?>> opened = new ArrayList<>();
                for (int i = 1; i <= ledgers; i++) {
                    String writer = "w" + i;
                    opened.add(threads.submit(() -> {
                        barrier.await();
                        try (Ledger ledger = TestLedgers.open(created)) {
                            Workload.step(Mix.APPEND, writer, 1).writeTo(ledger);
                        }
                        return null;
                    }));
                }
                Audit audit = new Audit(Mix.APPEND);
                for (int i = 1; i <= ledgers; i++) {
                    opened.get(i - 1).get(60, TimeUnit.SECONDS);
                    audit.acknowledge(List.of(Audit.line("w" + i, 1)));
                }
                file = created;
                check(audit);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** SQLite refuses at once to give a file a write-ahead log while another connection is about to write to it. */
    @Test
    void newFileThatAnotherConnectionIsWritingTo_isOpenedOnceThatIsDone() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("CREATE TABLE t (x)");
            statement.execute("DROP TABLE t");
            statement.execute("BEGIN IMMEDIATE");
            Audit audit = new Audit(Mix.APPEND);

            Future<?> opened = threads.submit(() -> {
                try (Ledger ledger = TestLedgers.open(file, Duration.ofMinutes(1))) {
                    Workload.step(Mix.APPEND, "w1", 1).writeTo(ledger);
                }
                return null;
            });
            assertThatThrownBy(() -> opened.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            statement.execute("ROLLBACK");

            opened.get(60, TimeUnit.SECONDS);
            check(audit.acknowledge(List.of(Audit.line("w1", 1))));
        } finally {
            threads.shutdownNow();
        }
    }

    /** The runs, which say where records are, are damaged when the first ledger learns of them, and mended by the other. */
    @Test
    void openLedgerThatAnotherOneRebuilds_goesOnWithWhatIsInTheFileNow() throws SQLException {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.append(atNoon("a"));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM runs");
        }
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices());
                Ledger other = SqliteLedger.open(file, Samples.prices())) {
            ledger.append(atNoon("b"));
            other.rebuild();
            ledger.append(atNoon("c"));

            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private static UsageRecord atNoon(String id) {
        return Samples.builder(id)
                .timestamp(Instant.parse("2026-03-01T12:00:00Z"))
                .build();
    }

    @Test
    void secondLedgerInTheProcess_leavesTheFirstOnesLocksAlone() throws IOException, SQLException {
        Audit audit = new Audit(Mix.APPEND);
        try (ChildProcess child =
                ChildProcess.of(ReopeningChild.class, file.toString()).start()) {
            child.await(ReopeningChild.REOPENED::equals);
            assertThat(isUnlocked(file)).isFalse();
            child.tell("go on");
            child.await(ReopeningChild.WRITTEN::equals);
            audit.acknowledge(child.kill());
        }

        assertThat(audit.steps()).isEqualTo(ReopeningChild.STEPS);
        check(audit);
    }

    @Test
    void lockedFile_isReportedAfterTheBusyTimeout_andTheSameRecordIsStoredLater() throws SQLException {
        Duration busyTimeout = Duration.ofMillis(200);
        try (Ledger ledger = TestLedgers.open(file, busyTimeout)) {
            Workload.step(Mix.APPEND, "r.t1", 1).writeTo(ledger);
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN EXCLUSIVE");
                long start = System.nanoTime();

                assertThatThrownBy(() -> Workload.step(Mix.APPEND, "r.t1", 2).writeTo(ledger))
                        .isInstanceOf(LedgerBusyException.class)
                        .hasMessage(
                                "cannot append to %s: locked by another writer for 0.200 s; nothing was stored, retry"
                                        + " with the same ids",
                                file);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(busyTimeout);
                // Readers never wait for a writer.
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
                statement.execute("ROLLBACK");
            }
            assertThat(ledger.append(Workload.record("r.t1.a2"))).isInstanceOf(AppendResult.Appended.class);
        }
        check(new Audit(Mix.APPEND).acknowledge(List.of(Audit.line("r.t1", 2))));
    }

    @Test
    void lockedFile_isReportedOnOpening() throws SQLException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("BEGIN EXCLUSIVE");

            assertThatThrownBy(() -> TestLedgers.open(file, Duration.ofMillis(100)))
                    .isInstanceOf(LedgerBusyException.class)
                    .hasMessage("cannot open %s: locked by another writer for 0.100 s; retry", file);
            statement.execute("ROLLBACK");
        }
        TestLedgers.open(file).close();
    }

    /**
     * Whether an exclusive lock can be had where SQLite keeps its shared lock for as long as a ledger is open. Older
     * versions of SQLite, as in other tools that read the file, take it on closing as a sign that they were the last
     * user, and delete the log.
     */
    private static boolean isUnlocked(Path file) throws IOException {
        long sharedLock = 0x4000_0002L;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock(sharedLock, 510, false)) {
            return lock != null;
        }
    }

    private static List<String> finish(ChildProcess child) {
        List<String> printed = child.finish();
        assertThat(printed)
                .noneMatch(line -> line.startsWith(LedgerChild.FAILED))
                .endsWith(LedgerChild.CLOSED);
        return printed;
    }

    private void check(Audit audit) throws SQLException {
        try (Ledger ledger = TestLedgers.open(file)) {
            audit.check(ledger);
        }
        Audit.checkIntegrity(file);
    }
}
