package dev.tokenledger.formats.json;

import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord.Builder;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** The fields of a record by their names in JSON, and how each is read. There are fewer than 64. */
final class FieldTable {

    /** The same bound as a record's, so that a longer time is refused in the unit it was stated in. */
    private static final Duration MAX_DURATION = Duration.ofDays(366);

    interface FieldReader {
        void read(RecordReader record, JsonParser parser);
    }

    record Field(int index, FieldReader reader) {}

    private static final Map<String, Field> FIELDS = new HashMap<>();

    static {
        field("id", (record, parser) -> record.id(parser));
        field("timestamp", (record, parser) -> record.builder.timestamp(Rfc3339.parse(record.text(parser))));
        text("request_id", Builder::requestId);
        text("session_id", Builder::sessionId);
        text("conversation_id", Builder::conversationId);
        text("upstream_request_id", Builder::upstreamRequestId);
        text("model", Builder::model);
        text("upstream_model", Builder::upstreamModel);
        text("resource", Builder::resource);
        text("provider", Builder::provider);
        text("requested_model", Builder::requestedModel);
        count("input_tokens", Builder::inputTokens);
        count("output_tokens", Builder::outputTokens);
        count("cache_creation_input_tokens", Builder::cacheCreationInputTokens);
        count("cache_creation_5m_input_tokens", Builder::cacheCreation5mInputTokens);
        count("cache_creation_1h_input_tokens", Builder::cacheCreation1hInputTokens);
        count("cache_read_input_tokens", Builder::cacheReadInputTokens);
        count("reasoning_tokens", Builder::reasoningTokens);
        count("audio_input_tokens", Builder::audioInputTokens);
        count("image_input_tokens", Builder::imageInputTokens);
        count("audio_output_tokens", Builder::audioOutputTokens);
        count("image_output_tokens", Builder::imageOutputTokens);
        count("cached_audio_read_tokens", Builder::cachedAudioReadTokens);
        text("role", Builder::role);
        text("task_name", Builder::taskName);
        field("outcome", (record, parser) -> record.builder.outcome(Outcome.parse(record.word(parser))));
        field(
                "duration_ms",
                (record, parser) ->
                        record.builder.duration(Duration.ofMillis(record.count(parser, MAX_DURATION.toMillis()))));
        text("service_tier", Builder::serviceTier);
        text("requested_service_tier", Builder::requestedServiceTier);
        text("region", Builder::region);
        field("attributes", RecordReader::attributes);
        field(EntryJson.STAMPED_ATTRIBUTES, RecordReader::stampedAttributes);
        text("source", Builder::source);
        field("aggregate", (record, parser) -> record.builder.aggregate(record.truth(parser)));
        field("reported_cost_usd", (record, parser) -> record.builder.reportedCost(record.usd(parser)));
        field("cost_usd", RecordReader::cost);
        field("pricing_status", RecordReader::pricingStatus);
        field("passes", RecordReader::passes);
        field("notes", RecordReader::notes);
        field("kind", RecordReader::kind);
        field("reversal", RecordReader::reversal);
        field(EntryJson.REVALUATION, (record, parser) -> record.ofEntry(parser, EntryFields::revaluation));
        field(EntryJson.ADJUSTMENT, (record, parser) -> record.ofEntry(parser, EntryFields::adjustment));
        field(EntryJson.FIRST_COST, (record, parser) -> record.ofEntry(parser, EntryFields::firstCost));
        field("sequence", (record, parser) -> record.ofEntry(parser, EntryFields::sequence));
        field(EntryJson.PRICE_ID, (record, parser) -> record.ofEntry(parser, EntryFields::priceId));
        field(EntryJson.PRICE_ENTRY, (record, parser) -> record.ofEntry(parser, EntryFields::priceEntry));
        field(EntryJson.RECORDED, (record, parser) -> record.ofEntry(parser, EntryFields::recorded));
        field(EntryJson.UNPRICED_TOKENS, (record, parser) -> record.ofEntry(parser, EntryFields::unpricedTokens));
        field(EntryJson.UNPRICED_CALLS, (record, parser) -> record.ofEntry(parser, EntryFields::unpricedCalls));
        field(EntryJson.LEDGER, (record, parser) -> parser.skipChildren());
        field(EntryJson.PRICING_NOTES, (record, parser) -> record.ofEntry(parser, EntryFields::pricingNotes));
    }

    private static void field(String name, FieldReader reader) {
        FIELDS.put(name, new Field(FIELDS.size(), reader));
    }

    private static void text(String name, BiConsumer<Builder, String> setter) {
        field(name, (record, parser) -> setter.accept(record.builder, record.text(parser)));
    }

    private static void count(String name, ObjLongConsumer<Builder> setter) {
        field(name, (record, parser) -> setter.accept(record.builder, record.count(parser, TokenCounts.LIMIT)));
    }

    private FieldTable() {}

    /** The field of this name; null if there is none. */
    static @Nullable Field find(String name) {
        return FIELDS.get(name);
    }

    /** Whether a field counts tokens. */
    static boolean isCount(String name) {
        return name.endsWith("_tokens") && FIELDS.containsKey(name) && !name.equals(EntryJson.UNPRICED_TOKENS);
    }

    /** All names, those of exports too. */
    static Set<String> names() {
        return Collections.unmodifiableSet(FIELDS.keySet());
    }
}
