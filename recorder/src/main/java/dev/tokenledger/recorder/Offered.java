package dev.tokenledger.recorder;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A record on its way, and who waits for what becomes of it. */
final class Offered {

    private final Outgoing call;
    private final byte[] line;
    private final Acknowledgement wanted;
    private final Thread waiter = Thread.currentThread();
    private volatile Receipt receipt = Receipt.PENDING;

    /** Where the line ends in the spool; negative until it is there. */
    private volatile long end = -1;

    Offered(Outgoing call, Acknowledgement wanted) {
        this.call = call;
        line = SpoolLine.write(call);
        this.wanted = wanted;
    }

    Outgoing call() {
        return call;
    }

    byte[] line() {
        return line;
    }

    Acknowledgement wanted() {
        return wanted;
    }

    long end() {
        return end;
    }

    void writtenUpTo(long place) {
        end = place;
    }

    /** Tells who waits, once. */
    void complete(Receipt what) {
        if (receipt == Receipt.PENDING) {
            receipt = what;
            LockSupport.unpark(waiter);
        }
    }

    /** What became of it within so long. An interrupt neither ends the wait nor gets lost. */
    Receipt await(Duration most) {
        long deadline = System.nanoTime() + most.toNanos();
        boolean interrupted = false;
        while (receipt == Receipt.PENDING) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Receipt told = receipt;
        return told == Receipt.PENDING && end >= 0 ? Receipt.SPOOLED : told;
    }
}
