package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.Merge;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several ledgers over one schema, which know nothing of each other, as those of several processes do. */
@Tag("once")
class SharingTest {

    private static final int THREADS = 8;
    private static final int BATCHES = 12;
    private static final int RECORDS = 20;

    @ParameterizedTest
    @EnumSource
    void writersOfTheSameRecords_storeEachOnce_whateverTheirOrder(Version version) throws Exception {
        try (SchemaStore store = new SchemaStore(version, 2);
                Ledger one = store.open(Samples.prices(), InstantSource.system());
                Ledger other = store.open(Samples.prices(), InstantSource.system())) {
            AtomicInteger appended = new AtomicInteger();
            AtomicInteger reversed = new AtomicInteger();
            AtomicInteger already = new AtomicInteger();
            inThreads(2 * THREADS, thread -> {
                Ledger ledger = thread % 2 == 0 ? one : other;
                for (int batch = 0; batch < BATCHES; batch++) {
                    List<UsageRecord> records = new ArrayList<>();
                    for (int i = 0; i < RECORDS; i++) {
                        records.add(Samples.builder("b" + batch + "-" + i)
                                .attribute("team", "t" + i % 3)
                                .build());
                    }
                    if (thread / 2 % 2 == 0) {
                        Collections.reverse(records);
                    }
                    for (AppendResult result : ledger.appendAll(records)) {
                        assertThat(result).isInstanceOfAny(AppendResult.Appended.class, AppendResult.Duplicate.class);
                        appended.addAndGet(result instanceof AppendResult.Appended ? 1 : 0);
                    }
                    ReversalResult reversal = ledger.reverse(RecordId.of("b" + batch + "-0"), "a mistake");
                    reversed.addAndGet(reversal instanceof ReversalResult.Reversed ? 1 : 0);
                    already.addAndGet(reversal instanceof ReversalResult.AlreadyReversed ? 1 : 0);
                    ledger.revise(
                            "k" + batch,
                            Samples.builder("any").outputTokens(10L + thread).build(),
                            (inForce, offered) ->
                                    offered.tokens().output() > inForce.tokens().output() ? offered : inForce);
                }
                return true;
            });

            assertThat(appended).hasValue(BATCHES * RECORDS);
            assertThat(reversed).hasValue(BATCHES);
            assertThat(already).hasValue(BATCHES * (2 * THREADS - 1));
            assertThat(one.summary(TimeWindow.all()))
                    .isEqualTo(other.summary(TimeWindow.all()))
                    .satisfies(total -> assertThat(total.totalRecords()).isEqualTo(BATCHES * (RECORDS - 1) + BATCHES));
            for (int batch = 0; batch < BATCHES; batch++) {
                assertThat(one.revisions("k" + batch))
                        .last()
                        .satisfies(entry ->
                                assertThat(entry.record().tokens().output()).isEqualTo(9L + 2 * THREADS))
                        .matches(entry -> entry.inForce());
            }
            assertThat(one.verify().differences()).isEmpty();
            other.rebuild();
            assertThat(one.verify().differences()).isEmpty();
        }
    }

    /** Of two that revalue or reverse the same records, one waits for the other and goes by what it did. */
    @ParameterizedTest
    @EnumSource
    void correctionsOfTheSameRecords_countOnceEach(Version version) throws Exception {
        try (SchemaStore store = new SchemaStore(version, 2);
                Ledger one = store.open(Samples.prices(), InstantSource.system());
                Ledger other = store.open(Samples.prices(), InstantSource.system())) {
            List<UsageRecord> records = new ArrayList<>();
            for (int i = 0; i < BATCHES * RECORDS; i++) {
                records.add(Samples.builder("r" + i).model(Samples.OMEGA).build());
            }
            one.appendAll(records);
            AtomicInteger revalued = new AtomicInteger();
            AtomicInteger reversed = new AtomicInteger();
            inThreads(THREADS, thread -> {
                Ledger ledger = thread % 2 == 0 ? one : other;
                PriceEntry price = PriceEntry.builder(Samples.OMEGA)
                        .rates(Rates.of(Integer.toString(1 + thread / 2), "10"))
                        .build();
                for (int from = 0; from < records.size(); from += RECORDS) {
                    if (thread / 2 % 2 == 0) {
                        Batch.Builder batch = Batch.builder();
                        for (int i = from; i < from + RECORDS; i++) {
                            ledger.find(RecordId.of("r" + i))
                                    .ifPresent(entry -> batch.step(new Batch.Step.Revalue(
                                            entry, price.price(entry.record()), Optional.of(price), "run", "late")));
                        }
                        for (WriteResult result : ledger.write(batch.build())) {
                            revalued.addAndGet(result instanceof WriteResult.Revalued ? 1 : 0);
                        }
                    } else {
                        for (int i = from; i < from + RECORDS; i += 4) {
                            ReversalResult result = ledger.reverse(RecordId.of("r" + i), "");
                            reversed.addAndGet(result instanceof ReversalResult.Reversed ? 1 : 0);
                        }
                    }
                }
                return true;
            });

            assertThat(reversed).hasValue(records.size() / 4);
            assertThat(revalued.get()).isPositive();
            assertThat(one.summary(TimeWindow.all()).totalRecords()).isEqualTo(records.size() * 3L / 4);
            assertThat(one.verify().differences()).isEmpty();
            other.rebuild();
            assertThat(one.verify().differences()).isEmpty();
        }
    }

    /** What is folded, computed anew and added meanwhile comes to the same total at every moment. */
    @Test
    void rebuilding_goesOnBesideWriters() throws Exception {
        try (SchemaStore store = new SchemaStore(Version.NEWEST, 3);
                Ledger writing = store.open(Samples.prices(), InstantSource.system());
                Ledger mending = store.open(Samples.prices(), InstantSource.system())) {
            AtomicBoolean done = new AtomicBoolean();
            ExecutorService beside = Executors.newSingleThreadExecutor();
            try {
                Future<?> rebuilding = beside.submit(() -> {
                    while (!done.get()) {
                        mending.rebuild();
                        assertThat(mending.verify().differences()).isEmpty();
                    }
                });
                inThreads(4, thread -> {
                    for (int i = 0; i < 60; i++) {
                        writing.append(Samples.record("r" + thread + "-" + i));
                    }
                    return true;
                });
                done.set(true);
                rebuilding.get();
            } finally {
                done.set(true);
                beside.shutdown();
            }
            assertThat(writing.summary(TimeWindow.all()).totalRecords()).isEqualTo(240);
            assertThat(writing.verify().differences()).isEmpty();
        }
    }

    @Test
    void killedServer_losesNothingAcknowledged_andIsWrittenToAgain() throws Exception {
        try (PostgresServer server = PostgresServer.start(Version.NEWEST);
                PostgresLedger ledger = PostgresLedger.open(server.dataSource(), Samples.prices())) {
            Queue<RecordId> acknowledged = new ConcurrentLinkedQueue<>();
            for (int round = 0; round < 3; round++) {
                int number = round;
                AtomicInteger enough = new AtomicInteger();
                ExecutorService killer = Executors.newSingleThreadExecutor();
                try {
                    AtomicBoolean killed = new AtomicBoolean();
                    Future<?> killing = killer.submit(() -> {
                        while (enough.get() < 100) {
                            Thread.onSpinWait();
                        }
                        server.kill();
                        killed.set(true);
                    });
                    inThreads(4, thread -> {
                        for (int i = 0; !killed.get(); i++) {
                            RecordId id = RecordId.of("r" + number + "-" + thread + "-" + i);
                            try {
                                ledger.append(Samples.record(id.value()));
                                acknowledged.add(id);
                                enough.incrementAndGet();
                            } catch (LedgerException e) {
                                enough.addAndGet(100);
                                assertThat(e.getMessage()).contains("retry with the same ids");
                            }
                        }
                        return true;
                    });
                    killing.get();
                } finally {
                    killer.shutdown();
                }
                server.restart();
                for (RecordId id : acknowledged) {
                    assertThat(ledger.find(id)).as("acknowledged %s", id).isPresent();
                }
                assertThat(ledger.verify().differences()).isEmpty();
            }
        }
    }

    /** The rights that docs/postgresql.md tells of. */
    @Test
    void roles_writeAndRead_andDoNoMore() throws Exception {
        PostgresServer server = PostgresServer.shared(Version.OLDEST);
        String schema = server.newSchemaName();
        try {
            PostgresLedger.builder()
                    .schema(schema)
                    .onWarning(warning -> {})
                    .open(server.dataSource())
                    .close();
            for (String role : List.of("writer", "reader")) {
                server.execute("CREATE ROLE " + schema + role + " LOGIN");
                server.execute("GRANT USAGE ON SCHEMA " + schema + " TO " + schema + role);
                server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + schema + role);
            }
            String writer = " TO " + schema + "writer";
            server.execute("GRANT INSERT ON ALL TABLES IN SCHEMA " + schema + writer);
            server.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + schema + writer);
            server.execute("GRANT UPDATE, DELETE ON " + schema + ".deltas, " + schema + ".pages, " + schema
                    + ".attribute_pairs, " + schema + ".reader_states" + writer);
            server.execute("GRANT UPDATE (wide) ON " + schema + ".attribute_keys" + writer);
            server.execute("GRANT UPDATE (entry) ON " + schema + ".prices" + writer);

            try (Ledger ledger = PostgresLedger.builder()
                    .schema(schema)
                    .onWarning(warning -> {})
                    .maxDeltas(2)
                    .open(server.dataSource(schema + "writer"))) {
                for (int i = 0; i < 8; i++) {
                    ledger.append(
                            Samples.builder("r" + i).attribute("a", "v" + i).build());
                }
                ledger.reverse(RecordId.of("r1"), "a mistake");
                ledger.revise("k", Samples.record("any"), Merge.LATEST);
                ledger.rebuild();
                assertThat(ledger.verify().differences()).isEmpty();
            }
            try (Ledger ledger =
                    PostgresLedger.builder().schema(schema).readOnly(true).open(server.dataSource(schema + "reader"))) {
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(8);
                assertThat(ledger.verify().differences()).isEmpty();
            }
            try (Ledger ledger = PostgresLedger.builder()
                    .schema(schema)
                    .onWarning(warning -> {})
                    .open(server.dataSource(schema + "reader"))) {
                assertThatThrownBy(() -> ledger.append(Samples.record("more")))
                        .isInstanceOf(LedgerReadOnlyException.class)
                        .hasMessageContaining("no right");
            }
        } finally {
            server.dropSchema(schema);
            server.execute("DROP ROLE IF EXISTS " + schema + "writer, " + schema + "reader");
        }
    }

    private interface Task {
        boolean run(int thread) throws Exception;
    }

    private static void inThreads(int count, Task task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int thread = i;
                tasks.add(() -> task.run(thread));
            }
            for (Future<Boolean> each : threads.invokeAll(tasks)) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
    }
}
