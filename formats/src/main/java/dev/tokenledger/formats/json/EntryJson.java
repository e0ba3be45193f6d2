package dev.tokenledger.formats.json;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * Writes an entry of a ledger as one JSON object on one line: the record's fields by the names that {@link RecordJson}
 * reads, its cost, and what the ledger knows besides. Empty texts, zero counts and absent values are left out;
 * {@code cost_usd}, {@code pricing_status} and {@code price_id} are always there.
 *
 * <p>An entry of kind {@code reversal} carries the fields of the record that it negates, its cost with the same sign, and
 * its own id; {@code reversal.reverses} names the record. So does one of kind {@code revaluation}, with the cost that it gives;
 * {@code revaluation.revalues} names the record. The cost of a record that was revalued is the one that counts in totals, and
 * {@code first_cost} the one that it was written with. An entry of kind {@code adjustment} has an amount as its cost, which may be
 * negative, no counts, and {@code adjustment.reason}, as has its reversal. Where several ledgers are read as one, {@code ledger}
 * names the one that it is in.
 */
public final class EntryJson {

    static final String USAGE = "usage";
    static final String REVERSAL = "reversal";
    static final String REVALUATION = "revaluation";
    static final String ADJUSTMENT = "adjustment";
    static final String FIRST_COST = "first_cost";
    static final String UNPRICED_TOKENS = "unpriced_tokens";
    static final String UNPRICED_CALLS = "unpriced_calls";
    static final String PRICING_NOTES = "pricing_notes";
    static final String PRICE_ID = "price_id";
    static final String PRICE_ENTRY = "price_entry";
    static final String RECORDED = "recorded";
    static final String STAMPED_ATTRIBUTES = "stamped_attributes";
    static final String LEDGER = "ledger";

    private EntryJson() {}

    /** The entry as one line of JSON, without a line break. */
    public static String write(LedgerEntry entry) {
        return write(entry, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same of one that this ledger has listed or found. */
    public static String write(LedgerEntry entry, Ledger ledger) {
        return write(entry, ledger, Optional.empty(), Optional.empty());
    }

    /**
     * The entry with one more field, {@code price_entry}, beside its cost and its first one: the price that it came from, as
     * {@link PriceEntry#toText} has it. An export says it once for each price, with the first entry that has it, so that {@link
     * RecordLine} can restore the explanations of all.
     */
    static String write(LedgerEntry entry, Ledger ledger, Optional<PriceEntry> price, Optional<PriceEntry> firstPrice) {
        return write(entry, ledger.ledgerOf(entry), price, firstPrice);
    }

    private static String write(
            LedgerEntry entry, Optional<String> ledger, Optional<PriceEntry> price, Optional<PriceEntry> firstPrice) {
        return JsonText.write(json -> {
            json.writeStartObject();
            fields(entry, ledger, firstPrice, json);
            priceEntry(price, json);
            json.writeEndObject();
        });
    }

    private static void priceEntry(Optional<PriceEntry> price, JsonGenerator json) {
        price.ifPresent(known -> json.writeStringProperty(PRICE_ENTRY, known.toText()));
    }

    /** How the cost came about that an entry's line states, see {@link Ledger#explain}. */
    public static Explanation explanation(Ledger ledger, LedgerEntry entry) {
        return ledger.explain(explained(entry)).orElseThrow();
    }

    /** The id by which a ledger explains the cost that an entry's line states. */
    static RecordId explained(LedgerEntry entry) {
        return entry.revaluation().map(LedgerEntry.Revaluation::id).orElse(entry.id());
    }

    /** The cost that an entry's line states: of a record, the one that counts. */
    static Cost cost(LedgerEntry entry) {
        return entry.kind() == LedgerEntry.Kind.USAGE ? entry.effectiveCost() : entry.cost();
    }

    /** The cost that the record was written with, where the line's is another. */
    static Optional<Cost> firstCost(LedgerEntry entry) {
        if (entry.kind() == LedgerEntry.Kind.USAGE) {
            return entry.revaluation().map(revaluation -> entry.cost());
        }
        return entry.record()
                .givenCost()
                .filter(given -> !(entry.cost() instanceof Cost.Given))
                .map(given -> new Cost.Given(given.amount(), given.status()));
    }

    /**
     * The entry with one more field, {@code explanation}: the price's {@code price_id} and {@code source} if there was one, and
     * {@code lines}, each of which multiplies the {@code count} of a {@code class} with its {@code rate_usd}, {@code per} so
     * many, to an exact {@code amount_usd}. Lines without a rate have neither rate nor amount.
     */
    public static String write(LedgerEntry entry, Ledger ledger, Explanation explanation) {
        return JsonText.write(json -> {
            json.writeStartObject();
            fields(entry, ledger.ledgerOf(entry), Optional.empty(), json);
            json.writeObjectPropertyStart("explanation");
            explanation.entry().ifPresent(price -> {
                json.writeStringProperty("price_id", price.id().text());
                text(json, "source", price.source());
            });
            json.writeArrayPropertyStart("lines");
            explanation.lines().forEach(line -> write(line, json));
            json.writeEndArray();
            json.writeNumberProperty("total_usd", explanation.total().toBigDecimal());
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static void write(Explanation.Line line, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("class", line.what());
        json.writeNumberProperty("count", line.count());
        json.writeStringProperty("unit", line.unit().name().toLowerCase(Locale.ROOT));
        line.rate().ifPresent(rate -> {
            json.writeNumberProperty("rate_usd", Decimals.plain(rate));
            json.writeNumberProperty("per", line.unit() == Explanation.Unit.TOKENS ? 1_000_000 : 1);
        });
        line.amount().ifPresent(amount -> json.writeNumberProperty("amount_usd", Decimals.plain(amount)));
        json.writeEndObject();
    }

    private static void fields(
            LedgerEntry entry, Optional<String> ledger, Optional<PriceEntry> firstPrice, JsonGenerator json) {
        UsageRecord record = entry.record();
        json.writeNumberProperty("sequence", entry.sequence());
        json.writeStringProperty("id", entry.id().value());
        json.writeStringProperty("kind", entry.kind().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("timestamp", entry.occurred().toString());
        identity(record, json);
        facts(record, json);
        cost(cost(entry), json);
        firstCost(entry).ifPresent(cost -> {
            json.writeObjectPropertyStart(FIRST_COST);
            cost(cost, json);
            priceEntry(firstPrice, json);
            json.writeEndObject();
        });
        json.writeStringProperty(RECORDED, entry.recorded().toString());
        entry.reversal().ifPresent(reversal -> {
            json.writeObjectPropertyStart("reversal");
            json.writeStringProperty("id", reversal.id().value());
            json.writeStringProperty("reverses", reversal.reverses().value());
            json.writeStringProperty("reason", reversal.reason());
            json.writeEndObject();
        });
        entry.revaluation().ifPresent(revaluation -> {
            json.writeObjectPropertyStart(REVALUATION);
            json.writeStringProperty("id", revaluation.id().value());
            json.writeStringProperty("revalues", revaluation.revalues().value());
            json.writeNumberProperty("number", revaluation.number());
            json.writeStringProperty("run", revaluation.run());
            json.writeStringProperty("reason", revaluation.reason());
            json.writeEndObject();
        });
        entry.adjustment().ifPresent(adjustment -> {
            json.writeObjectPropertyStart(ADJUSTMENT);
            json.writeStringProperty("reason", adjustment.reason());
            json.writeEndObject();
        });
        ledger.ifPresent(name -> json.writeStringProperty(LEDGER, name));
    }

    /** What a record states beside its id, its instant, its model and a cost of its own. */
    static void facts(UsageRecord record, JsonGenerator json) {
        text(json, "request_id", record.requestId());
        text(json, "session_id", record.sessionId());
        text(json, "conversation_id", record.conversationId());
        text(json, "upstream_request_id", record.upstreamRequestId());
        tokens(record.tokens(), json);
        if (!record.passes().isEmpty()) {
            json.writeArrayPropertyStart("passes");
            for (TokenCounts pass : record.passes()) {
                json.writeStartObject();
                tokens(pass, json);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        calls(record.calls(), json);
        text(json, "role", record.role());
        text(json, "task_name", record.taskName());
        text(json, "outcome", record.outcome().text());
        record.duration().ifPresent(duration -> json.writeNumberProperty("duration_ms", duration.toMillis()));
        text(json, "service_tier", record.serviceTier());
        text(json, "requested_service_tier", record.requestedServiceTier());
        text(json, "region", record.region());
        if (!record.attributes().isEmpty()) {
            json.writeObjectPropertyStart("attributes");
            record.attributes().forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        texts(json, STAMPED_ATTRIBUTES, record.stampedAttributes());
        text(json, "source", record.source());
        if (record.aggregate()) {
            json.writeBooleanProperty("aggregate", true);
        }
        record.reportedCost().ifPresent(cost -> json.writeNumberProperty("reported_cost_usd", cost.toBigDecimal()));
        texts(json, "notes", record.notes());
    }

    static void identity(UsageRecord record, JsonGenerator json) {
        ModelIdentity identity = record.identity();
        text(json, "model", identity.model());
        text(json, "upstream_model", identity.upstreamModel());
        text(json, "resource", identity.resource());
        text(json, "provider", identity.provider());
        text(json, "requested_model", record.requestedModel());
    }

    private static void tokens(TokenCounts tokens, JsonGenerator json) {
        JsonText.tokens(tokens, (name, count) -> {
            if (count != 0) {
                json.writeNumberProperty(name, count);
            }
        });
    }

    /** A count of paid calls each, {@code NAME_calls}. */
    public static void calls(Map<String, Long> calls, JsonGenerator json) {
        calls.forEach((name, count) -> json.writeNumberProperty(name + "_calls", count));
    }

    /** The amount, how much it covers, and by which price. */
    public static void amount(Cost cost, JsonGenerator json) {
        json.writeNumberProperty("cost_usd", cost.amount().toBigDecimal());
        json.writeStringProperty("pricing_status", cost.status().text());
        json.writeStringProperty(PRICE_ID, cost.priceId().map(PriceId::text).orElse(""));
    }

    private static void cost(Cost cost, JsonGenerator json) {
        amount(cost, json);
        if (!cost.unpricedTokens().isEmpty()) {
            unpricedTokens(cost, json);
        }
        unpricedCalls(cost, json);
        texts(json, PRICING_NOTES, cost.notes());
    }

    /** The counts of the classes without a rate, by the names of the price file; an empty object if there are none. */
    public static void unpricedTokens(Cost cost, JsonGenerator json) {
        json.writeObjectPropertyStart(UNPRICED_TOKENS);
        cost.unpricedTokens().forEach((tokenClass, count) -> json.writeNumberProperty(tokenClass.text(), count));
        json.writeEndObject();
    }

    /** The counts of the calls without a fee; nothing if there are none. */
    public static void unpricedCalls(Cost cost, JsonGenerator json) {
        if (!cost.unpricedCalls().isEmpty()) {
            json.writeObjectPropertyStart(UNPRICED_CALLS);
            cost.unpricedCalls().forEach(json::writeNumberProperty);
            json.writeEndObject();
        }
    }

    static void text(JsonGenerator json, String name, String value) {
        if (!value.isEmpty()) {
            json.writeStringProperty(name, value);
        }
    }

    private static void texts(JsonGenerator json, String name, Collection<String> values) {
        if (!values.isEmpty()) {
            json.writeArrayPropertyStart(name);
            values.forEach(json::writeString);
            json.writeEndArray();
        }
    }
}
