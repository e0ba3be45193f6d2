package dev.tokenledger.formats.present;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Records as CSV: a line for each entry, columns by the fields' names in JSON. The cost of a record that was revalued is the one
 * that counts in totals; what it was written with stands beside it as the first one. Attributes are one object of JSON, and a
 * column each behind the others.
 */
public final class RecordsCsv {

    private static final String[] COLUMNS = {
        "id",
        "kind",
        "timestamp",
        "recorded",
        "model",
        "upstream_model",
        "resource",
        "provider",
        "requested_model",
        "request_id",
        "session_id",
        "conversation_id",
        "upstream_request_id",
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_creation_5m_input_tokens",
        "cache_creation_1h_input_tokens",
        "cache_read_input_tokens",
        "reasoning_tokens",
        "audio_input_tokens",
        "image_input_tokens",
        "audio_output_tokens",
        "image_output_tokens",
        "cached_audio_read_tokens",
        "calls",
        "cost_usd",
        "pricing_status",
        "price_id",
        "reported_cost_usd",
        "role",
        "task_name",
        "outcome",
        "duration_ms",
        "service_tier",
        "requested_service_tier",
        "region",
        "attributes",
        "source",
        "aggregate",
        "notes",
        "reverses",
        "reversed_by",
        "reason",
        "revalues",
        "revaluation_run",
        "revaluation_reason",
        "first_cost_usd",
        "first_price_id",
        "adjustment_reason"
    };

    /** Attributes with a column of their own; those beyond are in the column of all of them. */
    private static final int MAX_KEYS = 100;

    private final Csv csv;
    private final Ledger ledger;
    private final boolean several;
    private final List<String> keys;

    /**
     * Writes the names of the columns.
     *
     * @param out takes the text, piece by piece
     * @param ledger whose entries they are; its attributes have a column of their own behind the others, as far as there is room, and
     *     before those stands the ledger that each is in where it is several
     */
    public RecordsCsv(Consumer<String> out, Ledger ledger) {
        csv = new Csv(out);
        this.ledger = ledger;
        several = !ledger.ledgers().isEmpty();
        keys = ledger.attributeKeys().stream().limit(MAX_KEYS).toList();
        for (String column : COLUMNS) {
            csv.plain(column);
        }
        if (several) {
            csv.plain("ledger");
        }
        keys.forEach(key -> csv.text("attribute." + key));
        csv.end();
    }

    /** Writes an entry. */
    public void add(LedgerEntry entry) {
        UsageRecord record = entry.record();
        boolean first =
                entry.kind() == LedgerEntry.Kind.USAGE && entry.revaluation().isPresent();
        Cost cost = first ? entry.effectiveCost() : entry.cost();
        csv.text(entry.id().value())
                .plain(entry.kind().name().toLowerCase(Locale.ROOT))
                .plain(entry.occurred())
                .plain(entry.recorded())
                .text(record.identity().model())
                .text(record.identity().upstreamModel())
                .text(record.identity().resource())
                .text(record.identity().provider())
                .text(record.requestedModel())
                .text(record.requestId())
                .text(record.sessionId())
                .text(record.conversationId())
                .text(record.upstreamRequestId());
        tokens(record.tokens());
        csv.plain(pairs(record.calls()))
                .plain(cost.amount())
                .plain(cost.status().text())
                .text(cost.priceId().map(PriceId::text).orElse(""))
                .plain(record.reportedCost().map(Usd::toString).orElse(""))
                .text(record.role())
                .text(record.taskName())
                .plain(record.outcome().text())
                .plain(record.duration()
                        .map(duration -> Long.toString(duration.toMillis()))
                        .orElse(""))
                .text(record.serviceTier())
                .text(record.requestedServiceTier())
                .text(record.region())
                .text(json(record.attributes()))
                .text(record.source())
                .plain(record.aggregate())
                .plain(String.join(";", record.notes()));
        Optional<LedgerEntry.Reversal> reversal = entry.reversal();
        boolean reverses = entry.kind() == LedgerEntry.Kind.REVERSAL;
        csv.text(reversal.filter(other -> reverses)
                        .map(other -> other.reverses().value())
                        .orElse(""))
                .text(reversal.filter(other -> !reverses)
                        .map(other -> other.id().value())
                        .orElse(""))
                .text(reversal.map(LedgerEntry.Reversal::reason).orElse(""));
        Optional<LedgerEntry.Revaluation> revaluation = entry.revaluation();
        csv.text(revaluation
                        .filter(last -> !first)
                        .map(last -> last.revalues().value())
                        .orElse(""))
                .text(revaluation.map(LedgerEntry.Revaluation::run).orElse(""))
                .text(revaluation.map(LedgerEntry.Revaluation::reason).orElse(""))
                .plain(first ? entry.cost().amount().toString() : "")
                .text(first ? entry.cost().priceId().map(PriceId::text).orElse("") : "")
                .text(entry.adjustment().map(LedgerEntry.Adjustment::reason).orElse(""));
        if (several) {
            csv.text(ledger.ledgerOf(entry).orElse(""));
        }
        keys.forEach(key -> csv.text(record.attributes().getOrDefault(key, "")));
        csv.end();
    }

    private void tokens(TokenCounts tokens) {
        csv.plain(tokens.input())
                .plain(tokens.output())
                .plain(tokens.cacheCreation())
                .plain(tokens.cacheCreation5m())
                .plain(tokens.cacheCreation1h())
                .plain(tokens.cacheRead())
                .plain(tokens.reasoning())
                .plain(tokens.audioInput())
                .plain(tokens.imageInput())
                .plain(tokens.audioOutput())
                .plain(tokens.imageOutput())
                .plain(tokens.cachedAudioRead());
    }

    /** One object of JSON, which keeps any key and value apart; empty for none. */
    private static String json(Map<String, String> attributes) {
        return attributes.isEmpty()
                ? ""
                : JsonText.write(json -> {
                    json.writeStartObject();
                    attributes.forEach(json::writeStringProperty);
                    json.writeEndObject();
                });
    }

    /** {@code name=count;name=count}: names of calls have neither sign. */
    private static String pairs(Map<String, ?> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(";"));
    }
}
