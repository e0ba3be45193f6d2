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
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Turns rows back into what was delivered and what it cost. */
final class EntryReader {

    /** Entries; for a reversal, the columns of the record that it negates, but its own id and instant of recording. */
    private static final String SELECT = """
            SELECT e.seq, e.id AS entry_id, e.kind AS entry_kind, e.occurred + e.recorded AS entry_recorded,
                r.occurred, r.input, r.output, r.cache_read, r.cache_creation, r.cache_creation_5m,
                r.cache_creation_1h, r.reasoning, r.cost, r.duration, r.reported_cost, r.extra,
                r.id, r.request_id, r.upstream_request_id,
                c.model, c.upstream_model, c.provider, c.resource, c.role, c.task, c.source, c.pricing_status,
                c.outcome, c.service_tier,
                t.session, t.conversation, a.attributes,
                s.requested_model, s.requested_service_tier, s.aggregate, s.notes, s.cost_notes,
                p.price_id, v.reason, n.id AS reversal_id
            FROM records e
            LEFT JOIN reversals v ON v.reversed = e.seq OR v.reversal = e.seq
            LEFT JOIN records n ON n.seq = v.reversal
            JOIN records r ON r.seq = CASE e.kind WHEN 0 THEN e.seq ELSE v.reversed END
            JOIN combinations c ON c.id = r.combination
            LEFT JOIN threads t ON t.id = r.thread
            LEFT JOIN attribute_sets a ON a.id = r.attributes
            LEFT JOIN circumstances s ON s.id = r.circumstances
            LEFT JOIN prices p ON p.id = r.price
            """;

    private EntryReader() {}

    static @Nullable LedgerEntry byId(Handle handle, RecordId id) throws SQLException {
        PreparedStatement select = handle.statement(SELECT + "WHERE e.id = ?");
        Handle.bind(select, 1, Values.id(id.value()));
        return one(select);
    }

    static @Nullable LedgerEntry bySequence(Handle handle, long sequence) throws SQLException {
        PreparedStatement select = handle.statement(SELECT + "WHERE e.seq = ?");
        select.setLong(1, sequence);
        return one(select);
    }

    private static @Nullable LedgerEntry one(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? entry(row) : null;
        } catch (IllegalArgumentException | NullPointerException e) {
            SQLException damaged = new SQLiteException("a record cannot be read", SQLiteErrorCode.SQLITE_CORRUPT);
            damaged.initCause(e);
            throw damaged;
        }
    }

    private static LedgerEntry entry(ResultSet row) throws SQLException {
        Map<String, String> extra = Values.map(row.getString("extra"));
        UsageRecord record = record(row, extra);
        Cost cost = cost(row, record, extra);
        RecordId id = RecordId.of(Values.idText(row.getObject("entry_id")));
        Object reversal = row.getObject("reversal_id");
        return new LedgerEntry(
                row.getLong("seq"),
                id,
                row.getLong("entry_kind") == 0 ? Kind.USAGE : Kind.REVERSAL,
                record,
                cost,
                Values.instant(row.getLong("entry_recorded")),
                reversal == null
                        ? Optional.empty()
                        : Optional.of(new Reversal(
                                RecordId.of(Values.idText(reversal)), record.id(), row.getString("reason"))));
    }

    private static UsageRecord record(ResultSet row, Map<String, String> extra) throws SQLException {
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(RecordId.of(Values.idText(row.getObject("id"))))
                .timestamp(Values.instant(row.getLong("occurred")))
                .requestId(Values.idText(row.getObject("request_id")))
                .upstreamRequestId(Values.idText(row.getObject("upstream_request_id")))
                .sessionId(Values.idText(row.getObject("session")))
                .conversationId(Values.idText(row.getObject("conversation")))
                .identity(new ModelIdentity(
                        row.getString("model"),
                        row.getString("upstream_model"),
                        row.getString("resource"),
                        row.getString("provider")))
                .tokens(new TokenCounts(
                        row.getLong("input"),
                        row.getLong("output"),
                        row.getLong("cache_creation"),
                        row.getLong("cache_creation_5m"),
                        row.getLong("cache_creation_1h"),
                        row.getLong("cache_read"),
                        row.getLong("reasoning"),
                        count(extra, Row.AUDIO_INPUT),
                        count(extra, Row.IMAGE_INPUT),
                        count(extra, Row.AUDIO_OUTPUT),
                        count(extra, Row.IMAGE_OUTPUT)))
                .role(row.getString("role"))
                .taskName(row.getString("task"))
                .outcome(Outcome.parse(row.getString("outcome")))
                .serviceTier(row.getString("service_tier"))
                .source(row.getString("source"))
                .attributes(Values.map(row.getString("attributes")));
        counts(extra, Row.CALL).forEach(builder::calls);
        Object duration = row.getObject("duration");
        if (duration instanceof Number millis) {
            builder.duration(Duration.ofMillis(millis.longValue()));
        }
        Object reported = row.getObject("reported_cost");
        if (reported instanceof Number picos) {
            builder.reportedCost(Usd.ofPicos(picos.longValue()));
        }
        String requestedModel = row.getString("requested_model");
        if (requestedModel != null) {
            builder.requestedModel(requestedModel)
                    .requestedServiceTier(row.getString("requested_service_tier"))
                    .aggregate(row.getLong("aggregate") != 0);
            for (String note : split(row.getString("notes"), ",")) {
                builder.note(note);
            }
        }
        if (PriceId.GIVEN.text().equals(row.getString("price_id"))) {
            builder.cost(Usd.ofPicos(row.getLong("cost")))
                    .pricingStatus(PricingStatus.parse(row.getString("pricing_status")));
        }
        return builder.build();
    }

    private static Cost cost(ResultSet row, UsageRecord record, Map<String, String> extra) throws SQLException {
        String price = row.getString("price_id");
        if (price == null) {
            return PriceBook.empty().price(record, record.timestamp().orElseThrow());
        }
        Usd amount = Usd.ofPicos(row.getLong("cost"));
        PriceId priceId = new PriceId(price);
        PricingStatus status = PricingStatus.parse(row.getString("pricing_status"));
        if (priceId.equals(PriceId.GIVEN)) {
            return new Cost.Given(amount, status);
        }
        List<String> notes = split(row.getString("cost_notes"), "\n");
        if (status == PricingStatus.PRICED) {
            return new Cost.Priced(amount, priceId, notes);
        }
        Map<TokenClass, Long> unpriced = new EnumMap<>(TokenClass.class);
        counts(extra, Row.UNPRICED).forEach((name, count) -> unpriced.put(TokenClass.parse(name), count));
        return new Cost.Partial(amount, priceId, unpriced, counts(extra, Row.UNPRICED_CALL), notes);
    }

    private static List<String> split(@Nullable String joined, String separator) {
        return joined == null || joined.isEmpty() ? List.of() : List.of(joined.split(separator, -1));
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
