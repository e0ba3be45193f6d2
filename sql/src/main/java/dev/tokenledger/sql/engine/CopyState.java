package dev.tokenledger.sql.engine;

/**
 * How far a copy of the ledger's records elsewhere has come, as the ledger itself keeps it. The copy has every record that a
 * transaction below {@code written} wrote, exactly once: those of its rows count that were written below {@code termFrom}, and those
 * of this term that were written below {@code written}. The rest is the ledger's. Immutable.
 *
 * <p>A term is a number drawn at random whenever somebody begins to feed the copy. A row that somebody else sent before, and that
 * arrives late, therefore never counts.
 *
 * @param relation the copy's table
 * @param written the first transaction whose records are not promised to be there; 0 if nothing is
 * @param term whose rows count from {@code termFrom} on
 * @param termFrom where the term began
 * @param entries how many rows count
 * @param checksum the sum of their numbers, as {@code long} addition wraps it
 */
public record CopyState(String relation, long written, long term, long termFrom, long entries, long checksum) {}
