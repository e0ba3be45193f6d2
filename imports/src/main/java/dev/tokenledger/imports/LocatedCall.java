package dev.tokenledger.imports;

/**
 * A call with the lines that hold it.
 *
 * @param lines how many they are
 * @param file the file of the first
 * @param line the first
 */
record LocatedCall(ImportedCall call, long lines, String file, long line) {

    LocatedCall merge(LocatedCall other) {
        return new LocatedCall(call.merge(other.call), lines + other.lines, file, line);
    }
}
