package dev.tokenledger.imports;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The records that one line holds, each with an id of its own: no other line has a copy of them. */
record RecordsOfLine(String key, List<Offer> offers) implements ImportedCall {

    static RecordsOfLine of(String file, long line, Offer offer) {
        return new RecordsOfLine(file + ":" + line, List.of(offer));
    }

    /** Adds a further record of the same line. */
    @Override
    public ImportedCall merge(ImportedCall other) {
        List<Offer> all = new ArrayList<>(offers);
        all.addAll(other.offers());
        return new RecordsOfLine(key, List.copyOf(all));
    }

    @Override
    public Instant occurred() {
        return offers.get(0).record().timestamp().orElse(Instant.EPOCH);
    }
}
