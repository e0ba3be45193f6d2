package dev.tokenledger.imports.ledgers;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.usage.RecordId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the entries of an export into the order in which they can be restored, and gives each the price that the export told with
 * an earlier one.
 *
 * <p>An export lists the newest call first, so a reversal or revaluation stands before the record that it concerns; but both are of one
 * instant.
 * So the lines of one instant are held until another comes, and handed over in the order of writing, which also keeps the order
 * in which entries of one instant are listed. Of more lines of one instant than are held, those go on whose reversal,
 * revaluation or record has come.
 */
final class ExportedEntries {

    private static final int MAX_HELD = 10_000;

    /** Takes the entries in their order. */
    @FunctionalInterface
    interface Restoring {
        void restore(long line, LedgerEntry entry, Optional<PriceEntry> price);
    }

    private record Held(long line, LedgerEntry entry) {}

    private final Restoring restoring;
    private final int maxHeld;
    private final Map<PriceId, PriceEntry> prices = new HashMap<>();

    /** Records whose last revaluation was restored by what the record's line says of it: lines of any are of no use then. */
    private final Set<RecordId> revalued = new HashSet<>();

    private List<Held> held = new ArrayList<>();

    ExportedEntries(Restoring restoring) {
        this(restoring, MAX_HELD);
    }

    ExportedEntries(Restoring restoring, int maxHeld) {
        this.restoring = restoring;
        this.maxHeld = maxHeld;
    }

    /** Takes an entry and the prices that its line tells. */
    void add(long line, LedgerEntry entry, List<PriceEntry> told) {
        told.forEach(price -> prices.putIfAbsent(price.id(), price));
        if (!held.isEmpty() && !instant().equals(entry.occurred())) {
            end();
        }
        held.add(new Held(line, entry));
        if (held.size() >= maxHeld) {
            handOverPairs();
        }
    }

    private Instant instant() {
        return held.get(0).entry.occurred();
    }

    /** Hands over everything that is held. */
    void end() {
        List<Held> all = held;
        held = new ArrayList<>();
        handOver(all);
    }

    /** Hands over all but those of which a reversal or the reversed record has not come; if those are most, all. */
    private void handOverPairs() {
        Set<RecordId> ids = new HashSet<>();
        held.forEach(one -> ids.add(one.entry.id()));
        List<Held> whole = new ArrayList<>();
        List<Held> waiting = new ArrayList<>();
        for (Held one : held) {
            boolean paired = one.entry
                            .reversal()
                            .map(reversal -> ids.contains(reversal.id()) && ids.contains(reversal.reverses()))
                            .orElse(true)
                    && one.entry
                            .revaluation()
                            .map(last -> ids.contains(last.id()) && ids.contains(last.revalues()))
                            .orElse(true);
            (paired ? whole : waiting).add(one);
        }
        if (waiting.size() > maxHeld / 2) {
            end();
        } else {
            held = waiting;
            handOver(whole);
        }
    }

    private void handOver(List<Held> entries) {
        entries.sort(Comparator.comparingLong(one -> one.entry.sequence()));
        Set<RecordId> later = new HashSet<>();
        Map<RecordId, Integer> revaluations = new HashMap<>();
        for (Held one : entries) {
            if (one.entry.kind() == Kind.REVERSAL || one.entry.kind() == Kind.REVALUATION) {
                later.add(one.entry.id());
            }
            if (one.entry.kind() == Kind.REVALUATION) {
                revaluations.merge(one.entry.record().id(), 1, Integer::sum);
            }
        }
        for (Held one : entries) {
            if (one.entry.kind() == Kind.REVALUATION
                    && revalued.contains(one.entry.record().id())) {
                continue;
            }
            restore(one.line, one.entry);
            if (one.entry.kind() == Kind.USAGE) {
                one.entry
                        .revaluation()
                        .filter(last -> last.number() != revaluations.getOrDefault(one.entry.id(), 0))
                        .ifPresent(last -> {
                            revalued.add(one.entry.id());
                            restore(one.line, revaluationOf(one.entry, last));
                        });
            }
            if (one.entry.kind() == Kind.USAGE || one.entry.kind() == Kind.ADJUSTMENT) {
                one.entry
                        .reversal()
                        .filter(reversal -> !later.contains(reversal.id()))
                        .ifPresent(reversal -> restore(one.line, reversalOf(one.entry, reversal)));
            }
        }
    }

    /** The last revaluation of a record of which not all have lines: it is the first one of the copy. */
    private static LedgerEntry revaluationOf(LedgerEntry entry, Revaluation last) {
        Revaluation first = new Revaluation(last.id(), last.revalues(), 1, last.run(), last.reason(), last.cost());
        return LedgerEntry.ofRevaluation(entry.sequence(), entry.record(), first, entry.recorded());
    }

    /** The reversal of a record whose own line is missing: that it was reversed is known, but not when. */
    private static LedgerEntry reversalOf(LedgerEntry entry, Reversal reversal) {
        return LedgerEntry.ofReversal(entry.sequence(), entry, reversal, entry.recorded());
    }

    private void restore(long line, LedgerEntry entry) {
        Optional<PriceEntry> price = entry.cost().priceId().map(prices::get);
        restoring.restore(line, entry, price);
    }
}
