/**
 * How a ledger is written, whatever the database: work of many callers in one transaction, retries told from conflicts,
 * corrections, and what a transaction adds to the roll-ups.
 *
 * <p>Invariants: nobody is told before the commit; a record and its cells are committed together; nothing that was learnt in
 * a transaction outlives its rollback unless the database says that it does. For backends alone: it may change with any
 * version.
 */
@NullMarked
package dev.tokenledger.sql.writing;

import org.jspecify.annotations.NullMarked;
