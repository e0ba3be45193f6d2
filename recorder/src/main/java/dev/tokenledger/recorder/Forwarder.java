package dev.tokenledger.recorder;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerException;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Carries records from the spool to the ledger, in their order, as many in one commit as are there. While the ledger takes
 * nothing it tries again after a pause, and after longer ones; records are revised under their ids, so that one that was
 * carried on before, and the answer of the ledger lost, is a duplicate.
 */
final class Forwarder {

    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final int MAX_BATCH = 500;
    private static final Duration ADOPTION_PAUSE = Duration.ofSeconds(30);

    private final LedgerSource source;
    private final SpoolWriter writer;
    private final Spool spool;
    private final Counters counters;
    private final Duration firstPause;
    private final Duration maxPause;

    private final Object signal = new Object();
    private boolean signalled;
    private boolean closing;
    private long lastAdoption;
    private boolean adopted;

    Forwarder(
            LedgerSource source,
            SpoolWriter writer,
            Spool spool,
            Counters counters,
            Duration firstPause,
            Duration maxPause) {
        this.source = source;
        this.writer = writer;
        this.spool = spool;
        this.counters = counters;
        this.firstPause = firstPause;
        this.maxPause = maxPause;
    }

    /** There is something to carry. */
    void wake() {
        synchronized (signal) {
            signalled = true;
            signal.notifyAll();
        }
    }

    /** Ends once all is carried, or the ledger does not take it. */
    void close() {
        synchronized (signal) {
            closing = true;
            signal.notifyAll();
        }
    }

    void run() {
        Duration pause = firstPause;
        while (true) {
            Step step;
            try {
                step = step();
            } catch (IOException | RuntimeException e) {
                counters.failedSpoolWrites.incrementAndGet();
                counters.problem("cannot read the spool; its records stay there, see to its disk", e);
                step = Step.FAILED;
            }
            synchronized (signal) {
                if (closing && (step == Step.FAILED || (step == Step.NOTHING && !signalled))) {
                    return;
                }
                if (step == Step.FAILED) {
                    rest(pause, false);
                } else if (step == Step.NOTHING) {
                    rest(ADOPTION_PAUSE, true);
                }
            }
            pause = step == Step.FAILED ? shorter(pause.multipliedBy(2), maxPause) : firstPause;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Waits for work, or for time to pass; the monitor is held. */
    private void rest(Duration most, boolean untilSignalled) {
        long deadline = System.nanoTime() + most.toNanos();
        try {
            while (!closing && !(untilSignalled && signalled)) {
                long millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
                if (millis <= 0) {
                    break;
                }
                signal.wait(millis);
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; it ends when it is closed.
            counters.problem("the recorder's thread was interrupted and goes on", e);
        }
        signalled = false;
    }

    private enum Step {
        NOTHING,
        CARRIED,
        FAILED
    }

    private Step step() throws IOException {
        if (!adopted || System.nanoTime() - lastAdoption > ADOPTION_PAUSE.toNanos()) {
            Step step = carryWhatOthersLeft();
            if (step != Step.NOTHING) {
                return step;
            }
            adopted = true;
            counters.othersCarried();
            lastAdoption = System.nanoTime();
        }
        Optional<Segment> segment = spool.oldest();
        if (segment.isPresent()) {
            int carried = carry(segment.get());
            if (carried < 0) {
                return Step.FAILED;
            }
            writer.forwardedTo(segment.get().forwarded());
            counters.pending(-carried);
            return Step.CARRIED;
        }
        spool.clear();
        List<Offered> unspooled = writer.unspooled(MAX_BATCH);
        if (unspooled.isEmpty()) {
            return Step.NOTHING;
        }
        List<Outgoing> records = new ArrayList<>();
        unspooled.forEach(offered -> records.add(offered.call()));
        if (!write(records)) {
            return Step.FAILED;
        }
        writer.forwarded(unspooled);
        return Step.CARRIED;
    }

    private Step carryWhatOthersLeft() throws IOException {
        Optional<Spool.Left> found = spool.adopt();
        if (found.isEmpty()) {
            return Step.NOTHING;
        }
        try (Spool.Left left = found.get()) {
            for (Segment segment : left.segments()) {
                while (!segment.isForwarded()) {
                    if (carry(segment) < 0) {
                        return Step.FAILED;
                    }
                }
            }
            left.delete();
        }
        return Step.CARRIED;
    }

    /** How many lines are in the ledger now that were not; negative if it takes none. */
    private int carry(Segment segment) throws IOException {
        List<Segment.Line> lines = segment.read(MAX_BATCH_BYTES, MAX_BATCH);
        if (lines.isEmpty()) {
            return 0;
        }
        List<Outgoing> records = new ArrayList<>(lines.size());
        int corrupt = 0;
        for (Segment.Line line : lines) {
            Optional<Outgoing> record = line.call();
            if (record.isPresent()) {
                records.add(record.get());
            } else {
                corrupt++;
            }
        }
        if (!write(records)) {
            return -1;
        }
        if (corrupt > 0) {
            counters.corruptLines.addAndGet(corrupt);
            counters.problem("a line of the spool is damaged and was passed over", null);
        }
        segment.forwarded(lines.get(lines.size() - 1).next());
        return lines.size();
    }

    /** Has the ledger take records; false if it took none and they are to be tried again. */
    private boolean write(List<Outgoing> records) {
        if (records.isEmpty()) {
            return true;
        }
        List<WriteResult> results;
        try {
            results = source.get().write(batch(records));
        } catch (LedgerException | IllegalStateException e) {
            return failed(e);
        } catch (RuntimeException e) {
            return writeSingly(records, e);
        } catch (LinkageError | OutOfMemoryError e) {
            return failed(e);
        }
        counters.ledgerBack();
        for (int i = 0; i < results.size(); i++) {
            count(records.get(i).record(), results.get(i));
        }
        return true;
    }

    private boolean failed(Throwable cause) {
        counters.failedWrites.incrementAndGet();
        counters.ledgerAway();
        source.failed(cause);
        counters.problem("the ledger takes no records; they are kept in the spool and tried again", cause);
        writer.syncForWaiters();
        return false;
    }

    /** One of them is none that the ledger can write. */
    private boolean writeSingly(List<Outgoing> records, RuntimeException cause) {
        if (records.size() == 1) {
            setAside(records.get(0).record(), String.valueOf(cause.getMessage()));
            return true;
        }
        for (Outgoing record : records) {
            if (!write(List.of(record))) {
                return false;
            }
        }
        return true;
    }

    private static Batch batch(List<Outgoing> calls) {
        Batch.Builder batch = Batch.builder();
        for (Outgoing call : calls) {
            if (!call.reservation().isEmpty()) {
                BudgetGuard.settle(batch, call.reservation());
            }
            UsageRecord record = call.record();
            String id = record.id().value();
            if (id.length() <= RecordId.MAX_KEY) {
                Batch.Elsewhere elsewhere = SameCall.answerElsewhere(record.upstreamRequestId());
                batch.step(new Batch.Step.Revise(id, elsewhere, record, CallMerge::merge));
            } else {
                batch.append(record);
            }
        }
        return batch.build();
    }

    private void count(UsageRecord record, WriteResult result) {
        if (result instanceof AppendResult.Duplicate) {
            counters.duplicates.incrementAndGet();
        } else if (result instanceof AppendResult.Conflict conflict) {
            setAside(record, "conflict in " + conflict.field());
        } else if (result instanceof AppendResult.Rejected rejected) {
            setAside(record, rejected.reason());
        } else {
            counters.committed.incrementAndGet();
        }
    }

    private void setAside(UsageRecord record, String reason) {
        counters.rejected.incrementAndGet();
        try {
            spool.setAside(SpoolLine.plain(record));
        } catch (IOException e) {
            counters.problem("cannot keep a record that the ledger rejects", e);
        }
        counters.problem("the ledger rejects a record; it is kept in rejected.ndjson of the spool folder", null);
        counters.problem("reason of the last rejection: " + reason, null);
    }
}
