package dev.tokenledger.formats.pricelists;

import dev.tokenledger.pricing.PriceEntry;
import java.util.List;

/**
 * A price list of another project as entries.
 *
 * @param entries one for each model and span of time; never two for the same
 * @param read how many prices the list states, those left out included
 * @param leftOut what did not become an entry, or a part of one
 */
public record PriceList(List<PriceEntry> entries, int read, LeftOut leftOut) {
    /** Copies its list. */
    public PriceList {
        entries = List.copyOf(entries);
    }
}
