package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Passes;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Turns rows back into what was delivered and what it cost. Texts that many records share are looked up once, so that a page of
 * thousands is about as many rows and not as many questions. Used by one thread, in one transaction.
 */
final class EntryReader {

    private enum Column {
        SEQ,
        KIND,
        OCCURRED,
        RECORDED,
        COMBINATION,
        THREAD,
        ATTRIBUTES,
        CIRCUMSTANCES,
        PRICE,
        INPUT,
        OUTPUT,
        CACHE_READ,
        CACHE_CREATION,
        CACHE_CREATION_5M,
        CACHE_CREATION_1H,
        REASONING,
        COST,
        DURATION,
        REPORTED_COST,
        EXTRA,
        ID,
        REQUEST_ID,
        UPSTREAM_REQUEST_ID;

        /** The column's place, by which it is found three times as fast as by its name. */
        final int place = ordinal() + 1;
    }

    /** Where it stands whether the record was reversed. */
    private static final int REVERSED = Column.values().length + 1;

    /** What {@link #read} needs of records {@code r}. */
    static final String COLUMNS = Arrays.stream(Column.values())
                    .map(column -> "r." + column.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "))
            + ", EXISTS (SELECT 1 FROM reversals WHERE reversed = r.seq)";

    /** What records with the same combination have in common. */
    private record Shared(
            ModelIdentity identity,
            String role,
            String task,
            String source,
            PricingStatus status,
            Outcome outcome,
            String serviceTier) {}

    private record ThreadIds(String session, String conversation) {
        static final ThreadIds NONE = new ThreadIds("", "");
    }

    /** Looks up what stands under a number. */
    private interface Lookup<T> {
        T find(long id) throws SQLException;
    }

    /** Makes something of the one row that was asked for. */
    private interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    private final Handle handle;
    private final Map<Long, Shared> combinations = new HashMap<>();
    private final Map<Long, ThreadIds> threads = new HashMap<>();
    private final Map<Long, Map<String, String>> attributeSets = new HashMap<>();
    private final Map<Long, RareFields> circumstances = new HashMap<>();
    private final Map<Long, PriceId> prices = new HashMap<>();

    EntryReader(Handle handle) {
        this.handle = handle;
    }

    /** The entry with this id; null if there is none. */
    static @Nullable LedgerEntry byId(Handle handle, RecordId id) throws SQLException {
        PreparedStatement select = handle.statement("SELECT " + COLUMNS + " FROM records r WHERE r.id = ?");
        Handle.bind(select, 1, Values.id(id.value()));
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? new EntryReader(handle).read(row) : null;
        }
    }

    /** The entry of a row of {@link #COLUMNS}. */
    LedgerEntry read(ResultSet row) throws SQLException {
        try {
            return row.getInt(Column.KIND.place) == 0 ? usage(row) : reversal(row);
        } catch (IllegalArgumentException | NullPointerException e) {
            SQLException damaged = new SQLiteException("a record cannot be read", SQLiteErrorCode.SQLITE_CORRUPT);
            damaged.initCause(e);
            throw damaged;
        }
    }

    private LedgerEntry usage(ResultSet row) throws SQLException {
        long sequence = number(row, Column.SEQ);
        Map<String, String> extra = Values.map(text(row, Column.EXTRA));
        Shared shared = shared(number(row, Column.COMBINATION));
        RareFields stated = circumstances(number(row, Column.CIRCUMSTANCES));
        PriceId price = price(number(row, Column.PRICE));
        UsageRecord record = record(row, extra, shared, stated, price);
        Optional<Reversal> reversal = Optional.empty();
        if (row.getInt(REVERSED) != 0) {
            reversal = Optional.of(one(
                    "SELECT n.id, v.reason FROM reversals v JOIN records n ON n.seq = v.reversal WHERE v.reversed = ?",
                    sequence,
                    found -> new Reversal(
                            RecordId.of(Values.idText(found.getObject(1))), record.id(), found.getString(2))));
        }
        return new LedgerEntry(
                sequence,
                record.id(),
                Kind.USAGE,
                record,
                cost(record, extra, shared.status, stated, price, number(row, Column.COST)),
                recorded(row),
                reversal);
    }

    /** A reversal shows the record that it negates under its own id and instant of recording. */
    private LedgerEntry reversal(ResultSet row) throws SQLException {
        LedgerEntry reversed = one(
                "SELECT " + COLUMNS
                        + " FROM records r WHERE r.seq = (SELECT reversed FROM reversals WHERE reversal = ?)",
                number(row, Column.SEQ),
                this::usage);
        return new LedgerEntry(
                number(row, Column.SEQ),
                RecordId.of(id(row, Column.ID)),
                Kind.REVERSAL,
                reversed.record(),
                reversed.cost(),
                recorded(row),
                reversed.reversal());
    }

    private static Instant recorded(ResultSet row) throws SQLException {
        return Values.instant(number(row, Column.OCCURRED) + number(row, Column.RECORDED));
    }

    private UsageRecord record(
            ResultSet row, Map<String, String> extra, Shared shared, RareFields stated, @Nullable PriceId price)
            throws SQLException {
        ThreadIds thread = thread(number(row, Column.THREAD));
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(RecordId.of(id(row, Column.ID)))
                .timestamp(Values.instant(number(row, Column.OCCURRED)))
                .requestId(id(row, Column.REQUEST_ID))
                .upstreamRequestId(id(row, Column.UPSTREAM_REQUEST_ID))
                .sessionId(thread.session)
                .conversationId(thread.conversation)
                .identity(shared.identity)
                .tokens(new TokenCounts(
                        number(row, Column.INPUT),
                        number(row, Column.OUTPUT),
                        number(row, Column.CACHE_CREATION),
                        number(row, Column.CACHE_CREATION_5M),
                        number(row, Column.CACHE_CREATION_1H),
                        number(row, Column.CACHE_READ),
                        number(row, Column.REASONING),
                        count(extra, PreparedRecord.AUDIO_INPUT),
                        count(extra, PreparedRecord.IMAGE_INPUT),
                        count(extra, PreparedRecord.AUDIO_OUTPUT),
                        count(extra, PreparedRecord.IMAGE_OUTPUT),
                        count(extra, PreparedRecord.CACHED_AUDIO_READ)))
                .passes(Passes.parse(extra.getOrDefault(PreparedRecord.PASSES, "")))
                .role(shared.role)
                .taskName(shared.task)
                .outcome(shared.outcome)
                .serviceTier(shared.serviceTier)
                .region(extra.getOrDefault(PreparedRecord.REGION, ""))
                .source(shared.source)
                .attributes(attributes(number(row, Column.ATTRIBUTES)))
                .requestedModel(stated.requestedModel())
                .requestedServiceTier(stated.requestedServiceTier())
                .aggregate(stated.aggregate());
        split(stated.notes(), ",").forEach(builder::note);
        counts(extra, PreparedRecord.CALL).forEach(builder::calls);
        long millis = number(row, Column.DURATION);
        if (millis != 0 || !row.wasNull()) {
            builder.duration(Duration.ofMillis(millis));
        }
        long picos = number(row, Column.REPORTED_COST);
        if (picos != 0 || !row.wasNull()) {
            builder.reportedCost(Usd.ofPicos(picos));
        }
        if (PriceId.GIVEN.equals(price)) {
            builder.cost(Usd.ofPicos(number(row, Column.COST))).pricingStatus(shared.status);
        }
        return builder.build();
    }

    private static Cost cost(
            UsageRecord record,
            Map<String, String> extra,
            PricingStatus status,
            RareFields stated,
            @Nullable PriceId price,
            long picos) {
        if (price == null) {
            return PriceBook.empty().price(record, record.timestamp().orElseThrow());
        }
        Usd amount = Usd.ofPicos(picos);
        if (price.equals(PriceId.GIVEN)) {
            return new Cost.Given(amount, status);
        }
        List<String> notes = split(stated.costNotes(), "\n");
        if (status == PricingStatus.PRICED) {
            return new Cost.Priced(amount, price, notes);
        }
        Map<TokenClass, Long> unpriced = new EnumMap<>(TokenClass.class);
        counts(extra, PreparedRecord.UNPRICED).forEach((name, count) -> unpriced.put(TokenClass.parse(name), count));
        return new Cost.Partial(amount, price, unpriced, counts(extra, PreparedRecord.UNPRICED_CALL), notes);
    }

    private Shared shared(long combination) throws SQLException {
        return remembered(
                combinations,
                combination,
                number -> one(
                        "SELECT " + Combination.COLUMNS + " FROM combinations WHERE id = ?",
                        number,
                        row -> new Shared(
                                new ModelIdentity(
                                        row.getString(1), row.getString(2), row.getString(4), row.getString(3)),
                                row.getString(5),
                                row.getString(6),
                                row.getString(7),
                                PricingStatus.parse(row.getString(8)),
                                Outcome.parse(row.getString(9)),
                                row.getString(10))));
    }

    private ThreadIds thread(long thread) throws SQLException {
        return thread == 0
                ? ThreadIds.NONE
                : remembered(
                        threads,
                        thread,
                        number -> one(
                                "SELECT session, conversation FROM threads WHERE id = ?",
                                number,
                                row -> new ThreadIds(
                                        Values.idText(row.getObject(1)), Values.idText(row.getObject(2)))));
    }

    private Map<String, String> attributes(long set) throws SQLException {
        return set == 0 ? Map.of() : remembered(attributeSets, set, number -> AttributeSets.read(handle, number));
    }

    private RareFields circumstances(long stated) throws SQLException {
        return stated == 0
                ? RareFields.NONE
                : remembered(
                        circumstances,
                        stated,
                        number -> one(
                                "SELECT " + RareFields.COLUMNS + " FROM circumstances WHERE id = ?",
                                number,
                                row -> new RareFields(
                                        row.getString(1),
                                        row.getString(2),
                                        row.getLong(3) != 0,
                                        row.getString(4),
                                        row.getString(5))));
    }

    private @Nullable PriceId price(long price) throws SQLException {
        return price == 0
                ? null
                : remembered(
                        prices,
                        price,
                        number -> one(
                                "SELECT price_id FROM prices WHERE id = ?",
                                number,
                                row -> new PriceId(row.getString(1))));
    }

    private static <T> T remembered(Map<Long, T> memory, long number, Lookup<T> lookup) throws SQLException {
        T known = memory.get(number);
        if (known == null) {
            known = lookup.find(number);
            memory.put(number, known);
        }
        return known;
    }

    private <T> T one(String sql, long number, Reading<T> reading) throws SQLException {
        PreparedStatement select = handle.statement(sql);
        select.setLong(1, number);
        try (ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new IllegalArgumentException("there is no row " + number + " for: " + sql);
            }
            return reading.of(row);
        }
    }

    /** A column's number; 0 where there is none. */
    private static long number(ResultSet row, Column column) throws SQLException {
        return row.getLong(column.place);
    }

    private static @Nullable String text(ResultSet row, Column column) throws SQLException {
        return row.getString(column.place);
    }

    private static String id(ResultSet row, Column column) throws SQLException {
        return Values.idText(row.getObject(column.place));
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
