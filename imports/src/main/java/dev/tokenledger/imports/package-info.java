/**
 * Bringing records from elsewhere into a ledger. Owns what all readers share: {@link dev.tokenledger.imports.Importer} writes
 * in batches, counts and reports; a reader is a {@link dev.tokenledger.imports.UsageSource} that turns a file's lines into
 * records. Invariants: every line read is counted once, as used, ignored or skipped with a reason; importing again adds
 * nothing; a bad line costs that line alone.
 */
@NullMarked
package dev.tokenledger.imports;

import org.jspecify.annotations.NullMarked;
