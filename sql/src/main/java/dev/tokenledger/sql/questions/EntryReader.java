package dev.tokenledger.sql.questions;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Adjustment;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sql.engine.NameReader.ThreadIds;
import dev.tokenledger.sql.engine.StoredEntry;
import dev.tokenledger.sql.engine.StoredEntry.Revalued;
import dev.tokenledger.sql.engine.StoredEntry.Reversed;
import dev.tokenledger.sql.engine.StoredRecord.Number;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Passes;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows back into what was delivered and what it cost. Texts that many records share are looked up once, so that a page of
 * thousands is about as many rows and not as many questions. Used by one thread, in one transaction.
 */
public final class EntryReader {

    /** What records with the same combination have in common. */
    private record Shared(
            ModelIdentity identity,
            String role,
            String task,
            String source,
            PricingStatus status,
            Outcome outcome,
            String serviceTier) {}

    /** What says that stored content is damaged, in an engine's own way. */
    @FunctionalInterface
    public interface Damage {
        /** The exception for it. */
        SQLException of(String what, RuntimeException cause);
    }

    /** Looks up what stands under a number. */
    private interface Lookup<T> {
        T find() throws SQLException;
    }

    private final Damage damage;
    private final Map<Long, Shared> combinations = new HashMap<>();
    private final Map<Long, ThreadIds> threads = new HashMap<>();
    private final Map<Long, Map<String, String>> attributeSets = new HashMap<>();
    private final Map<Long, RareFields> rareFields = new HashMap<>();
    private final Map<Long, PriceId> prices = new HashMap<>();

    /** @param damage says how damaged content is told */
    public EntryReader(Damage damage) {
        this.damage = damage;
    }

    /** The entry of a row. */
    public LedgerEntry read(StoredEntry row) throws SQLException {
        try {
            return switch (row.kind()) {
                case RowKind.USAGE -> usage(row);
                case RowKind.ADJUSTMENT -> adjustment(row);
                case RowKind.REVERSAL -> reversal(row, row.concerned(this::usage));
                case RowKind.ADJUSTMENT_REVERSAL -> reversal(row, row.concerned(this::adjustment));
                case RowKind.REVALUATION -> revaluation(row);
                default -> throw new IllegalArgumentException("an entry of no known kind");
            };
        } catch (IllegalArgumentException | NullPointerException e) {
            throw damage.of("a record cannot be read", e);
        }
    }

    private LedgerEntry usage(StoredEntry row) throws SQLException {
        Map<String, String> extra = Values.map(row.extra());
        Shared shared = shared(row);
        RareFields stated = rareFields(row);
        PriceId price = price(row);
        UsageRecord record = record(row, extra, shared, stated, price);
        return new LedgerEntry(
                row.number(Number.SEQUENCE),
                record.id(),
                Kind.USAGE,
                record,
                cost(record, extra, shared.status, stated.costNotes(), price, row.number(Number.COST)),
                recorded(row),
                reversed(row, record.id()),
                revalued(row, record),
                Optional.empty());
    }

    private static Optional<Reversal> reversed(StoredEntry row, RecordId id) throws SQLException {
        Reversed reversed = row.reversed();
        return reversed == null
                ? Optional.empty()
                : Optional.of(new Reversal(RecordId.of(reversed.by()), id, reversed.reason()));
    }

    /** The record of an adjustment states no cost: its amount may be negative. */
    private LedgerEntry adjustment(StoredEntry row) throws SQLException {
        UsageRecord record = record(row, Values.map(row.extra()), shared(row), rareFields(row), null);
        return new LedgerEntry(
                row.number(Number.SEQUENCE),
                record.id(),
                Kind.ADJUSTMENT,
                record,
                new Cost.Given(Usd.ofPicos(row.number(Number.COST)), PricingStatus.PRICED),
                recorded(row),
                reversed(row, record.id()),
                Optional.empty(),
                Optional.of(new Adjustment(row.adjusted())));
    }

    private Optional<Revaluation> revalued(StoredEntry row, UsageRecord record) throws SQLException {
        Revalued found = row.revalued();
        if (found == null) {
            return Optional.empty();
        }
        String price = found.priceId();
        Cost cost = cost(
                record,
                Values.map(found.extra()),
                PricingStatus.parse(found.status()),
                found.costNotes(),
                price == null ? null : new PriceId(price),
                found.cost());
        return Optional.of(new Revaluation(
                RecordId.of(found.by()), record.id(), found.number(), found.run(), found.reason(), cost));
    }

    /** A revaluation shows the record that it concerns under its own id, at the cost that it gave. */
    private LedgerEntry revaluation(StoredEntry row) throws SQLException {
        UsageRecord record = row.concerned(this::usage).record();
        Revaluation revaluation =
                revalued(row, record).orElseThrow(() -> new IllegalArgumentException("no revaluation"));
        return LedgerEntry.ofRevaluation(row.number(Number.SEQUENCE), record, revaluation, recorded(row));
    }

    /** A reversal shows what it negates under its own id and instant of recording. */
    private static LedgerEntry reversal(StoredEntry row, LedgerEntry reversed) throws SQLException {
        return LedgerEntry.ofReversal(
                row.number(Number.SEQUENCE), reversed, reversed.reversal().orElseThrow(), recorded(row));
    }

    private static Instant recorded(StoredEntry row) throws SQLException {
        return Values.instant(row.number(Number.RECORDED));
    }

    private UsageRecord record(
            StoredEntry row, Map<String, String> extra, Shared shared, RareFields stated, @Nullable PriceId price)
            throws SQLException {
        ThreadIds thread = thread(row);
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(RecordId.of(row.id()))
                .timestamp(Values.instant(row.number(Number.OCCURRED)))
                .requestId(row.requestId())
                .upstreamRequestId(row.upstreamRequestId())
                .sessionId(thread.session())
                .conversationId(thread.conversation())
                .identity(shared.identity)
                .tokens(TokenCounts.builder()
                        .input(row.number(Number.INPUT))
                        .output(row.number(Number.OUTPUT))
                        .cacheCreation(row.number(Number.CACHE_CREATION))
                        .cacheCreation5m(row.number(Number.CACHE_CREATION_5M))
                        .cacheCreation1h(row.number(Number.CACHE_CREATION_1H))
                        .cacheRead(row.number(Number.CACHE_READ))
                        .reasoning(row.number(Number.REASONING))
                        .audioInput(count(extra, PreparedRecord.AUDIO_INPUT))
                        .imageInput(count(extra, PreparedRecord.IMAGE_INPUT))
                        .audioOutput(count(extra, PreparedRecord.AUDIO_OUTPUT))
                        .imageOutput(count(extra, PreparedRecord.IMAGE_OUTPUT))
                        .cachedAudioRead(count(extra, PreparedRecord.CACHED_AUDIO_READ))
                        .build())
                .passes(Passes.parse(extra.getOrDefault(PreparedRecord.PASSES, "")))
                .role(shared.role)
                .taskName(shared.task)
                .outcome(shared.outcome)
                .serviceTier(shared.serviceTier)
                .region(extra.getOrDefault(PreparedRecord.REGION, ""))
                .source(shared.source)
                .attributes(attributes(row))
                .stampedAttributes(split(extra.getOrDefault(PreparedRecord.STAMPED, ""), ","))
                .requestedModel(stated.requestedModel())
                .requestedServiceTier(stated.requestedServiceTier())
                .aggregate(stated.aggregate());
        split(stated.notes(), ",").forEach(builder::note);
        counts(extra, PreparedRecord.CALL).forEach(builder::calls);
        Long millis = row.duration();
        if (millis != null) {
            builder.duration(Duration.ofMillis(millis));
        }
        Long picos = row.reportedCost();
        if (picos != null) {
            builder.reportedCost(Usd.ofPicos(picos));
        }
        if (PriceId.GIVEN.equals(price)) {
            builder.cost(Usd.ofPicos(row.number(Number.COST))).pricingStatus(shared.status);
        }
        return builder.build();
    }

    private static Cost cost(
            UsageRecord record,
            Map<String, String> extra,
            PricingStatus status,
            String costNotes,
            @Nullable PriceId price,
            long picos) {
        if (price == null) {
            // What was revalued may have been given a cost before.
            UsageRecord unpriced = record.givenCost().isEmpty()
                    ? record
                    : record.toBuilder().withoutCost().build();
            return PriceBook.empty().price(unpriced, record.timestamp().orElseThrow());
        }
        Usd amount = Usd.ofPicos(picos);
        if (price.equals(PriceId.GIVEN)) {
            return new Cost.Given(amount, status);
        }
        List<String> notes = split(costNotes, "\n");
        if (status == PricingStatus.PRICED) {
            return new Cost.Priced(amount, price, notes);
        }
        Map<TokenClass, Long> unpriced = new EnumMap<>(TokenClass.class);
        counts(extra, PreparedRecord.UNPRICED).forEach((name, count) -> unpriced.put(TokenClass.parse(name), count));
        return new Cost.Partial(amount, price, unpriced, counts(extra, PreparedRecord.UNPRICED_CALL), notes);
    }

    private Shared shared(StoredEntry row) throws SQLException {
        return remembered(combinations, row.number(Number.COMBINATION), () -> {
            Combination found = row.combination();
            return new Shared(
                    new ModelIdentity(found.model(), found.upstreamModel(), found.resource(), found.provider()),
                    found.role(),
                    found.task(),
                    found.source(),
                    PricingStatus.parse(found.pricingStatus()),
                    Outcome.parse(found.outcome()),
                    found.serviceTier());
        });
    }

    private ThreadIds thread(StoredEntry row) throws SQLException {
        long thread = row.number(Number.THREAD);
        return thread == 0 ? ThreadIds.NONE : remembered(threads, thread, row::thread);
    }

    private Map<String, String> attributes(StoredEntry row) throws SQLException {
        long set = row.number(Number.ATTRIBUTES);
        return set == 0 ? Map.of() : remembered(attributeSets, set, () -> Values.map(row.attributes()));
    }

    private RareFields rareFields(StoredEntry row) throws SQLException {
        long stated = row.number(Number.RARE_FIELDS);
        return stated == 0 ? RareFields.NONE : remembered(rareFields, stated, row::rareFields);
    }

    private @Nullable PriceId price(StoredEntry row) throws SQLException {
        long price = row.number(Number.PRICE);
        return price == 0 ? null : remembered(prices, price, () -> new PriceId(row.priceId()));
    }

    private static <T> T remembered(Map<Long, T> memory, long number, Lookup<T> lookup) throws SQLException {
        T known = memory.get(number);
        if (known == null) {
            known = lookup.find();
            memory.put(number, known);
        }
        return known;
    }

    private static List<String> split(String joined, String separator) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(separator, -1));
    }

    private static long count(Map<String, String> extra, String key) {
        String count = extra.get(key);
        return count == null ? 0 : Long.parseLong(count);
    }

    private static SortedMap<String, Long> counts(Map<String, String> extra, String prefix) {
        SortedMap<String, Long> counts = new TreeMap<>();
        extra.forEach((key, count) -> {
            if (key.startsWith(prefix)) {
                counts.put(key.substring(prefix.length()), Long.parseLong(count));
            }
        });
        return counts;
    }
}
