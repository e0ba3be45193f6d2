/**
 * A ledger over SQL, whatever the database: {@link dev.tokenledger.sql.SqlLedger} carries the rules, a {@link
 * dev.tokenledger.sql.SqlBackend} the sessions. The packages beneath know nothing of this one.
 *
 * <p>For backends alone: it may change with any version.
 */
@NullMarked
package dev.tokenledger.sql;

import org.jspecify.annotations.NullMarked;
