package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** So many read at the same time, further ones wait, and that for so long: each of the three is a bound. */
class ReadersTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("usage.db");
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            ledger.append(Samples.record("r1"));
        }
    }

    private Connections connections(Duration busyTimeout, int readers, int waiting) {
        Connections connections = Connections.to(file, true, busyTimeout, Connections.CHECKPOINT_PAGES);
        connections.bound(readers, waiting);
        return connections;
    }

    @Test
    void readersBeyondTheBound_areRefused_andTakenAgainOnceOneIsGivenBack() throws Exception {
        try (Connections connections = connections(Duration.ofMillis(1), 3, 100)) {
            List<Handle> taken = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                taken.add(connections.reader());
            }
            for (boolean discarded : new boolean[] {true, false, true, false}) {
                assertThatThrownBy(connections::reader)
                        .isInstanceOf(LedgerOverloadedException.class)
                        .hasMessageContaining("usage.db")
                        .hasMessageContaining("ask again");
                assertThat(connections.helper()).isNull();
                Handle given = taken.remove(0);
                if (discarded) {
                    Connections.discard(given);
                    Connections.discard(given);
                } else {
                    connections.release(given);
                }
                taken.add(connections.reader());
            }
            for (Handle handle : taken) {
                connections.release(handle);
            }
        }
    }

    @Test
    void callersBeyondThoseThatMayWait_areRefusedAtOnce_andAWaitingOneGetsWhatIsGivenBack() throws Exception {
        try (Connections connections = connections(Duration.ofMinutes(5), 1, 1)) {
            Handle first = connections.reader();
            FutureTask<Handle> waiting = new FutureTask<>(connections::reader);
            Thread thread = new Thread(waiting);
            thread.start();
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(connections::reader)
                    .isInstanceOf(LedgerOverloadedException.class)
                    .hasMessageContaining("wait already");
            connections.release(first);
            connections.release(waiting.get());
        }
    }

    @Test
    void interruptedCaller_waitsNoLonger() throws Exception {
        try (Connections connections = connections(Duration.ofMinutes(5), 1, 1)) {
            Handle first = connections.reader();
            FutureTask<Handle> waiting = new FutureTask<>(connections::reader);
            Thread thread = new Thread(waiting);
            thread.start();
            thread.interrupt();
            assertThatThrownBy(waiting::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(LedgerInterruptedException.class);
            connections.release(first);
            connections.release(connections.reader());
        }
    }

    /** The number of pages in a reader's cache, as SQLite counts its bytes, is no test's business; what it answers is. */
    @Test
    void manyMoreCallersThanReaders_areAllAnswered() throws Exception {
        try (SqliteLedger ledger =
                SqliteLedger.builder().readOnly(true).readers(2, 1_000).open(file)) {
            List<FutureTask<Long>> tasks = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                FutureTask<Long> task =
                        new FutureTask<>(() -> ledger.summary(TimeWindow.all()).totalRecords());
                tasks.add(task);
                new Thread(task).start();
            }
            for (FutureTask<Long> task : tasks) {
                assertThat(task.get()).isEqualTo(1);
            }
        }
    }
}
