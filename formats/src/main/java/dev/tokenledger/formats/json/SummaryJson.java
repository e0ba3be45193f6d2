package dev.tokenledger.formats.json;

import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the answer to a {@link SummaryQuery} as one JSON object on one line: the window, its total, and the groups.
 *
 * <p>{@code start} and {@code end} are UTC instants; a side of the window that is not bounded is {@code null}. The total
 * is the sum of the rows, the row of all others included. A query without dimensions and without buckets has an empty
 * {@code group_by} and no groups. {@code as_of} is there where the query has it.
 */
public final class SummaryJson {

    /** Always with seconds, unlike {@code OffsetDateTime.toString}. */
    private static final DateTimeFormatter BUCKET = DateTimeFormatter.ISO_OFFSET_DATE_TIME;

    private SummaryJson() {}

    /**
     * The answer as one line of JSON, without a line break.
     *
     * @param rows what the ledger answered to {@code query}
     */
    public static String write(SummaryQuery query, List<GroupedSummary> rows) {
        return write(query, rows, null);
    }

    /**
     * The answer with costs in another currency too: each total has {@code total_cost}, and {@code currency} says what it is in,
     * how it was rounded, and which days have the rate of an earlier one.
     */
    public static String write(SummaryQuery query, ConvertedReport converted) {
        return write(query, converted.rows(), converted);
    }

    private static String write(SummaryQuery query, List<GroupedSummary> rows, @Nullable ConvertedReport converted) {
        return JsonText.write(json -> {
            json.writeStartObject();
            TimeWindow window = query.window();
            bound(json, "start", window.start(), TimeWindow.MIN);
            bound(json, "end", window.end(), TimeWindow.MAX);
            query.asOf().ifPresent(instant -> json.writeStringProperty("as_of", instant.toString()));
            if (converted != null) {
                currency(converted, json);
            }
            json.writeName("summary");
            Summary total = rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
            write(total, converted == null ? null : converted.total(), json);
            json.writeArrayPropertyStart("group_by");
            query.dimensions().forEach(dimension -> json.writeString(dimension.name()));
            json.writeEndArray();
            json.writeArrayPropertyStart("groups");
            if (!query.dimensions().isEmpty() || query.bucket().isPresent()) {
                for (int i = 0; i < rows.size(); i++) {
                    write(
                            rows.get(i),
                            converted == null ? null : converted.costs().get(i),
                            json);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** One total as one line of JSON, without a line break. */
    public static String write(Summary summary) {
        return JsonText.write(json -> write(summary, null, json));
    }

    private static void currency(ConvertedReport converted, JsonGenerator json) {
        json.writeObjectPropertyStart("currency");
        json.writeStringProperty("code", converted.currency());
        json.writeStringProperty("zone", converted.zone().getId());
        json.writeStringProperty("rounding", "half_even");
        json.writeNumberProperty("digits", ConvertedReport.DIGITS);
        days(json, "days_at_earlier_rate", converted.carried());
        days(json, "days_at_old_rate", converted.old());
        json.writeEndObject();
    }

    private static void days(JsonGenerator json, String name, Set<LocalDate> days) {
        json.writeArrayPropertyStart(name);
        days.forEach(day -> json.writeString(day.toString()));
        json.writeEndArray();
    }

    private static void bound(JsonGenerator json, String name, Instant bound, Instant unbounded) {
        if (bound.equals(unbounded)) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, bound.toString());
        }
    }

    private static void write(GroupedSummary row, @Nullable BigDecimal cost, JsonGenerator json) {
        json.writeStartObject();
        row.bucket().ifPresent(bucket -> json.writeStringProperty("bucket", BUCKET.format(bucket)));
        json.writeStringProperty("key", row.key());
        json.writeObjectPropertyStart("keys");
        row.keys().forEach((Dimension dimension, String value) -> json.writeStringProperty(dimension.name(), value));
        json.writeEndObject();
        if (row.other()) {
            json.writeBooleanProperty("other", true);
        }
        json.writeName("summary");
        write(row.summary(), cost, json);
        json.writeEndObject();
    }

    private static void write(Summary summary, @Nullable BigDecimal cost, JsonGenerator json) {
        json.writeStartObject();
        json.writeNumberProperty("total_records", summary.totalRecords());
        json.writeNumberProperty("total_input_tokens", summary.totalInputTokens());
        json.writeNumberProperty("total_output_tokens", summary.totalOutputTokens());
        json.writeNumberProperty("total_cache_creation_input_tokens", summary.totalCacheCreationInputTokens());
        json.writeNumberProperty("total_cache_creation_5m_input_tokens", summary.totalCacheCreation5mInputTokens());
        json.writeNumberProperty("total_cache_creation_1h_input_tokens", summary.totalCacheCreation1hInputTokens());
        json.writeNumberProperty("total_cache_read_input_tokens", summary.totalCacheReadInputTokens());
        json.writeNumberProperty("total_reasoning_tokens", summary.totalReasoningTokens());
        json.writeNumberProperty("total_cost_usd", summary.totalCost().toBigDecimal());
        if (cost != null) {
            json.writeNumberProperty("total_cost", cost);
        }
        json.writeNumberProperty("priced_records", summary.pricedRecords());
        json.writeNumberProperty("partial_records", summary.partialRecords());
        json.writeNumberProperty("unpriced_records", summary.unpricedRecords());
        json.writeNumberProperty("cache_hit_rate", Decimals.plain(summary.cacheHitRate()));
        json.writeNumberProperty("cache_read_share", Decimals.plain(summary.cacheReadShare()));
        json.writeNumberProperty("doubtful_records", summary.doubts().records());
        json.writeNumberProperty("output_incomplete_records", summary.doubts().outputIncomplete());
        json.writeNumberProperty("cache_split_missing_records", summary.doubts().cacheSplitMissing());
        json.writeEndObject();
    }
}
