package dev.tokenledger.imports;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.imports.ImportedCall.CopyMerge;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.UsageRecord;
import java.util.Optional;

/**
 * What a {@link UsageSource} tells of one file. Every line is told of once, lines in order, as used, ignored or skipped; they are
 * numbered from 1 in the whole file. In a file that is no text, whatever holds one call (a row, a message) stands for a line.
 * Not safe for use by several threads.
 */
public interface ImportSink {

    /**
     * The line is used: it holds a copy of this call, which is merged with the other copies before it is written. For a further
     * call of the same line see {@link #further}.
     */
    void call(long line, ImportedCall call);

    /** A further call of the line that was told of last. */
    void further(long line, ImportedCall call);

    /** The line is used: it holds this record, which is written as it is. A line that holds several is told of several times in a row. */
    void append(long line, UsageRecord record);

    /**
     * The line is used: it holds this record, of which an earlier version of the reader may have read less, or others have told.
     *
     * @param elsewhere where others may have told of the call
     * @param correction says, where the ledger has another record of the call, what is known now; empty if the two are not the
     *     same call, and the line a conflict
     */
    void append(long line, UsageRecord record, Elsewhere elsewhere, CopyMerge correction);

    /** The line is used: it holds an entry of another ledger, see {@link dev.tokenledger.Batch.Step.Restore}. */
    void restore(long line, LedgerEntry entry, Optional<PriceEntry> price);

    /**
     * The line is used: it holds what another ledger remembers of a run of repricing. It is remembered once all entries are written,
     * unless the ledger remembers something of that run. A sink that knows of no runs leaves it out.
     *
     * @param key of the reader's state
     * @param state not empty
     */
    default void remember(long line, String key, String state) {
        use(line);
    }

    /**
     * The line is used: it says how far another ledger's periods are closed. They are closed so once all entries are written, unless
     * the ledger has closed periods before. A sink that closes nothing leaves it out.
     */
    default void close(long line, PeriodMark mark) {
        use(line);
    }

    /** The line was used for something that other lines complete. */
    void use(long line);

    /** The line is blank, or about something other than usage. */
    void ignore(long line);

    /**
     * The line cannot be read.
     *
     * @param reason a word to count by, such as {@code invalid_json}
     * @param message what is wrong, without the line's number and without its content
     */
    void skip(long line, String reason, String message);

    /** Something is wrong with the line, though it was used. */
    void problem(long line, String reason, String message);

    /**
     * Everything before this place was told of. The next import begins here if the file has only grown. To be called after every
     * line or every few hundred, and at the end; may be called often. Ignored for a file of which nothing is remembered.
     *
     * @param offset in bytes
     * @param line how many lines stand before it
     * @param carry what the reader needs to continue from here, see {@link ImportFile#carry}; up to 32,768 characters
     */
    void reached(long offset, long line, String carry);
}
