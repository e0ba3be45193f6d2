package dev.tokenledger.sql.records;

import dev.tokenledger.AppendResult;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One record on its way into the table: what can be worked out of it on the caller's thread, then the references that
 * only the writer can give.
 */
public final class PreparedRecord {

    /** Keys of {@code extra}: what hardly any record has. */
    public static final String AUDIO_INPUT = "audio_input_tokens";

    public static final String IMAGE_INPUT = "image_input_tokens";
    public static final String AUDIO_OUTPUT = "audio_output_tokens";
    public static final String IMAGE_OUTPUT = "image_output_tokens";
    public static final String CACHED_AUDIO_READ = "cached_audio_read_tokens";
    public static final String REGION = "region";
    public static final String PASSES = "passes";
    public static final String CALL = "call.";
    public static final String UNPRICED = "unpriced.";
    public static final String UNPRICED_CALL = "unpriced_call.";

    /** As it was delivered. Without an instant of its own it equals a stored record of any. */
    public final UsageRecord offered;

    /** With its instant filled in. */
    public final UsageRecord record;

    public final Cost cost;

    /** What is answered unless the id is taken, if the record cannot be stored; its cost means nothing then. */
    public final AppendResult.@Nullable Rejected rejected;

    public final long occurred;
    public final long recorded;
    public final Object id;
    public final @Nullable Object requestId;
    public final @Nullable Object upstreamRequestId;
    public final Tuple combination;
    public final @Nullable Tuple thread;
    public final @Nullable Tuple attributes;
    public final @Nullable Tuple circumstances;
    public final @Nullable String extra;
    public final long costPicos;

    public int combinationRef;

    public @Nullable Long threadRef;

    public @Nullable AttributeSet attributeSet;

    public @Nullable Long circumstancesRef;

    public @Nullable Long priceRef;

    /** The price of another ledger's record, to be kept with its id; null for a price of the ledger's own book. */
    public @Nullable PriceEntry restoredPrice;

    public long seq;

    /** What became of it; set by the writer. */
    public @Nullable AppendResult result;

    /**
     * Prepares a record.
     *
     * @param offered what the caller delivered
     * @param record the same with its instant filled in
     * @param rejected what is answered if it cannot be stored
     */
    public PreparedRecord(
            UsageRecord offered,
            UsageRecord record,
            Cost cost,
            AppendResult.@Nullable Rejected rejected,
            long recorded) {
        this.offered = offered;
        this.record = record;
        this.cost = cost;
        this.rejected = rejected;
        occurred = Values.micros(record.timestamp().orElseThrow());
        this.recorded = recorded;
        id = Values.id(record.id().value());
        requestId = optionalId(record.requestId());
        upstreamRequestId = optionalId(record.upstreamRequestId());
        combination = Combination.of(record, cost);
        thread = record.sessionId().isEmpty() && record.conversationId().isEmpty()
                ? null
                : Tuple.of(record.sessionId(), record.conversationId());
        attributes = record.attributes().isEmpty() ? null : Tuple.of(record.attributes());
        circumstances = RareFields.of(record, cost);
        extra = extra(record, cost);
        costPicos = cost.amount().picos();
    }

    private static @Nullable Object optionalId(String text) {
        return text.isEmpty() ? null : Values.id(text);
    }

    private static @Nullable String extra(UsageRecord record, Cost cost) {
        TokenCounts tokens = record.tokens();
        long parts = tokens.audioInput()
                | tokens.imageInput()
                | tokens.audioOutput()
                | tokens.imageOutput()
                | tokens.cachedAudioRead();
        boolean none = parts == 0
                && record.region().isEmpty()
                && record.calls().isEmpty()
                && record.passes().isEmpty()
                && !(cost instanceof Cost.Partial);
        if (none) {
            return null;
        }
        Map<String, Object> extra = new TreeMap<>();
        count(extra, AUDIO_INPUT, tokens.audioInput());
        count(extra, IMAGE_INPUT, tokens.imageInput());
        count(extra, AUDIO_OUTPUT, tokens.audioOutput());
        count(extra, IMAGE_OUTPUT, tokens.imageOutput());
        count(extra, CACHED_AUDIO_READ, tokens.cachedAudioRead());
        if (!record.region().isEmpty()) {
            extra.put(REGION, record.region());
        }
        if (!record.passes().isEmpty()) {
            extra.put(PASSES, Passes.text(record.passes()));
        }
        record.calls().forEach((name, calls) -> count(extra, CALL + name, calls));
        if (cost instanceof Cost.Partial partial) {
            for (Map.Entry<TokenClass, Long> unpriced : partial.unpricedTokens().entrySet()) {
                count(extra, UNPRICED + unpriced.getKey().text(), unpriced.getValue());
            }
            partial.unpricedCalls().forEach((name, calls) -> count(extra, UNPRICED_CALL + name, calls));
        }
        return Values.json(extra);
    }

    private static void count(Map<String, Object> extra, String key, long count) {
        if (count != 0) {
            extra.put(key, count);
        }
    }

    /** Sets the row's figures, as they are summed. */
    public void figures(long[] figures) {
        TokenCounts tokens = record.tokens();
        figures[Figures.RECORDS] = 1;
        figures[Figures.INPUT] = tokens.input();
        figures[Figures.OUTPUT] = tokens.output();
        figures[Figures.CACHE_READ] = tokens.cacheRead();
        figures[Figures.CACHE_CREATION] = tokens.cacheCreation();
        figures[Figures.CACHE_CREATION_5M] = tokens.cacheCreation5m();
        figures[Figures.CACHE_CREATION_1H] = tokens.cacheCreation1h();
        figures[Figures.REASONING] = tokens.reasoning();
        Figures.setCost(figures, costPicos);
    }

    public @Nullable Long duration() {
        return record.duration().isPresent() ? (Long) record.duration().get().toMillis() : null;
    }

    public @Nullable Long reportedCost() {
        return record.reportedCost().isPresent()
                ? (Long) record.reportedCost().get().picos()
                : null;
    }

    public @Nullable Long attributesRef() {
        return attributeSet == null ? null : (Long) attributeSet.id;
    }

    /** What became of it. */
    public AppendResult result() {
        if (result == null) {
            throw new IllegalStateException("a record was neither stored nor compared");
        }
        return result;
    }
}
