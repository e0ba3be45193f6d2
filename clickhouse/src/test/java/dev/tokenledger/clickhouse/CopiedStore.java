package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.TestStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A ledger with a copy in ClickHouse, which is asked whatever the number of records. Before questions an exporter goes on for a step, at
 * random; now and then it dies instead, and another one takes over.
 */
final class CopiedStore implements TestStore {

    private static final int STEP_ONE_IN = 4;
    private static final int DIE_ONE_IN = 10;
    private static final int MAX_ENTRIES = 7;

    /** What a copy takes part in; what comparisons call for each entry is not among it. */
    private static final Set<String> QUESTIONS = Set.of("summaries", "summary", "report");

    /** On a machine that does much else a copy takes its time, and is well all the same. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(2);

    final CopiedLedger copied;
    private final RandomGenerator random;
    private @Nullable ClickHouseExporter exporter;
    private @Nullable PostgresLedger ledger;

    CopiedStore(CopiedLedger copied, RandomGenerator random) {
        this.copied = copied;
        this.random = random;
    }

    PostgresLedger openCopied(PriceBook prices, InstantSource clock) {
        return PostgresLedger.builder()
                .schema(copied.schema)
                .prices(prices)
                .clock(clock)
                .onWarning(warning -> {})
                .copy(ClickHouseCopy.at(copied.address, MAX_WAIT))
                .open(copied.postgres.dataSource());
    }

    @Override
    public Ledger open(PriceBook prices, InstantSource clock) {
        PostgresLedger opened = openCopied(prices, clock);
        ledger = opened;
        return (Ledger) Proxy.newProxyInstance(
                CopiedStore.class.getClassLoader(), new Class<?>[] {Ledger.class}, (self, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        checkCopy();
                    } else if (QUESTIONS.contains(method.getName())) {
                        step();
                    }
                    try {
                        return method.invoke(opened, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Perhaps exports some records. */
    synchronized void step() {
        if (random.nextInt(STEP_ONE_IN) > 0) {
            return;
        }
        ClickHouseExporter current = exporter;
        if (current != null && random.nextInt(DIE_ONE_IN) == 0) {
            current.close();
            current = null;
        }
        if (current == null) {
            current = copied.exporter(MAX_ENTRIES);
            exporter = current;
        }
        current.step();
    }

    /** A copy that is well never failed. */
    private void checkCopy() {
        PostgresLedger opened = ledger;
        if (opened != null) {
            assertThat(opened.copyCounts().orElseThrow().failed().values()).containsOnly(0L);
        }
    }

    long answered() {
        PostgresLedger opened = ledger;
        return opened == null ? 0 : opened.copyCounts().orElseThrow().answered();
    }

    @Override
    public void close() {
        ClickHouseExporter current = exporter;
        if (current != null) {
            current.close();
        }
        copied.close();
    }
}
