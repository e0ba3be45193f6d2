package dev.tokenledger.recorder;

/** What had become of a record when {@link Recorder#record} returned. */
public enum Receipt {
    /** It is in the ledger, as durable as the ledger makes it. */
    COMMITTED(true),
    /** It is in the spool, which the end of the process does not take away, and goes to the ledger in its turn. */
    SPOOLED(true),
    /** It is in memory alone: neither the ledger nor the spool took it in time. It is still tried. */
    PENDING(false),
    /** It is lost: it was no record, there was no room, or the recorder is closed. It is counted and reported. */
    DROPPED(false);

    private final boolean acknowledged;

    Receipt(boolean acknowledged) {
        this.acknowledged = acknowledged;
    }

    /** Whether the record outlives the process. */
    public boolean acknowledged() {
        return acknowledged;
    }
}
