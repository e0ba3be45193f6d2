package dev.tokenledger.recorder;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Writes records to the spool, all that wait in one write, and tells those who wait. A record that the spool does not take is
 * kept in memory, if there is room, and offered to both the spool and the ledger again.
 */
final class SpoolWriter {

    private static final int MAX_WAITING = 10_000;
    private static final int MAX_UNSPOOLED = 10_000;
    private static final int MAX_BATCH = 1_000;
    private static final long TICK_MILLIS = 500;

    private final BlockingQueue<Offered> queue = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Spool spool;
    private final Counters counters;
    private final Runnable wakeForwarder;

    /** Written, and waiting for the disk to have it, by place. Guarded by itself. */
    private final Deque<Offered> awaiting = new ArrayDeque<>();

    /** Not in the spool, oldest first. Guarded by itself. */
    private final Deque<Offered> unspooled = new ArrayDeque<>();

    /** Places up to here are in the ledger. Set by the forwarder's thread alone. */
    private volatile long forwarded;

    private volatile boolean closing;

    SpoolWriter(Spool spool, Counters counters, Runnable wakeForwarder) {
        this.spool = spool;
        this.counters = counters;
        this.wakeForwarder = wakeForwarder;
    }

    /** Takes a record, if there is room. */
    boolean offer(Offered offered) {
        return !closing && queue.offer(offered);
    }

    /** Ends once all that was taken is written. */
    void close() {
        closing = true;
    }

    void run() {
        while (true) {
            List<Offered> batch = new ArrayList<>();
            try {
                Offered first = queue.poll(closing ? 0 : TICK_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, MAX_BATCH - 1);
                } else if (closing) {
                    return;
                }
            } catch (InterruptedException e) {
                counters.problem("the recorder's thread was interrupted and goes on", e);
            }
            try {
                write(batch);
            } catch (RuntimeException e) {
                counters.problem("the recorder failed by a fault of its own", e);
                batch.forEach(this::keepInMemory);
            }
        }
    }

    private void write(List<Offered> batch) {
        List<Offered> all;
        synchronized (unspooled) {
            all = new ArrayList<>(unspooled);
        }
        int kept = all.size();
        all.addAll(batch);
        if (all.isEmpty()) {
            return;
        }
        int length = all.stream().mapToInt(offered -> offered.line().length).sum();
        byte[] lines = new byte[length];
        int at = 0;
        for (Offered offered : all) {
            System.arraycopy(offered.line(), 0, lines, at, offered.line().length);
            at += offered.line().length;
        }
        long end;
        try {
            end = spool.append(lines, length);
        } catch (IOException e) {
            counters.failedSpoolWrites.incrementAndGet();
            counters.problem(
                    "cannot write to the spool; records are kept in memory until it or the ledger takes them", e);
            batch.forEach(this::keepInMemory);
            wakeForwarder.run();
            return;
        }
        synchronized (unspooled) {
            for (int i = 0; i < kept; i++) {
                if (!unspooled.remove(all.get(i))) {
                    // The ledger took it meanwhile; it is carried on once more, from the spool.
                    counters.pending(1);
                }
            }
        }
        long place = end - length;
        synchronized (awaiting) {
            for (Offered offered : all) {
                place += offered.line().length;
                offered.writtenUpTo(place);
                if (offered.wanted() == Acknowledgement.COMMITTED) {
                    awaiting.add(offered);
                }
            }
        }
        for (Offered offered : all) {
            if (offered.wanted() == Acknowledgement.WRITTEN) {
                offered.complete(Receipt.SPOOLED);
            }
        }
        // The forwarder may have carried them on before they were awaiting.
        complete(forwarded, Receipt.COMMITTED);
        wakeForwarder.run();
        if (counters.isLedgerAway()) {
            syncForWaiters();
        }
    }

    private void keepInMemory(Offered offered) {
        boolean room;
        synchronized (unspooled) {
            room = unspooled.size() < MAX_UNSPOOLED;
            if (room) {
                unspooled.addLast(offered);
            }
        }
        if (!room) {
            counters.pending(-1);
            counters.dropped.incrementAndGet();
            counters.problem("a record is lost: neither the spool nor the ledger takes any, and memory is full", null);
            offered.complete(Receipt.DROPPED);
        }
    }

    /** Records that are in memory alone, for the ledger to take. */
    List<Offered> unspooled(int most) {
        synchronized (unspooled) {
            return unspooled.stream().limit(most).toList();
        }
    }

    /** These are in the ledger. */
    void forwarded(List<Offered> records) {
        synchronized (unspooled) {
            for (Offered offered : records) {
                if (unspooled.remove(offered)) {
                    counters.pending(-1);
                }
            }
        }
        records.forEach(offered -> offered.complete(Receipt.COMMITTED));
    }

    /** What was written before this place is in the ledger. */
    void forwardedTo(long place) {
        forwarded = place;
        complete(place, Receipt.COMMITTED);
    }

    /** Has the disk take the spool, and tells those who wait for that. */
    void syncForWaiters() {
        long place;
        try {
            place = spool.sync();
        } catch (IOException e) {
            counters.failedSpoolWrites.incrementAndGet();
            counters.problem("cannot sync the spool; its records outlive the process, but not the machine", e);
            return;
        }
        complete(place, Receipt.SPOOLED);
    }

    /** Tells those who wait for what was written before a place. */
    private void complete(long place, Receipt receipt) {
        List<Offered> done = new ArrayList<>();
        synchronized (awaiting) {
            while (!awaiting.isEmpty() && awaiting.getFirst().end() <= place) {
                done.add(awaiting.removeFirst());
            }
        }
        done.forEach(offered -> offered.complete(receipt));
    }
}
