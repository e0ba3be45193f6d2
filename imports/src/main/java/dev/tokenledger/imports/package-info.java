/**
 * Bringing records from elsewhere into a ledger. Owns the one import engine: {@link dev.tokenledger.imports.Importer} finds
 * and remembers files, merges the copies of calls, writes in batches, counts and reports; a {@link
 * dev.tokenledger.imports.UsageSource} says what the lines of a file mean. Invariants: every line read is counted once, as
 * used, ignored or skipped with a reason; importing again adds nothing; a bad line costs that line alone; of a file nothing is
 * remembered that is not stored. Not here: the rules of any program's files, which are in {@code agents} and {@code ledgers}.
 */
@NullMarked
package dev.tokenledger.imports;

import org.jspecify.annotations.NullMarked;
