package dev.tokenledger.formats.json;

import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Adjustment;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.text.Names;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** What an exported line states of its entry beyond the record. Filled by a {@link RecordReader}. */
final class EntryFields {

    private static final int MAX_PRICING_NOTES = 64;
    private static final int MAX_PRICE_ID = 2_048;

    /** Reads one of the fields. */
    @FunctionalInterface
    interface Reading {
        void read(EntryFields entry, RecordReader reader, JsonParser parser);
    }

    private String kind = "";
    private long sequence = 1;
    private @Nullable String priceId;
    private @Nullable PriceEntry price;
    private @Nullable Instant recorded;
    private @Nullable Usd cost;
    private @Nullable PricingStatus status;
    private @Nullable Reversal reversal;
    private @Nullable EntryFields firstCost;
    private @Nullable Revaluation revaluation;
    private @Nullable Adjustment adjustment;
    private final Map<TokenClass, Long> unpricedTokens = new EnumMap<>(TokenClass.class);
    private final SortedMap<String, Long> unpricedCalls = new TreeMap<>();
    private final List<String> pricingNotes = new ArrayList<>();

    void kind(String word) {
        kind = word;
    }

    void cost(Usd usd) {
        cost = usd;
    }

    void status(PricingStatus known) {
        status = known;
    }

    void sequence(RecordReader reader, JsonParser parser) {
        sequence = reader.count(parser, Long.MAX_VALUE);
    }

    void priceId(RecordReader reader, JsonParser parser) {
        priceId = reader.text(parser);
    }

    void priceEntry(RecordReader reader, JsonParser parser) {
        String text = reader.text(parser);
        try {
            price = PriceEntry.ofText(text);
        } catch (IllegalArgumentException e) {
            throw reader.invalid("it is not a price as an export writes it");
        }
    }

    void recorded(RecordReader reader, JsonParser parser) {
        recorded = Rfc3339.parse(reader.text(parser)).truncatedTo(ChronoUnit.MICROS);
    }

    void unpricedTokens(RecordReader reader, JsonParser parser) {
        counts(reader, parser, (name, count) -> unpricedTokens.put(TokenClass.parse(name), count));
    }

    void unpricedCalls(RecordReader reader, JsonParser parser) {
        counts(reader, parser, (name, count) -> {
            // Named by the rule for a record's own calls.
            UsageRecord.builder().calls(name, count);
            unpricedCalls.put(name, count);
            if (unpricedCalls.size() > UsageRecord.MAX_ENTRIES) {
                throw reader.invalid("at most " + UsageRecord.MAX_ENTRIES);
            }
        });
    }

    private static void counts(RecordReader reader, JsonParser parser, ObjLongConsumer<String> counting) {
        reader.expect(parser, JsonToken.START_OBJECT, "an object of counts");
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            counting.accept(name, reader.count(parser, TokenCounts.LIMIT));
        }
    }

    void pricingNotes(RecordReader reader, JsonParser parser) {
        reader.expect(parser, JsonToken.START_ARRAY, "a list of texts");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String note = Texts.checked(EntryJson.PRICING_NOTES, reader.text(parser), Bound.TEXT);
            if (note.isEmpty() || pricingNotes.size() == MAX_PRICING_NOTES) {
                throw reader.invalid("expected up to " + MAX_PRICING_NOTES + " notes, none of them empty");
            }
            pricingNotes.add(note);
        }
    }

    void reversal(RecordReader reader, JsonParser parser) {
        reader.expect(parser, JsonToken.START_OBJECT, "an object");
        String id = "";
        String reverses = "";
        String reason = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> id = reader.text(parser);
                case "reverses" -> reverses = reader.text(parser);
                case "reason" -> reason = Texts.checked("reason", reader.text(parser), Bound.TEXT);
                default -> throw reader.invalid("unknown member " + Names.shown(name));
            }
        }
        reversal = new Reversal(RecordId.of(id), RecordId.of(reverses), reason);
    }

    /** The cost of a record before others were given to it: an object of the fields of a cost. */
    void firstCost(RecordReader reader, JsonParser parser) {
        reader.expect(parser, JsonToken.START_OBJECT, "an object");
        EntryFields first = new EntryFields();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "cost_usd" -> first.cost(reader.usd(parser));
                case "pricing_status" -> first.status(PricingStatus.parse(reader.text(parser)));
                case EntryJson.PRICE_ID -> first.priceId(reader, parser);
                case EntryJson.PRICE_ENTRY -> first.priceEntry(reader, parser);
                case EntryJson.UNPRICED_TOKENS -> first.unpricedTokens(reader, parser);
                case EntryJson.UNPRICED_CALLS -> first.unpricedCalls(reader, parser);
                case EntryJson.PRICING_NOTES -> first.pricingNotes(reader, parser);
                default -> throw reader.invalid("unknown member " + Names.shown(name));
            }
        }
        firstCost = first;
    }

    void revaluation(RecordReader reader, JsonParser parser) {
        reader.expect(parser, JsonToken.START_OBJECT, "an object");
        String id = "";
        String revalues = "";
        String run = "";
        String reason = "";
        long number = 0;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> id = reader.text(parser);
                case "revalues" -> revalues = reader.text(parser);
                case "run" -> run = reader.text(parser);
                case "reason" -> reason = reader.text(parser);
                case "number" -> number = reader.count(parser, Integer.MAX_VALUE);
                default -> throw reader.invalid("unknown member " + Names.shown(name));
            }
        }
        // Its cost is that of the line, which is known when all of it was read.
        revaluation = new Revaluation(
                RecordId.of(id),
                RecordId.of(revalues),
                (int) number,
                run,
                reason,
                new Cost.Given(Usd.ZERO, PricingStatus.PRICED));
    }

    void adjustment(RecordReader reader, JsonParser parser) {
        reader.expect(parser, JsonToken.START_OBJECT, "an object");
        String reason = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (!name.equals("reason")) {
                throw reader.invalid("unknown member " + Names.shown(name));
            }
            reason = reader.text(parser);
        }
        adjustment = new Adjustment(reason);
    }

    /** Whether the line's cost is that of an adjustment, which may be negative, and no cost of a record. */
    boolean ofAdjustment() {
        return adjustment != null;
    }

    /** Whether the line states an entry: what {@link EntryJson} always writes. */
    boolean isEntry() {
        return !kind.isEmpty() && priceId != null && recorded != null && cost != null && status != null;
    }

    /**
     * Refuses a line that is no whole entry but of a reversal or a reversed record.
     *
     * @throws RecordFormatException if it is
     */
    void checkInForce() {
        if (kind.equals(EntryJson.REVERSAL)) {
            throw ofReversal();
        }
        if (kind.equals(EntryJson.REVALUATION)) {
            throw ofRevaluation();
        }
        if (kind.equals(EntryJson.ADJUSTMENT) || adjustment != null) {
            throw noRecord();
        }
        if (reversal != null) {
            throw ofReversedRecord();
        }
    }

    static RecordFormatException ofRevaluation() {
        return new RecordFormatException(
                Reason.INVALID_RECORD, "kind", "a revaluation is no record; revalue the record in the ledger instead");
    }

    /** Refuses an adjustment. */
    static RecordFormatException noRecord() {
        return new RecordFormatException(
                Reason.INVALID_RECORD,
                "kind",
                "an adjustment is no record; an export's line of it has all of its fields");
    }

    static RecordFormatException ofReversal() {
        return new RecordFormatException(
                Reason.REVERSAL, "kind", "a reversal is no record; reverse the record in the ledger instead");
    }

    static RecordFormatException ofReversedRecord() {
        return new RecordFormatException(
                Reason.REVERSAL,
                "reversal",
                "this record was reversed and no longer counts, so it is not taken in as one");
    }

    /**
     * The entry.
     *
     * @param record as the line states it
     * @throws RecordFormatException if it is none that a ledger has written
     */
    LedgerEntry entry(UsageRecord record) {
        Instant written = recorded;
        if (written == null || record.timestamp().isEmpty()) {
            throw invalid("timestamp", "an entry has the instant of its call");
        }
        Kind of = switch (kind) {
            case EntryJson.REVERSAL -> Kind.REVERSAL;
            case EntryJson.REVALUATION -> Kind.REVALUATION;
            case EntryJson.ADJUSTMENT -> Kind.ADJUSTMENT;
            default -> Kind.USAGE;
        };
        UsageRecord.Builder whole = record.toBuilder().id(concerned(of, record.id()));
        if (price != null && !price.id().text().equals(priceId)) {
            throw invalid(EntryJson.PRICE_ENTRY, "it is not the price that price_id names");
        }
        EntryFields first = firstCost == null ? this : firstCost;
        if (!PriceId.GIVEN.text().equals(first.priceId)) {
            whole.withoutCost();
        } else if (first != this && first.cost != null && first.status != null) {
            whole.cost(first.cost).pricingStatus(first.status);
        }
        UsageRecord delivered = whole.build();
        Cost known = cost(delivered, PriceId.GIVEN.text().equals(priceId));
        Revaluation last = revaluation;
        checkAdjustment(delivered, known);
        return new LedgerEntry(
                sequence,
                record.id(),
                of,
                delivered,
                of == Kind.USAGE && firstCost != null
                        ? firstCost.cost(delivered, PriceId.GIVEN.text().equals(firstCost.priceId))
                        : known,
                written,
                Optional.ofNullable(reversal),
                last == null
                        ? Optional.empty()
                        : Optional.of(new Revaluation(
                                last.id(), last.revalues(), last.number(), last.run(), last.reason(), known)),
                Optional.ofNullable(adjustment));
    }

    private void checkAdjustment(UsageRecord delivered, Cost known) {
        Adjustment adjusted = adjustment;
        if (adjusted == null) {
            return;
        }
        try {
            new Batch.Step.Adjust(delivered, known.amount(), adjusted.reason());
        } catch (IllegalArgumentException e) {
            throw invalid(EntryJson.ADJUSTMENT, String.valueOf(e.getMessage()));
        }
        if (!(known instanceof Cost.Given) || known.status() != PricingStatus.PRICED) {
            throw invalid(EntryJson.PRICE_ID, "an adjustment has an amount that was given");
        }
    }

    /** The record that an entry is or concerns. */
    private RecordId concerned(Kind of, RecordId id) {
        Reversal reversed = reversal;
        Revaluation revalued = revaluation;
        switch (of) {
            case REVERSAL -> {
                if (reversed == null || !reversed.id().equals(id)) {
                    throw invalid("reversal", "a reversal names itself and the record that it reverses");
                }
                return reversed.reverses();
            }
            case REVALUATION -> {
                if (revalued == null || !revalued.id().equals(id) || adjustment != null) {
                    throw invalid(EntryJson.REVALUATION, "a revaluation names itself and the record that it revalues");
                }
                return revalued.revalues();
            }
            case ADJUSTMENT -> {
                if (adjustment == null || revalued != null) {
                    throw invalid(EntryJson.ADJUSTMENT, "an adjustment has a reason, and is not revalued");
                }
                if (reversed != null && !reversed.reverses().equals(id)) {
                    throw invalid("reversal", "it reverses another adjustment");
                }
                return id;
            }
            case USAGE -> {
                if (adjustment != null) {
                    throw invalid(EntryJson.ADJUSTMENT, "a record is no adjustment");
                }
                if (reversed != null && !reversed.reverses().equals(id)) {
                    throw invalid("reversal", "it reverses another record");
                }
                if (revalued != null && (!revalued.revalues().equals(id) || firstCost == null)) {
                    throw invalid(EntryJson.REVALUATION, "it revalues another record, or the first cost is missing");
                }
                return id;
            }
        }
        throw new IllegalStateException("an entry of no known kind");
    }

    private Cost cost(UsageRecord record, boolean given) {
        Usd amount = cost;
        PricingStatus known = status;
        if (amount == null || known == null || priceId == null) {
            throw invalid("cost_usd", "an entry has a cost, a pricing status and a price id");
        }
        if (given) {
            return new Cost.Given(amount, known);
        }
        if (priceId.isBlank() != (known == PricingStatus.UNPRICED)) {
            throw invalid(EntryJson.PRICE_ID, "a cost that is priced has one, an unpriced one has none");
        }
        return switch (known) {
            case UNPRICED ->
                PriceBook.empty()
                        .price(
                                record.toBuilder().withoutCost().build(),
                                record.timestamp().orElseThrow());
            case PRICED -> new Cost.Priced(amount, id(), pricingNotes);
            case PARTIAL -> new Cost.Partial(amount, id(), unpricedTokens, unpricedCalls, pricingNotes);
        };
    }

    private PriceId id() {
        String text = priceId == null ? "" : priceId;
        if (text.length() > MAX_PRICE_ID) {
            throw invalid(EntryJson.PRICE_ID, "longer than " + MAX_PRICE_ID + " characters");
        }
        return new PriceId(text);
    }

    /** The prices that the line tells of. */
    List<PriceEntry> prices() {
        List<PriceEntry> prices = new ArrayList<>(1);
        if (price != null) {
            prices.add(price);
        }
        if (firstCost != null && firstCost.price != null) {
            prices.add(firstCost.price);
        }
        return prices;
    }

    private static RecordFormatException invalid(String field, String problem) {
        return new RecordFormatException(Reason.INVALID_RECORD, field, problem);
    }
}
