package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.RecordQuery.Cursor;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Goes through all entries of a ledger, newest call first, with a page of them in memory at a time. Used by one thread. */
final class EntryWalk {

    /** Entries on a page. */
    static final int PAGE = 1_000;

    /** The order in which entries are listed, the last one first. */
    static final Comparator<Cursor> ORDER =
            Comparator.comparingLong(Cursor::micros).thenComparingLong(Cursor::sequence);

    private final Ledger ledger;
    private Iterator<LedgerEntry> page;
    private Optional<Cursor> next;
    private @Nullable LedgerEntry current;

    EntryWalk(Ledger ledger) {
        this.ledger = ledger;
        RecordPage first = page(ledger, null);
        page = first.entries().iterator();
        next = first.next();
        advance();
    }

    /** The entry that the walk has come to; null at the end. */
    @Nullable
    LedgerEntry current() {
        return current;
    }

    /** Goes on to the next entry. */
    void advance() {
        while (!page.hasNext() && next.isPresent()) {
            RecordPage following = page(ledger, next.get());
            page = following.entries().iterator();
            next = following.next();
        }
        current = page.hasNext() ? page.next() : null;
    }

    /** A page of entries, reversed ones and reversals among them. */
    static RecordPage page(Ledger ledger, @Nullable Cursor after) {
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(true).limit(PAGE);
        if (after != null) {
            query.after(after);
        }
        return ledger.records(query.build());
    }

    /** Where an entry stands in the list. */
    static Cursor place(LedgerEntry entry) {
        return new Cursor(ChronoUnit.MICROS.between(Instant.EPOCH, entry.occurred()), entry.sequence());
    }

    /** Where the pages of a ledger begin, as it is listed now: each cursor stands before a page, the last one behind the last entry. */
    static List<Cursor> pages(Ledger ledger) {
        List<Cursor> places = new ArrayList<>();
        RecordPage page = page(ledger, null);
        if (page.entries().isEmpty()) {
            return places;
        }
        Cursor newest = place(page.entries().get(0));
        // What is written later, and listed before this entry, is no part of the copy.
        places.add(new Cursor(newest.micros(), newest.sequence() + 1));
        while (true) {
            places.add(place(page.entries().get(page.entries().size() - 1)));
            if (page.next().isEmpty()) {
                return places;
            }
            page = page(ledger, page.next().get());
        }
    }
}
