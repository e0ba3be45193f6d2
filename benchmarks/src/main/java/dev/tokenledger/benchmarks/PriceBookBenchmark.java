package dev.tokenledger.benchmarks;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Pricing one record by the bundled book, over many different records of the workload. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PriceBookBenchmark {

    private static final int RECORDS = 4_096;

    private final PriceBook prices = PriceBook.bundled();
    private final UsageRecord[] records = new Workload(42, 1_000_000, Workload.Labels.NONE)
            .records(0, RECORDS)
            .toArray(UsageRecord[]::new);
    private int next;

    /** The cost of the next record. */
    @Benchmark
    public Cost price() {
        UsageRecord record = records[next++ & (RECORDS - 1)];
        return prices.price(record, Workload.START);
    }
}
