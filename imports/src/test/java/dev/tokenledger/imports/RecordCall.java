package dev.tokenledger.imports;

import dev.tokenledger.Merge;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A call that is kept as a record.
 *
 * @param ledgerKey the key that the ledger has it under
 */
record RecordCall(String key, String ledgerKey, UsageRecord record, Merge merging) implements ImportedCall {

    RecordCall(String key, UsageRecord record, Merge merging) {
        this(key, key, record, merging);
    }

    @Override
    public ImportedCall merge(ImportedCall other) {
        return new RecordCall(key, ledgerKey, merging.merge(record, ((RecordCall) other).record), merging);
    }

    @Override
    public Instant occurred() {
        return record.timestamp().orElse(Instant.EPOCH);
    }

    @Override
    public List<Offer> offers() {
        return List.of(new Offer.Revise(
                ledgerKey, OtherKeys.NONE, record, (inForce, offered) -> Optional.of(merging.merge(inForce, offered))));
    }
}
