package dev.tokenledger.imports;

import java.io.IOException;

/** Reads one kind of file. Implementations keep no state between files unless they say so. */
public interface UsageSource {

    /** The source's name on the command line and in reports, such as {@code ndjson}. */
    String name();

    /**
     * Reads a file from beginning to end, or from where it was left off, and tells of each line what became of it.
     *
     * @throws IOException if the file cannot be read; what was handed over before is kept
     */
    void read(ImportInput input, ImportSink sink) throws IOException;
}
