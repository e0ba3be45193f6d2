package dev.tokenledger.imports;

import dev.tokenledger.Merge;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A call that is kept as a record. */
record RecordCall(String key, UsageRecord record, Merge merging) implements LogCall {

    @Override
    public LogCall merge(LogCall other) {
        return new RecordCall(key, merging.merge(record, ((RecordCall) other).record), merging);
    }

    @Override
    public Instant occurred() {
        return record.timestamp().orElse(Instant.EPOCH);
    }

    @Override
    public List<Offer> offers() {
        return List.of(new Offer(
                key, OtherKeys.NONE, record, (inForce, offered) -> Optional.of(merging.merge(inForce, offered))));
    }
}
