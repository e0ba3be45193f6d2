package dev.tokenledger.cli;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.postgres.PostgresAddress;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.RecordGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One of several processes that write random operations to the same ledger from several threads. Each thread has ids of its own, so
 * that it is known what each operation must say, and compares; and it writes and reverses records that all threads of all processes
 * write, whichever is first. So the ledger stands the same in the end, whatever the order was.
 */
final class EnginesChild {

    static final int THREADS = 8;

    private static final int OPERATIONS = 40;
    private static final int SHARED = 25;
    private static final int BATCH = 4;

    private EnginesChild() {}

    /** Draws the operations of one thread. */
    private static final class Script {

        private final String name;
        private final int number;
        private final SplittableRandom random;
        private final RecordGenerator records;
        private final List<UsageRecord> delivered = new ArrayList<>();
        private int instants;

        Script(long seed, int process, int thread) {
            name = "p" + process + "t" + thread;
            number = process * THREADS + thread;
            random = new SplittableRandom(seed * 1_000 + number);
            records = new RecordGenerator(random);
        }

        /** No two records of any thread are of the same instant, so that there is one order to list them in. */
        private UsageRecord record(String id) {
            UsageRecord drawn = records.builder(id).build();
            long micros = number * 1_000L + instants++;
            return drawn.at(drawn.timestamp()
                    .orElse(Samples.NOW)
                    .truncatedTo(ChronoUnit.SECONDS)
                    .plus(micros, ChronoUnit.MICROS));
        }

        private UsageRecord fresh() {
            UsageRecord record = record(name + "-" + delivered.size());
            delivered.add(record);
            return record;
        }

        private UsageRecord old() {
            return delivered.isEmpty() ? fresh() : delivered.get(random.nextInt(delivered.size()));
        }

        Operation next() {
            return switch (random.nextInt(10)) {
                case 0, 1, 2 -> new Operation.Append(fresh());
                case 3 -> new Operation.Append(old());
                case 4 -> new Operation.Append(record(old().id().value()));
                case 5 -> {
                    Batch.Builder batch = Batch.builder();
                    for (int i = 0; i < BATCH; i++) {
                        batch.append(i == 1 ? old() : fresh());
                    }
                    yield new Operation.Write(batch.readerState("reader " + name, "at " + delivered.size())
                            .build());
                }
                case 6 -> new Operation.Reverse(old().id(), "reason " + random.nextInt(3));
                case 7 -> new Operation.Replace(old().id(), fresh(), "misread");
                default -> new Operation.Revise("key " + name, record("any"), Merge.LATEST);
            };
        }
    }

    /** What all threads write alike; every fourth is reversed again. */
    private static List<Operation> shared(long seed) {
        Script all = new Script(seed, 2, 0);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < SHARED; i++) {
            UsageRecord record = all.record("shared-" + i);
            operations.add(new Operation.Append(record));
            if (i % 4 == 0) {
                operations.add(new Operation.Reverse(record.id(), "for all"));
            }
        }
        return operations;
    }

    /** Does what one thread does. */
    private static void run(Ledger ledger, long seed, int process, int thread) {
        Script script = new Script(seed, process, thread);
        List<Operation> shared = shared(seed);
        try (Ledger alone = open("memory")) {
            for (int i = 0; i < Math.max(OPERATIONS, shared.size()); i++) {
                if (i < OPERATIONS) {
                    Operation operation = script.next();
                    Object expected = operation.apply(alone);
                    Object found = operation.apply(ledger);
                    if (!found.equals(expected)) {
                        throw new AssertionError(operation + ": expected " + expected + ", found " + found);
                    }
                }
                if (i < shared.size()) {
                    shared.get(i).apply(ledger);
                }
            }
        }
    }

    /** Does all that one process does, by its threads. */
    static void run(Ledger ledger, long seed, int process) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                tasks.add(() -> {
                    run(ledger, seed, process, thread);
                    return true;
                });
            }
            for (Future<Boolean> each : threads.invokeAll(tasks)) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    /** A ledger whose clock stands still. */
    static Ledger open(String place) {
        InstantSource clock = InstantSource.fixed(Samples.NOW);
        if (place.equals("memory")) {
            return InMemoryLedger.open(Samples.prices(), clock);
        }
        if (!PostgresAddress.isAddress(place)) {
            return SqliteLedger.builder().prices(Samples.prices()).clock(clock).open(Path.of(place));
        }
        PostgresAddress address = PostgresAddress.parse(place, Map.of(), warning -> {});
        return PostgresLedger.builder()
                .schema(address.schema().orElseThrow())
                .prices(Samples.prices())
                .clock(clock)
                .onWarning(warning -> {})
                .open(address.dataSource());
    }

    static Process start(String place, long seed, int process) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), EnginesChild.class.getName()));
        command.addAll(List.of(place, Long.toString(seed), Integer.toString(process)));
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (Ledger ledger = open(arguments[0])) {
            run(ledger, Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        }
        System.out.println("done");
    }
}
