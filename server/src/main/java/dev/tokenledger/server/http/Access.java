package dev.tokenledger.server.http;

/** Who may call a route, when the server asks for keys. */
public enum Access {
    /** Anybody, without a key: for what tells nothing of the ledger. */
    ANYONE,
    /** Keys that may write records. */
    INGEST,
    /** Keys that may read what the ledger holds. */
    READ,
    /** Keys that may do everything: for what changes totals that were told before. */
    ADMIN
}
