/**
 * The embedded ledger: one SQLite file. {@link dev.tokenledger.sqlite.SqliteLedger} is its only door.
 *
 * <p>Owns the file's schema and everything derived from its records. Invariants: a record is never changed or deleted;
 * a record, its run and its roll-ups are committed together; whatever is derived can be computed anew from the records
 * alone.
 */
@NullMarked
package dev.tokenledger.sqlite;

import org.jspecify.annotations.NullMarked;
