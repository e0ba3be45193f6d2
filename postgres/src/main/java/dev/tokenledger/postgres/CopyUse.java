package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.RecordCopy.Failure.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A ledger's copy, and how it fares. After a failure it is left alone for a while; then one question tries it again, and the others
 * wait for none. Safe for use by many threads.
 */
final class CopyUse implements AutoCloseable {

    /** How long a copy that failed is not asked. */
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final RecordCopy copy;
    private final String place;
    private final Consumer<String> listener;
    private final LongSupplier nanoTime;
    private final AtomicLong pausedUntil = new AtomicLong();
    private final LongAdder answered = new LongAdder();
    private final LongAdder paused = new LongAdder();
    private final Map<Reason, LongAdder> failed = new EnumMap<>(Reason.class);
    private volatile boolean failing;

    /**
     * A copy that has not failed yet.
     *
     * @param place the ledger, as messages name it
     * @param listener is told when it begins to fail, and when it answers again
     */
    CopyUse(RecordCopy copy, String place, Consumer<String> listener, LongSupplier nanoTime) {
        this.copy = copy;
        this.place = place;
        this.listener = listener;
        this.nanoTime = nanoTime;
        for (Reason reason : Reason.values()) {
            failed.put(reason, new LongAdder());
        }
    }

    RecordCopy copy() {
        return copy;
    }

    /** Whether to ask it now; whoever is told so does. */
    boolean mayAsk() {
        if (!failing) {
            return true;
        }
        long until = pausedUntil.get();
        long now = nanoTime.getAsLong();
        if (now - until >= 0 && pausedUntil.compareAndSet(until, now + PAUSE_NANOS)) {
            return true;
        }
        paused.increment();
        return false;
    }

    /** It gave an answer that is right. */
    void answered() {
        answered.increment();
        if (failing) {
            synchronized (this) {
                if (failing) {
                    failing = false;
                    listener.accept(place + ": the copy answers again");
                }
            }
        }
    }

    /** It gave none, or a wrong one. */
    void failed(RecordCopy.Failure failure) {
        LongAdder count = failed.get(failure.reason());
        if (count != null) {
            count.increment();
        }
        synchronized (this) {
            pausedUntil.set(nanoTime.getAsLong() + PAUSE_NANOS);
            if (!failing) {
                failing = true;
                listener.accept(place + ": the copy gives no answer (" + failure.getMessage()
                        + "); questions are answered without it, and slower, until it does");
            }
        }
    }

    /** What became of questions so far. */
    CopyCounts counts() {
        Map<String, Long> failures = new TreeMap<>();
        failed.forEach((reason, count) -> failures.put(reason.name().toLowerCase(Locale.ROOT), count.sum()));
        return new CopyCounts(answered.sum(), failures, paused.sum(), failing);
    }

    @Override
    public void close() {
        copy.close();
    }
}
