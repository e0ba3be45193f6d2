package dev.tokenledger.imports;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.Merge;
import dev.tokenledger.imports.LogCall.CopyMerge;
import dev.tokenledger.usage.UsageRecord;

/**
 * What a reader tells an import. Every line is told of once, lines in order: as one that holds records, as one that belongs to
 * such, as one about something else, or as one that cannot be read. Lines are numbered from 1.
 */
public interface ImportSink {

    /** The line holds this record. A line that holds several is told of several times in a row. */
    void append(long line, UsageRecord record);

    /**
     * The line holds this record, of which an earlier version of the reader may have read less, or others have told.
     *
     * @param elsewhere where others may have told of the call
     * @param correction says, where the ledger has another record of the call, what is known now; empty if the two are not the
     *     same call, and the line a conflict
     */
    void append(long line, UsageRecord record, Elsewhere elsewhere, CopyMerge correction);

    /** The line holds this copy of a record that grows at its source, see {@link dev.tokenledger.Ledger#revise}. */
    void revise(long line, String key, UsageRecord record, Merge merge);

    /** The line was used for a record that another line completes. */
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

    /** Remembers where the reader stands, in one commit with all that was handed over before. */
    void state(String key, String state);
}
