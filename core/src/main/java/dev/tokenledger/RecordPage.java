package dev.tokenledger;

import java.util.List;
import java.util.Optional;

/**
 * Some of the entries that were asked for.
 *
 * @param entries newest call first
 * @param next where the next page goes on; empty on the last one
 */
public record RecordPage(List<LedgerEntry> entries, Optional<RecordQuery.Cursor> next) {

    /** Copies its list. */
    public RecordPage {
        entries = List.copyOf(entries);
    }
}
