/**
 * An exact copy of a PostgreSQL ledger's records in ClickHouse. {@link dev.tokenledger.clickhouse.ClickHouseExporter} feeds it.
 *
 * <p>Owns the copy's tables and how they are written. How far the copy has come is the ledger's own to say: what is sent counts only
 * once the ledger says so, and whatever happens to the copy, the ledger's answers stay exact without it.
 */
@NullMarked
package dev.tokenledger.clickhouse;

import org.jspecify.annotations.NullMarked;
