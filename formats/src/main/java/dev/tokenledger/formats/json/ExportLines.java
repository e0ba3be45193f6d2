package dev.tokenledger.formats.json;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Writes entries of a ledger as lines that {@link RecordLine} reads: the first with a price tells the price too, so that a copy can
 * explain the costs of all. Not safe for use by several threads.
 */
public final class ExportLines {

    private final Ledger ledger;
    private final Set<PriceId> told = new HashSet<>();

    /** @param ledger whose entries they are */
    public ExportLines(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The line of an entry, without a line break. */
    public String line(LedgerEntry entry) {
        boolean untold = entry.cost().priceId().filter(told::add).isPresent();
        Optional<PriceEntry> price = untold
                ? ledger.explain(entry.id())
                        .flatMap(Explanation::entry)
                        .filter(known -> entry.cost().priceId().equals(Optional.of(known.id())))
                : Optional.empty();
        return price.map(known -> EntryJson.write(entry, known)).orElseGet(() -> EntryJson.write(entry));
    }
}
