package dev.tokenledger.imports;

import dev.tokenledger.Batch;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.WriteResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes to a ledger, and waits for another writer that keeps it locked, as long as that one makes progress. */
final class PatientLedger {

    /** How long a writer may show no progress before it is taken for one that hangs. */
    private static final Duration MAX_IDLE = Duration.ofMinutes(1);

    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final Function<Batch, List<WriteResult>> ledger;
    private final @Nullable Supplier<String> otherWriter;
    private final ImportListener listener;
    private final LongSupplier nanoTime;

    PatientLedger(
            Function<Batch, List<WriteResult>> ledger,
            @Nullable Supplier<String> otherWriter,
            ImportListener listener) {
        this(ledger, otherWriter, listener, System::nanoTime);
    }

    PatientLedger(
            Function<Batch, List<WriteResult>> ledger,
            @Nullable Supplier<String> otherWriter,
            ImportListener listener,
            LongSupplier nanoTime) {
        this.ledger = ledger;
        this.otherWriter = otherWriter;
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /** @throws LedgerBusyException if nobody is waited for, or the other writer has shown no progress for a minute */
    List<WriteResult> write(Batch batch) {
        long start = nanoTime.getAsLong();
        long progressed = start;
        String seen = "";
        while (true) {
            try {
                return ledger.apply(batch);
            } catch (LedgerBusyException e) {
                if (otherWriter == null) {
                    throw e;
                }
                long now = nanoTime.getAsLong();
                String activity = otherWriter.get();
                if (!activity.equals(seen)) {
                    seen = activity;
                    progressed = now;
                } else if (now - progressed > MAX_IDLE.toNanos()) {
                    throw e;
                }
                listener.waiting(Duration.ofNanos(now - start));
                // The ledger has waited itself, as a rule; where it answers at once this must not spin.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
