package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything that can be done to a ledger, to be done within the transaction of a {@link GroupCommit}. */
public final class Works {

    private Works() {}

    /** Appends a record, as {@link dev.tokenledger.Ledger#append} does; it is priced by this call. */
    public static Work<AppendResult> append(UsageRecord record, PriceBook prices, Instant now) {
        return new AppendWork(WriteKernel.prepare(record, prices, now));
    }

    /** Writes a batch, as {@link dev.tokenledger.Ledger#write} does; its records are priced by this call. */
    public static Work<List<WriteResult>> write(Batch batch, PriceBook prices, Instant now) {
        return new BatchWork(batch, prices, now);
    }

    /** Reverses a record, as {@link dev.tokenledger.Ledger#reverse} does. */
    public static Work<ReversalResult> reverse(RecordId id, String reason) {
        return new OtherWork<>(kernel -> Corrections.reverse(kernel, id, reason));
    }

    /** Replaces a record, as {@link dev.tokenledger.Ledger#replace} does. */
    public static Work<ReversalResult> replace(RecordId id, UsageRecord replacement, String reason) {
        return new OtherWork<>(kernel -> Corrections.replace(kernel, id, replacement, reason));
    }

    /** Writes a mark of closed periods unless the last one says the same, as {@link dev.tokenledger.Ledger#markPeriod} does. */
    public static Work<PeriodMark> mark(PeriodMark mark) {
        return new OtherWork<>(kernel -> Corrections.mark(kernel, mark));
    }

    /** Writes a batch if a reader's state is as expected, as {@link dev.tokenledger.Ledger#writeIf} does. */
    public static Work<ConditionalResult> writeIf(
            String key, String expected, Batch batch, PriceBook prices, Instant now) {
        return new ConditionalWork(key, expected, batch, prices, now);
    }

    /** Computes everything derived anew. */
    public static Work<Boolean> rebuild() {
        return new OtherWork<>(kernel -> {
            kernel.rebuild();
            return true;
        });
    }

    /** Writes something that changes nothing, to find out whether it can. */
    public static Work<Boolean> touch() {
        return new OtherWork<>(kernel -> {
            kernel.touch();
            return true;
        });
    }

    private record AppendWork(PreparedRecord row) implements Work<AppendResult> {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public void apply(WriteKernel kernel) {
            kernel.stage(row);
        }

        @Override
        public AppendResult result() {
            return row.result();
        }
    }

    private static final class OtherWork<T> implements Work<T> {

        @FunctionalInterface
        interface Doing<T> {
            T run(WriteKernel kernel) throws SQLException;
        }

        private final Doing<T> doing;
        private @Nullable T result;

        OtherWork(Doing<T> doing) {
            this.doing = doing;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public void apply(WriteKernel kernel) throws SQLException {
            result = doing.run(kernel);
        }

        @Override
        public T result() {
            return Objects.requireNonNull(result);
        }
    }
}
