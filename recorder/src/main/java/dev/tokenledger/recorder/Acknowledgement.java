package dev.tokenledger.recorder;

/** What a caller waits for, within {@linkplain Recorder.Builder#maxDelay its bound}. */
public enum Acknowledgement {
    /**
     * The record is written to the spool: it outlives the process, kill -9 included. The disk has it a moment later, with the
     * ledger's commit or, when the ledger is away, a sync of the spool; until then a loss of power takes it away.
     */
    WRITTEN,
    /** The record is on disk: in a commit of the ledger or, when the ledger is away, in the synced spool. */
    COMMITTED
}
