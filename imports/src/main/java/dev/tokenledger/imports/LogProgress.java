package dev.tokenledger.imports;

/**
 * How far an import of logs is.
 *
 * @param bytes bytes read
 * @param ofBytes bytes to be read
 * @param files files read to their end, or found unchanged
 * @param ofFiles files found
 * @param lines lines told of
 * @param calls calls that the ledger has answered
 */
public record LogProgress(long bytes, long ofBytes, int files, int ofFiles, long lines, long calls) {}
