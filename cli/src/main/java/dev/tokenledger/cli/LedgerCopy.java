package dev.tokenledger.cli;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery.Cursor;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Copies all entries of a ledger into another, and what readers asked it to remember.
 *
 * <p>A ledger lists its entries newest call first, and a reversal can be restored after its record alone. So the list is gone
 * through once for where its pages begin, and then copied page by page from its end, in one commit each: entries of the same
 * instant are written in the order in which they were, and the copy lists them as the original does. Whoever is stopped and begins
 * again finds what is there to be duplicates. In memory are a page of entries, a cursor for each page, prices, and readers' states.
 *
 * <p>Readers' states are read before the entries and written after them: a state that is ahead of its records would have a reader
 * skip those for ever.
 */
final class LedgerCopy {

    /** Entries that may have come to stand between two of a page while it was copied. */
    private static final int MAX_GROWTH = 20 * EntryWalk.PAGE;

    private static final int MAX_PRICES = 10_000;

    private final Ledger from;
    private final Ledger to;
    private final LongConsumer progress;
    private final Map<PriceId, Optional<PriceEntry>> prices = new HashMap<>();
    private long added;
    private long present;

    /**
     * Between two open ledgers, neither of which is closed.
     *
     * @param progress is told how many entries are done
     */
    LedgerCopy(Ledger from, Ledger to, LongConsumer progress) {
        this.from = from;
        this.to = to;
        this.progress = progress;
    }

    /** Entries that were not there. */
    long added() {
        return added;
    }

    /** Entries that were there already. */
    long present() {
        return present;
    }

    /**
     * Copies.
     *
     * @return the first entry that the other ledger has differently, with which the copy ends; empty if everything is there
     */
    Optional<LedgerDifference> run() {
        Map<String, String> states = from.readerStates("");
        List<Cursor> pages = EntryWalk.pages(from);
        for (int i = pages.size() - 2; i >= 0; i--) {
            Optional<LedgerDifference> difference = write(between(pages.get(i), pages.get(i + 1)));
            if (difference.isPresent()) {
                return difference;
            }
            progress.accept(added + present);
        }
        write(states);
        mark(from.periodMarks());
        return Optional.empty();
    }

    /** Closes what is closed there; that it was ever open, and since when it is closed, is not copied. */
    private void mark(List<PeriodMark> marks) {
        if (!marks.isEmpty()) {
            PeriodMark last = marks.get(marks.size() - 1);
            to.markPeriod(last.closedBefore(), zone(last), last.reason());
        }
    }

    private static ZoneId zone(PeriodMark mark) {
        try {
            return ZoneId.of(mark.zone());
        } catch (DateTimeException e) {
            // Written by a machine that knows more zones.
            return ZoneOffset.UTC;
        }
    }

    /** The entries from behind one place up to another, oldest call first. */
    private List<LedgerEntry> between(Cursor start, Cursor end) {
        List<LedgerEntry> entries = new ArrayList<>();
        Optional<Cursor> next = Optional.of(start);
        while (next.isPresent()) {
            RecordPage page = EntryWalk.page(from, next.get());
            next = page.next();
            for (LedgerEntry entry : page.entries()) {
                if (EntryWalk.ORDER.compare(EntryWalk.place(entry), end) < 0) {
                    next = Optional.empty();
                    break;
                }
                entries.add(entry);
            }
            if (entries.size() > MAX_GROWTH) {
                throw new CommandException(
                        "the ledger to copy from grows faster than it is copied; what was copied stays."
                                + " Stop what writes to it, and run the same command again");
            }
        }
        Collections.reverse(entries);
        return entries;
    }

    private Optional<LedgerDifference> write(List<LedgerEntry> entries) {
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        Batch.Builder batch = Batch.builder();
        entries.forEach(entry -> batch.restore(entry, price(entry)));
        List<WriteResult> results = to.write(batch.build());
        for (int i = 0; i < results.size(); i++) {
            WriteResult result = results.get(i);
            if (result instanceof AppendResult.Conflict conflict) {
                return Optional.of(new LedgerDifference(
                        "entry " + entries.get(i).id() + ": " + conflict.field(),
                        conflict.offered(),
                        conflict.stored()));
            }
            if (result instanceof AppendResult.Rejected rejected) {
                return Optional.of(
                        new LedgerDifference("entry " + entries.get(i).id(), "there", rejected.reason()));
            }
            if (result instanceof AppendResult.Appended) {
                added++;
            } else {
                present++;
            }
        }
        return Optional.empty();
    }

    /** The price entry that a cost came from, asked for once for each price. */
    private Optional<PriceEntry> price(LedgerEntry entry) {
        Optional<PriceId> id = entry.cost().priceId();
        if (id.isEmpty()) {
            return Optional.empty();
        }
        if (prices.size() >= MAX_PRICES) {
            prices.clear();
        }
        return prices.computeIfAbsent(
                id.get(),
                absent -> from.explain(entry.id())
                        .flatMap(Explanation::entry)
                        .filter(price -> price.id().equals(absent)));
    }

    private void write(Map<String, String> states) {
        Batch.Builder batch = Batch.builder();
        int size = 0;
        for (Map.Entry<String, String> state : states.entrySet()) {
            batch.readerState(state.getKey(), state.getValue());
            if (++size == EntryWalk.PAGE) {
                to.write(batch.build());
                batch = Batch.builder();
                size = 0;
            }
        }
        if (size > 0) {
            to.write(batch.build());
        }
    }
}
