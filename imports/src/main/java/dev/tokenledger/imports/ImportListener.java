package dev.tokenledger.imports;

import java.time.Duration;

/** Hears how an import goes, on the thread that runs it. */
public interface ImportListener {

    /** Hears nothing. */
    ImportListener NONE = new ImportListener() {};

    /**
     * A file was begun, a batch was committed, or a file is at its end.
     *
     * @param input the file; {@link ImportInput#bytesRead} of {@link ImportInput#size} says how far it is
     * @param file the file's number, from 1
     * @param files how many there are
     * @param lines lines read so far, of all files
     * @param calls calls that the ledger has answered so far, of all files
     */
    default void progress(ImportInput input, int file, int files, long lines, long calls) {}

    /** Of logs, a part of a file was read, or a batch was committed. */
    default void progress(LogProgress progress) {}

    /**
     * The ledger is locked by another writer that makes progress, and is waited for.
     *
     * @param waited for how long so far
     */
    default void waiting(Duration waited) {}

    /** Something was not taken in. */
    default void problem(ImportProblem problem) {}
}
