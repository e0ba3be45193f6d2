package dev.tokenledger.formats.json;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.usage.RecordId;
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
        Optional<PriceEntry> price = untold(EntryJson.cost(entry), EntryJson.explained(entry));
        Optional<PriceEntry> firstPrice = EntryJson.firstCost(entry).flatMap(cost -> untold(cost, entry.id()));
        return EntryJson.write(entry, ledger, price, firstPrice);
    }

    /** The price of a cost that no line has told yet, which explains the entry with this id. */
    private Optional<PriceEntry> untold(Cost cost, RecordId id) {
        return cost.priceId()
                .filter(told::add)
                .flatMap(untold -> ledger.explain(id)
                        .flatMap(Explanation::entry)
                        .filter(known -> known.id().equals(untold)));
    }
}
