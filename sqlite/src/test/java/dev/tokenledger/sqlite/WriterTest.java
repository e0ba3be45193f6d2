package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Merge;
import dev.tokenledger.WriteResult;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("usage.db");
    }

    /** Holds the writer within a transaction until others have queued their work behind it. */
    private static final class Gate {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);

        UsageRecord hold(UsageRecord offered) {
            reached.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return offered.toBuilder().outputTokens(77).build();
        }
    }

    @Test
    void workQueuedTogether_failsForItsCulpritAlone() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (SqliteLedger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.revise("held", Samples.record("any"), Merge.LATEST);
            ledger.revise("culprit", Samples.record("any"), Merge.LATEST);
            Gate gate = new Gate();
            UsageRecord later = Samples.builder("any").outputTokens(78).build();
            Future<WriteResult> held =
                    threads.submit(() -> ledger.revise("held", later, (inForce, offered) -> gate.hold(offered)));
            gate.reached.await();
            Future<WriteResult> culprit = threads.submit(() -> ledger.revise("culprit", later, (inForce, offered) -> {
                throw new UnsupportedOperationException("no merge");
            }));
            List<Future<AppendResult>> others = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                UsageRecord record = Samples.record("r" + i);
                others.add(threads.submit(() -> ledger.append(record)));
            }
            gate.opened.countDown();
            assertThat(held.get()).isInstanceOf(WriteResult.Corrected.class);
            assertThatThrownBy(culprit::get)
                    .hasCauseInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("no merge");
            for (Future<AppendResult> other : others) {
                assertThat(other.get()).isInstanceOf(AppendResult.Appended.class);
            }
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(10);
            assertThat(ledger.verify().differences()).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void numbersLearntInARolledBackTransaction_areForgotten() {
        try (SqliteLedger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.revise("culprit", Samples.record("any"), Merge.LATEST);
            UsageRecord unseen = Samples.builder("any")
                    .sessionId("only here")
                    .attribute("team", "only here")
                    .build();
            assertThatThrownBy(() -> ledger.revise("culprit", unseen, (inForce, offered) -> {
                        throw new UnsupportedOperationException("no merge");
                    }))
                    .isInstanceOf(UnsupportedOperationException.class);
            UsageRecord tooExpensive = Samples.builder("r1")
                    .sessionId("only here")
                    .outputTokens(1_000_000_000_000L)
                    .build();
            assertThat(ledger.append(tooExpensive)).isInstanceOf(AppendResult.Rejected.class);
            assertThatThrownBy(() -> ledger.write(Batch.builder()
                            .append(Samples.builder("r0").sessionId("also here").build())
                            .revise("culprit", unseen, (inForce, offered) -> {
                                throw new IllegalArgumentException("no merge");
                            })
                            .build()))
                    .isInstanceOf(IllegalArgumentException.class);
            ledger.append(Samples.builder("r2").sessionId("another").build());
            ledger.append(Samples.builder("r3").sessionId("also here").build());
            assertThat(ledger.sessionTotal("another").totalRecords()).isEqualTo(1);
            assertThat(ledger.sessionTotal("also here").totalRecords()).isEqualTo(1);
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    @Test
    void twoLedgersOnOneFile_giveTheSameNumbersToTheSameTexts() {
        try (SqliteLedger one = SqliteLedger.open(file, Samples.prices());
                SqliteLedger other = SqliteLedger.open(file, Samples.prices())) {
            for (int i = 0; i < 20; i++) {
                SqliteLedger ledger = i % 3 == 0 ? one : other;
                ledger.append(Samples.builder("r" + i)
                        .sessionId("s" + i % 5)
                        .taskName("task" + i % 7)
                        .attribute("team", "t" + i % 4)
                        .build());
            }
            for (int i = 0; i < 5; i++) {
                assertThat(one.sessionTotal("s" + i).totalRecords()).isEqualTo(4);
            }
            assertThat(one.summaries(SummaryQuery.over(TimeWindow.all())
                            .by(Dimension.attribute("team"))
                            .build()))
                    .hasSize(4)
                    .allMatch(row -> row.summary().totalRecords() == 5);
            assertThat(other.verify().differences()).isEmpty();
        }
    }
}
