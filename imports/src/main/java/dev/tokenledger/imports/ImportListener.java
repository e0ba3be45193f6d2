package dev.tokenledger.imports;

import java.time.Duration;

/** Hears how an import goes, on the thread that runs it. */
public interface ImportListener {

    /** Hears nothing. */
    ImportListener NONE = new ImportListener() {};

    /**
     * How far an import is.
     *
     * @param file the path or name of the file that is being read; empty of a log, of which several are read at once
     * @param number the file's number, from 1; unchanged files count
     * @param files how many there are
     * @param bytes bytes read, of all files
     * @param ofBytes bytes to be read, as far as that is known
     * @param lines lines read
     * @param calls calls that the ledger has answered
     */
    record Progress(String file, int number, int files, long bytes, long ofBytes, long lines, long calls) {}

    /** A file was begun, a part of it was read, a batch was committed, or the file is at its end. */
    default void progress(Progress progress) {}

    /**
     * The ledger is locked by another writer that makes progress, and is waited for.
     *
     * @param waited for how long so far
     */
    default void waiting(Duration waited) {}

    /** Something was not taken in. */
    default void problem(ImportProblem problem) {}
}
