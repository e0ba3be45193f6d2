/**
 * The shared ledger: one schema of a PostgreSQL database that any number of processes write to and read.
 *
 * <p>Owns the schema, the SQL that fills and reads it, and what PostgreSQL's errors mean. Invariants: a record is never changed
 * or deleted; a record and its delta to the roll-ups are committed together; no row is updated in the transaction that stores
 * a record, so that writers of several processes never wait for each other but for the very same ids.
 */
@NullMarked
package dev.tokenledger.postgres;

import org.jspecify.annotations.NullMarked;
