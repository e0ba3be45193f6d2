package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.pricelists.PriceChanges.Change;
import dev.tokenledger.formats.pricelists.PriceChanges.Kind;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A layer of updated prices after one more list: what was there, and what the list changes from now on. Nothing that priced a
 * call until now ends before now, so yesterday's calls keep yesterday's price.
 *
 * @param entries the whole layer
 * @param changes what the list says beside the book, entry by entry; those of its past are left out
 */
public record PriceUpdate(List<PriceEntry> entries, List<Change> changes) {

    /** Copies its lists. */
    public PriceUpdate {
        entries = List.copyOf(entries);
        changes = List.copyOf(changes);
    }

    /**
     * Lays a list over a book.
     *
     * @param below the book below the layer
     * @param present the layer's entries so far
     * @param listed the list's entries
     * @param instant now
     */
    public static PriceUpdate of(
            PriceBook below, Collection<PriceEntry> present, Collection<PriceEntry> listed, Instant instant) {
        Instant now = instant.truncatedTo(ChronoUnit.SECONDS);
        PriceBook book = below.with("updated", present);
        List<Change> changes = PriceChanges.of(book, comingOrInForce(listed, now), now);
        List<PriceEntry> written = new ArrayList<>();
        List<Change> replacing = new ArrayList<>();
        for (Change change : changes) {
            if (change.kind() == Kind.ADDED) {
                written.add(change.entry());
            } else if (change.kind() == Kind.CHANGED) {
                replacing.add(change);
                written.add(from(change.entry(), now));
            }
        }
        for (PriceEntry kept : PriceChanges.keptHours(book, replacing, now)) {
            written.add(from(kept, now));
        }
        List<PriceEntry> entries = new ArrayList<>();
        Set<List<String>> keys = new HashSet<>();
        Set<List<String>> models = new HashSet<>();
        written.forEach(entry -> {
            keys.add(PriceChanges.key(entry));
            models.add(List.of(entry.provider(), entry.model()));
        });
        for (PriceEntry old : present) {
            boolean begun = old.from().orElse(Instant.MIN).isBefore(now);
            if (begun || !models.contains(List.of(old.provider(), old.model()))) {
                // Hours of the day that the list says no more about end with the rates they went with.
                boolean ends = begun
                        && old.hours().isPresent()
                        && models.contains(List.of(old.provider(), old.model()))
                        && !keys.contains(PriceChanges.key(old))
                        && old.until().filter(until -> !until.isAfter(now)).isEmpty();
                entries.add(ends ? old.toBuilder().until(now).build() : old);
            }
        }
        entries.addAll(written);
        return new PriceUpdate(PriceChanges.withoutSharedAliases(entries), changes);
    }

    private static List<PriceEntry> comingOrInForce(Collection<PriceEntry> listed, Instant now) {
        Map<List<String>, List<PriceEntry>> timelines = PriceChanges.timelines(listed);
        return listed.stream()
                .filter(entry -> PriceChanges.end(entry, timelines.getOrDefault(PriceChanges.key(entry), List.of()))
                        .isAfter(now))
                .toList();
    }

    private static PriceEntry from(PriceEntry entry, Instant now) {
        return entry.from().filter(from -> from.isAfter(now)).isPresent()
                ? entry
                : entry.toBuilder().from(now).build();
    }
}
