package dev.tokenledger.formats.json;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What one line of a file of records states: a record that somebody delivers, or an entry as a ledger's export has it, which
 * {@link EntryJson} wrote. An export's line is known by its {@code kind}, {@code cost_usd}, {@code pricing_status}, {@code
 * price_id} and {@code recorded}; with one of them missing it is a delivered record. Immutable.
 */
public final class RecordLine {

    private static final ModelIdentity NOTHING_INFERRED = new ModelIdentity("", "", "", "");

    private final UsageRecord record;
    private final Optional<LedgerEntry> entry;
    private final List<PriceEntry> prices;

    private RecordLine(UsageRecord record, Optional<LedgerEntry> entry, List<PriceEntry> prices) {
        this.record = record;
        this.entry = entry;
        this.prices = prices;
    }

    /**
     * What a JSON object in UTF-8 states.
     *
     * @param idWhenAbsent the id of a delivered record that states none
     * @throws RecordFormatException if the bytes are neither a record nor an entry
     */
    public static RecordLine parse(byte[] json, int offset, int length, Supplier<RecordId> idWhenAbsent) {
        return parse(RecordJson.text(json, offset, length), idWhenAbsent);
    }

    /**
     * What a JSON object states.
     *
     * @param idWhenAbsent the id of a delivered record that states none
     * @throws RecordFormatException if the text is neither a record nor an entry
     */
    public static RecordLine parse(String json, Supplier<RecordId> idWhenAbsent) {
        EntryFields fields = new EntryFields();
        RecordReader reader = new RecordReader(RecordReader.NO_MORE_FIELDS, RecordReader.Costs.KEPT, fields);
        UsageRecord.Builder builder = reader.readFields(RecordJson.checked(json));
        if (fields.isEntry() && reader.isIdentified()) {
            builder.identity(NOTHING_INFERRED);
            UsageRecord stated = reader.build();
            LedgerEntry entry = fields.entry(stated);
            return new RecordLine(entry.record(), Optional.of(entry), fields.prices());
        }
        fields.checkInForce();
        return new RecordLine(reader.build(idWhenAbsent), Optional.empty(), List.of());
    }

    /** The record; of a reversal or revaluation, the one that it concerns; of an adjustment, what it counts by. */
    public UsageRecord record() {
        return record;
    }

    /** The entry; empty for a delivered record. */
    public Optional<LedgerEntry> entry() {
        return entry;
    }

    /** The prices that the line tells with its entry; an export does so once for each {@link PriceId}. */
    public List<PriceEntry> prices() {
        return prices;
    }
}
