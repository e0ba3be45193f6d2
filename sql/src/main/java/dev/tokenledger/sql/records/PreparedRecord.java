package dev.tokenledger.sql.records;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.usage.Doubt;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Map;
import java.util.Set;
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
    public static final String STAMPED = "stamped_attributes";
    public static final String CALL = "call.";
    public static final String UNPRICED = "unpriced.";
    public static final String UNPRICED_CALL = "unpriced_call.";

    private final UsageRecord offered;
    private final UsageRecord record;
    private final Cost cost;
    private final AppendResult.@Nullable Rejected rejected;
    private final long occurred;
    private final long recorded;
    private final Object id;
    private final @Nullable Object requestId;
    private final @Nullable Object upstreamRequestId;
    private final Tuple combination;
    private final @Nullable Tuple thread;
    private final @Nullable Tuple attributes;
    private final @Nullable Tuple rareFields;
    private final @Nullable String extra;
    private final long costPicos;
    private final Set<Doubt> doubts;
    private final @Nullable PriceEntry restoredPrice;
    private final int kind;
    private @Nullable References references;
    private long sequence;
    private @Nullable AppendResult result;

    /**
     * Prepares a record.
     *
     * @param offered what the caller delivered
     * @param record the same with its instant filled in
     * @param rejected what is answered if it cannot be stored
     * @param recorded when the ledger takes it, in microseconds since 1970
     */
    public PreparedRecord(
            UsageRecord offered,
            UsageRecord record,
            Cost cost,
            AppendResult.@Nullable Rejected rejected,
            long recorded) {
        this(offered, record, cost, rejected, recorded, null, RowKind.USAGE);
    }

    /** Prepares a record of another ledger, which keeps the cost and the instant that it has there. */
    public static PreparedRecord restored(LedgerEntry entry, @Nullable PriceEntry price) {
        return new PreparedRecord(
                entry.record(),
                entry.record(),
                entry.cost(),
                null,
                Values.micros(entry.recorded()),
                price,
                RowKind.USAGE);
    }

    /** Prepares a record at another cost than its own. */
    public static PreparedRecord revalued(UsageRecord record, Cost cost, @Nullable PriceEntry price, long recorded) {
        return new PreparedRecord(record, record, cost, null, recorded, price, RowKind.REVALUATION);
    }

    /**
     * Prepares an adjustment, which counts no record.
     *
     * @param record what it counts by
     * @param cost its amount
     */
    public static PreparedRecord adjustment(UsageRecord record, Cost cost, long recorded) {
        return new PreparedRecord(record, record, cost, null, recorded, null, RowKind.ADJUSTMENT);
    }

    private PreparedRecord(
            UsageRecord offered,
            UsageRecord record,
            Cost cost,
            AppendResult.@Nullable Rejected rejected,
            long recorded,
            @Nullable PriceEntry restoredPrice,
            int kind) {
        this.restoredPrice = restoredPrice;
        this.kind = kind;
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
        rareFields = RareFields.of(record, cost);
        extra = extra(record, cost);
        costPicos = cost.amount().picos();
        doubts = Doubt.of(record.notes());
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
                && record.stampedAttributes().isEmpty()
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
        if (!record.stampedAttributes().isEmpty()) {
            // A key of an attribute has no comma.
            extra.put(STAMPED, String.join(",", record.stampedAttributes()));
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

    /** As it was delivered. Without an instant of its own it equals a stored record of any. */
    public UsageRecord offered() {
        return offered;
    }

    /** With its instant filled in. */
    public UsageRecord record() {
        return record;
    }

    /** What it costs. */
    public Cost cost() {
        return cost;
    }

    /** What is answered unless the id is taken, if the record cannot be stored; its cost means nothing then. */
    public AppendResult.@Nullable Rejected rejected() {
        return rejected;
    }

    /** When the call happened, in microseconds since 1970. */
    public long occurred() {
        return occurred;
    }

    /** When the ledger took it, in microseconds since 1970. */
    public long recorded() {
        return recorded;
    }

    /** Its id as {@link Values#id} has it. */
    public Object id() {
        return id;
    }

    /** The request's id as {@link Values#id} has it; null for none. */
    public @Nullable Object requestId() {
        return requestId;
    }

    /** The upstream request's id as {@link Values#id} has it; null for none. */
    public @Nullable Object upstreamRequestId() {
        return upstreamRequestId;
    }

    /** The values of all rolled-up dimensions, see {@link Combination#of}. */
    public Tuple combination() {
        return combination;
    }

    /** Session and conversation; null if it has neither. */
    public @Nullable Tuple thread() {
        return thread;
    }

    /** Names and values of its attributes; null for none. */
    public @Nullable Tuple attributes() {
        return attributes;
    }

    /** See {@link RareFields#of}; null for none. */
    public @Nullable Tuple rareFields() {
        return rareFields;
    }

    /** A flat JSON object of what hardly any record has; null for none. */
    public @Nullable String extra() {
        return extra;
    }

    /** The price of another ledger's record, to be kept with its id; null for a price of the ledger's own book. */
    public @Nullable PriceEntry restoredPrice() {
        return restoredPrice;
    }

    /** The cost in picodollars, 10⁻¹² USD. */
    public long costPicos() {
        return costPicos;
    }

    /**
     * What it shares with others.
     *
     * @throws IllegalStateException if nobody has looked that up
     */
    public References references() {
        if (references == null) {
            throw new IllegalStateException("a record's references were not looked up");
        }
        return references;
    }

    /** Gives it the numbers of what it shares with others; again after a rollback, in which they may have changed. */
    public void refer(References numbers) {
        references = numbers;
    }

    /** The number that the database gave it; 0 before. */
    public long sequence() {
        return sequence;
    }

    /** Takes the number that the database gave it. */
    public void number(long given) {
        sequence = given;
    }

    /** Whether it is known what became of it. */
    public boolean isSettled() {
        return result != null;
    }

    /** What became of it; null to begin again after a rollback. */
    public void settle(@Nullable AppendResult with) {
        result = with;
    }

    /** Sets its figures, as they are summed. */
    public void figures(long[] figures) {
        TokenCounts tokens = record.tokens();
        figures[Figures.RECORDS] = RowKind.records(kind);
        figures[Figures.INPUT] = tokens.input();
        figures[Figures.OUTPUT] = tokens.output();
        figures[Figures.CACHE_READ] = tokens.cacheRead();
        figures[Figures.CACHE_CREATION] = tokens.cacheCreation();
        figures[Figures.CACHE_CREATION_5M] = tokens.cacheCreation5m();
        figures[Figures.CACHE_CREATION_1H] = tokens.cacheCreation1h();
        figures[Figures.REASONING] = tokens.reasoning();
        Figures.setCost(figures, costPicos);
        Figures.setDoubts(figures, doubts, 1);
    }

    /** How long the call took, in milliseconds; null if unknown. */
    public @Nullable Long duration() {
        return record.duration().isPresent() ? (Long) record.duration().get().toMillis() : null;
    }

    /** What the provider says it costs, in picodollars; null if it says nothing. */
    public @Nullable Long reportedCost() {
        return record.reportedCost().isPresent()
                ? (Long) record.reportedCost().get().picos()
                : null;
    }

    /** What became of it. */
    public AppendResult result() {
        if (result == null) {
            throw new IllegalStateException("a record was neither stored nor compared");
        }
        return result;
    }
}
