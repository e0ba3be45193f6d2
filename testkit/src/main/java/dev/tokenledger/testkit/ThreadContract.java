package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What is promised to threads: many at once, interrupted ones, ones that come after the end. */
abstract class ThreadContract extends CostContract {

    @Test
    void closedLedger_refusesEverything_andClosesAgain() {
        append(Samples.record("r1"));
        ledger.close();
        ledger.close();
        RecordId id = RecordId.of("r1");
        List<Callable<?>> calls = List.of(
                () -> ledger.append(Samples.record("r2")),
                () -> ledger.appendAll(List.of(Samples.record("r2"))),
                () -> ledger.revise("r2", Samples.record("r2"), Merge.LATEST),
                () -> ledger.reverse(id, ""),
                () -> ledger.replace(id, Samples.record("r2"), ""),
                () -> ledger.find(id),
                () -> ledger.explain(id),
                () -> ledger.records(RecordQuery.over(TimeWindow.all()).build()),
                () -> ledger.summary(TimeWindow.all()),
                () -> ledger.readerState("reader"),
                () -> ledger.readerStates(""),
                () -> ledger.compareAndSetReaderState("turn", "", Map.of("turn", "1")),
                () -> ledger.writeIf(
                        "turn", "", Batch.builder().readerState("turn", "1").build()),
                () -> ledger.verify());
        for (Callable<?> call : calls) {
            assertThatIllegalStateException().isThrownBy(call::call).withMessageContaining("closed");
        }
        assertThatIllegalStateException().isThrownBy(ledger::rebuild).withMessageContaining("closed");
    }

    @Test
    void interruptedThread_isToldSo_andNothingIsStored() {
        append(Samples.record("r1"));
        SummaryQuery query =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).build();
        List<Callable<?>> calls = List.of(
                () -> ledger.append(Samples.record("r2")),
                () -> ledger.appendAll(List.of(Samples.record("r2"), Samples.record("r3"))),
                () -> ledger.revise("r2", Samples.record("any"), Merge.LATEST),
                () -> ledger.reverse(RecordId.of("r1"), ""),
                () -> ledger.replace(RecordId.of("r1"), Samples.record("r2"), ""),
                () -> ledger.compareAndSetReaderState("turn", "", Map.of("turn", "1")),
                () -> ledger.writeIf(
                        "turn", "", Batch.builder().readerState("turn", "1").build()),
                () -> ledger.records(RecordQuery.over(TimeWindow.all()).build()),
                () -> ledger.summaries(query));
        for (Callable<?> call : calls) {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(call::call).isInstanceOf(LedgerInterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted())
                        .as("the flag is set again")
                        .isTrue();
            } finally {
                Thread.interrupted();
            }
        }
        assertThat(history()).hasSize(1);
        assertThat(ledger.readerStates("")).isEmpty();
        assertThat(ledger.append(Samples.record("r2"))).isEqualTo(appended("r2"));
    }

    @Test
    void manyThreads_appendEachRecordOnce() throws Exception {
        int threads = 8;
        int perThread = 50;
        List<List<AppendResult>> results = inParallel(threads, thread -> {
            List<AppendResult> mine = new ArrayList<>();
            for (int i = 0; i < perThread; i++) {
                // Every record is offered by all threads, in orders that meet in the middle.
                mine.add(ledger.append(Samples.record("shared-" + (thread % 2 == 0 ? i : perThread - 1 - i))));
                mine.add(ledger.append(Samples.record("own-" + thread + "-" + i)));
            }
            return mine;
        });
        List<AppendResult> all = results.stream().flatMap(List::stream).toList();
        assertThat(all).noneMatch(AppendResult.Conflict.class::isInstance);
        assertThat(all.stream().filter(AppendResult.Appended.class::isInstance).distinct())
                .hasSize(perThread + threads * perThread);
        assertThat(all.stream().filter(AppendResult.Appended.class::isInstance))
                .hasSize(perThread + threads * perThread);
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(perThread + threads * perThread);
        assertThat(total.totalCost()).isEqualTo(Usd.parse("2.025"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void manyThreads_compareAndSet_loseNoTurn() throws Exception {
        int threads = 8;
        int perThread = 20;
        inParallel(threads, thread -> {
            for (int i = 0; i < perThread; ) {
                String turn = ledger.readerState("turn").orElse("");
                String next = turn.isEmpty() ? "1" : Integer.toString(Integer.parseInt(turn) + 1);
                if (ledger.compareAndSetReaderState("turn", turn, Map.of("turn", next, "of " + next, "taken"))) {
                    i++;
                }
            }
            return List.of();
        });
        assertThat(ledger.readerState("turn")).contains(Integer.toString(threads * perThread));
        assertThat(ledger.readerStates("of ")).hasSize(threads * perThread);
    }

    /** Of threads that read one source, each stores every part of it once; half of what they offer beside it is refused. */
    @Test
    void manyThreads_writeIf_storeEachPartOnce_andNothingThatIsRefused() throws Exception {
        int threads = 6;
        int parts = 30;
        append(Samples.record("taken"));
        List<List<AppendResult>> stored = inParallel(threads, thread -> {
            List<AppendResult> mine = new ArrayList<>();
            int next = 0;
            while (next < parts) {
                String state = next == 0 ? "" : Integer.toString(next);
                Batch.Builder refused = Batch.builder()
                        .append(Samples.record("never-" + thread + "-" + next))
                        .append(Samples.builder("taken").role("delegate").build());
                assertThat(ledger.writeIf(
                                "of " + thread,
                                "",
                                refused.readerState("of " + thread, "1").build()))
                        .isInstanceOf(ConditionalResult.Refused.class);
                Batch batch = Batch.builder()
                        .append(Samples.record("part-" + next))
                        .readerState("offset", Integer.toString(next + 1))
                        .build();
                if (ledger.writeIf("offset", state, batch) instanceof ConditionalResult.Written written) {
                    written.results().forEach(result -> mine.add((AppendResult) result));
                }
                next = ledger.readerState("offset").map(Integer::parseInt).orElse(0);
            }
            return mine;
        });
        assertThat(stored.stream().flatMap(List::stream))
                .hasSize(parts)
                .allMatch(AppendResult.Appended.class::isInstance);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(parts + 1);
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("offset", Integer.toString(parts)));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void manyThreads_reviseOneKey_leaveOneRevisionInForce() throws Exception {
        Merge larger = (inForce, offered) ->
                inForce.tokens().output() >= offered.tokens().output() ? inForce : offered;
        inParallel(6, thread -> {
            for (int i = 1; i <= 20; i++) {
                ledger.revise("call", Samples.builder("any").outputTokens(i).build(), larger);
            }
            return List.of();
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalOutputTokens()).isEqualTo(20);
        assertThat(ledger.find(Revision.id("call", 1))).isPresent();
    }

    private interface Work {
        List<AppendResult> run(int thread);
    }

    private static List<List<AppendResult>> inParallel(int threads, Work work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(threads);
            List<Future<List<AppendResult>>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                futures.add(executor.submit(() -> {
                    start.countDown();
                    start.await();
                    return work.run(number);
                }));
            }
            List<List<AppendResult>> results = new ArrayList<>();
            for (Future<List<AppendResult>> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
