package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.PriceBook;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** A batch that is written only if a reader's state is as expected, and only as a whole. */
final class ConditionalWork implements Work<ConditionalResult> {

    private final String key;
    private final String expected;
    private final String next;
    private final BatchWork batch;
    private boolean asExpected;

    /** @param batch remembers a state under {@code key}, neither empty nor as expected */
    ConditionalWork(String key, String expected, Batch batch, PriceBook prices, Instant now) {
        this.key = key;
        this.expected = expected;
        next = Objects.requireNonNull(batch.readerStates().get(key));
        Batch.Builder others = Batch.builder();
        batch.steps().forEach(others::step);
        batch.readerStates().forEach((other, state) -> {
            if (!other.equals(key)) {
                others.readerState(other, state);
            }
        });
        this.batch = new BatchWork(others.build(), prices, now);
    }

    @Override
    public int size() {
        return batch.size() + 1;
    }

    /** Whoever else wants to change the state waits for this transaction from here on. */
    @Override
    public void apply(WriteKernel kernel) throws SQLException {
        asExpected = kernel.records().compareAndSetReaderState(key, expected, next);
        if (asExpected) {
            batch.apply(kernel);
        }
    }

    @Override
    public void check() throws SQLException {
        if (!asExpected) {
            return;
        }
        batch.check();
        List<WriteResult> results = batch.result();
        if (results.stream().anyMatch(ConditionalWork::isRefused)) {
            throw new BatchRefusedException(new ConditionalResult.Refused(results));
        }
    }

    private static boolean isRefused(WriteResult result) {
        return result instanceof AppendResult.Conflict || result instanceof AppendResult.Rejected;
    }

    @Override
    public ConditionalResult result() {
        return asExpected ? new ConditionalResult.Written(batch.result()) : new ConditionalResult.StateChanged();
    }
}
