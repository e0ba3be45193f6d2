package dev.tokenledger.formats.present;

import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Totals as CSV: a line for each row, the figures by their names in JSON, exact. The total is not a line of its own. */
public final class SummaryCsv {

    private static final String[] FIGURES = {
        "total_records",
        "total_input_tokens",
        "total_output_tokens",
        "total_cache_creation_input_tokens",
        "total_cache_creation_5m_input_tokens",
        "total_cache_creation_1h_input_tokens",
        "total_cache_read_input_tokens",
        "total_reasoning_tokens",
        "total_cost_usd",
        "priced_records",
        "partial_records",
        "unpriced_records",
        "cache_hit_rate",
        "cache_read_share",
        "doubtful_records",
        "output_incomplete_records",
        "cache_split_missing_records"
    };

    private SummaryCsv() {}

    /**
     * Writes the answer to a query.
     *
     * @param out takes the text, piece by piece
     */
    public static void write(SummaryQuery query, List<GroupedSummary> rows, Consumer<String> out) {
        write(query, rows, null, out);
    }

    /**
     * Writes the answer to a query with costs in another currency too, in the columns {@code currency} and {@code total_cost} at the
     * end.
     *
     * @param out takes the text, piece by piece
     */
    public static void write(SummaryQuery query, ConvertedReport converted, Consumer<String> out) {
        write(query, converted.rows(), converted, out);
    }

    private static void write(
            SummaryQuery query, List<GroupedSummary> rows, @Nullable ConvertedReport converted, Consumer<String> out) {
        Csv csv = new Csv(out);
        if (query.bucket().isPresent()) {
            csv.plain("bucket");
        }
        query.dimensions().forEach(dimension -> csv.text(dimension.name()));
        if (query.limit().isPresent()) {
            csv.plain("other");
        }
        for (String figure : FIGURES) {
            csv.plain(figure);
        }
        if (converted != null) {
            csv.plain("currency").plain("total_cost");
        }
        csv.end();
        for (int i = 0; i < rows.size(); i++) {
            GroupedSummary row = rows.get(i);
            row.bucket().ifPresent(bucket -> csv.plain(DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(bucket)));
            for (Dimension dimension : query.dimensions()) {
                csv.text(row.keys().getOrDefault(dimension, ""));
            }
            if (query.limit().isPresent()) {
                csv.plain(row.other());
            }
            figures(csv, row.summary());
            if (converted != null) {
                csv.plain(converted.currency()).plain(converted.costs().get(i).toPlainString());
            }
            csv.end();
        }
    }

    private static void figures(Csv csv, Summary summary) {
        csv.plain(summary.totalRecords())
                .plain(summary.totalInputTokens())
                .plain(summary.totalOutputTokens())
                .plain(summary.totalCacheCreationInputTokens())
                .plain(summary.totalCacheCreation5mInputTokens())
                .plain(summary.totalCacheCreation1hInputTokens())
                .plain(summary.totalCacheReadInputTokens())
                .plain(summary.totalReasoningTokens())
                .plain(summary.totalCost())
                .plain(summary.pricedRecords())
                .plain(summary.partialRecords())
                .plain(summary.unpricedRecords())
                .plain(summary.cacheHitRate().toPlainString())
                .plain(summary.cacheReadShare().toPlainString())
                .plain(summary.doubts().records())
                .plain(summary.doubts().outputIncomplete())
                .plain(summary.doubts().cacheSplitMissing());
    }
}
