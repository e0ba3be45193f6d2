/**
 * What every ledger decides alike, whatever it stores records in: what a revision of a key is, and how groups are ordered and
 * limited, who may read its files. For makers of ledgers: the root package's {@code ListLedger} and {@code Batch}, and the backends over SQL. It
 * stores nothing and knows no backend.
 */
@NullMarked
package dev.tokenledger.backend;

import org.jspecify.annotations.NullMarked;
