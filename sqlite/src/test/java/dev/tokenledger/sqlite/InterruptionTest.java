package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threads that are interrupted while they write. What an exception says of the record has to be true. */
class InterruptionTest {

    private static final String WITHDRAWN =
            "cannot append to %s: the thread was interrupted; nothing was stored, retry with the same ids";

    @TempDir
    private Path folder;

    private Path file;
    private Ledger ledger;

    @BeforeEach
    void open() {
        file = folder.resolve("usage.db");
        ledger = TestLedgers.open(file, Duration.ofSeconds(30));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void interruptedBefore_storesNothing_andKeepsTheFlag() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> ledger.append(Workload.record("r1")))
                .isInstanceOf(LedgerInterruptedException.class)
                .hasMessage(WITHDRAWN, file);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ledger.find(RecordId.of("r1"))).isEmpty();
    }

    /** One thread is in the middle of its commit, kept there by a lock; a second waits behind it. */
    @Test
    void interruptedInTheQueue_returnsAtOnce_whileTheCommitGoesOn() throws SQLException, InterruptedException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            Attempt committing = new Attempt("committing");
            committing.awaitSleep();
            Attempt queued = new Attempt("queued");
            queued.awaitSleep();

            queued.thread.interrupt();
            queued.thread.join();
            assertThat(queued.failure.get())
                    .isInstanceOf(LedgerInterruptedException.class)
                    .hasMessage(WITHDRAWN, file);
            assertThat(queued.flag).isTrue();
            // It is too late to withdraw the other one's record, so its caller learns what became of it.
            committing.thread.interrupt();
            statement.execute("ROLLBACK");
            committing.thread.join();
            assertThat(committing.failure.get()).isNull();
            assertThat(committing.flag).isTrue();
        }
        assertThat(ledger.find(RecordId.of("queued"))).isEmpty();
        assertThat(ledger.find(RecordId.of("committing"))).isPresent();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    @Test
    void interruptedAtRandom_whatWasAcknowledgedIsThere_andWhatWasWithdrawnIsNot()
            throws InterruptedException, SQLException {
        Random random = new Random(TestLedgers.seed());
        ConcurrentLinkedQueue<String> stored = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> withdrawn = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            String writer = "w" + i;
            threads.add(new Thread(() -> {
                for (int number = 1; number <= 300; number++) {
                    String id = writer + "." + number;
                    try {
                        ledger.append(Workload.record(id));
                        stored.add(id);
                    } catch (LedgerInterruptedException e) {
                        withdrawn.add(id);
                    }
                    Thread.interrupted();
                }
            }));
        }
        threads.forEach(Thread::start);
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.get(random.nextInt(threads.size())).interrupt();
            Thread.onSpinWait();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(stored)
                .isNotEmpty()
                .allSatisfy(id -> assertThat(ledger.find(RecordId.of(id))).isPresent());
        assertThat(withdrawn)
                .isNotEmpty()
                .allSatisfy(id -> assertThat(ledger.find(RecordId.of(id))).isEmpty());
        assertThat(ledger.verify().differences()).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(stored.size());
    }

    /** An append on a thread of its own. */
    private final class Attempt {

        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;
        private volatile boolean flag;

        Attempt(String id) {
            thread = new Thread(() -> {
                try {
                    ledger.append(Workload.record(id));
                } catch (RuntimeException e) {
                    failure.set(e);
                }
                flag = Thread.currentThread().isInterrupted();
            });
            thread.start();
        }

        /** Until it has come to where it waits: in SQLite for the lock, or for its turn. */
        void awaitSleep() {
            while (thread.isAlive() && !waits()) {
                Thread.onSpinWait();
            }
        }

        private boolean waits() {
            StackTraceElement[] stack = thread.getStackTrace();
            return stack.length > 0
                    && (stack[0].getMethodName().equals("park")
                            || (stack[0].isNativeMethod()
                                    && stack[0].getClassName().startsWith("org.sqlite")));
        }
    }
}
