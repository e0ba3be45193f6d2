package dev.tokenledger.postgres;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.engine.RecordCopy.Failure;
import dev.tokenledger.sql.engine.RecordCopy.Row;
import dev.tokenledger.testkit.TestStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** A schema whose ledger has a copy, which goes on a random way before each call and now and then answers wrongly or not at all. */
final class CopyStore implements TestStore {

    private static final int FAULT_ONE_IN = 4;

    private final SchemaStore store = new SchemaStore(Version.NEWEST, 2);
    private final RandomGenerator random;
    private final OwnCopy copy;

    /** Later at each look, so that a copy that failed is asked again at once. */
    private final AtomicLong nanoTime = new AtomicLong();

    CopyStore(RandomGenerator random) {
        this.random = random;
        copy = new OwnCopy(store.source(), store.schema, 0);
        copy.fault = this::fault;
    }

    OwnCopy copy() {
        return copy;
    }

    @Override
    public Ledger open(PriceBook prices, InstantSource clock) {
        PostgresLedger ledger = store.builder(prices, clock)
                .copy(copy)
                .nanoTime(() -> nanoTime.addAndGet(2 * CopyUse.PAUSE_NANOS))
                .open(store.source());
        return (Ledger) Proxy.newProxyInstance(
                CopyStore.class.getClassLoader(), new Class<?>[] {Ledger.class}, (self, method, arguments) -> {
                    if (!method.getName().equals("close")) {
                        step();
                    }
                    try {
                        return method.invoke(ledger, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private synchronized void step() throws SQLException {
        copy.move(random);
    }

    private synchronized List<Row> fault(List<Row> rows) throws Failure {
        if (random.nextInt(FAULT_ONE_IN) > 0) {
            return rows;
        }
        List<Row> wrong = new ArrayList<>(rows);
        int at = rows.isEmpty() ? -1 : random.nextInt(rows.size());
        switch (random.nextInt(3)) {
            case 0 -> throw new Failure(Failure.Reason.AWAY, "it is away");
            case 1 -> {
                if (at >= 0 && counts(rows.get(at))) {
                    wrong.remove(at);
                }
            }
            default -> {
                if (at >= 0 && counts(rows.get(at))) {
                    wrong.add(rows.get(at));
                }
            }
        }
        return wrong;
    }

    /** A row whose loss shows in totals. */
    private static boolean counts(Row row) {
        for (long figure : row.figures()) {
            if (figure != 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        store.close();
    }
}
