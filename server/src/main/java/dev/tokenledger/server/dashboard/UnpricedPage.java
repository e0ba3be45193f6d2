package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PriceSnippet;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.function.Supplier;

/**
 * The models whose calls have no price, or one for only part of their usage, and what gives them one.
 *
 * @param unpriced those without a price, of most calls first
 * @param partial those with a price for a part
 * @param others how many further models or calls there are; empty for none
 */
record UnpricedPage(Frame frame, String span, List<Model> unpriced, List<Model> partial, String others) {

    /** What a reader looks through; the calls of all others are counted. */
    private static final int MAX_MODELS = 20;

    /**
     * A model.
     *
     * @param calls how many of its calls lack a price, or a part of one
     * @param link those calls
     * @param prices what to write into a price file; empty where only a single call shows what is missing
     */
    record Model(String name, String provider, String calls, String link, String prices) {}

    static UnpricedPage of(Ledger ledger, View view, Frame frame) {
        boolean chosen = view.filters().containsKey(Dimension.PRICING_STATUS);
        Questions questions = new Questions(
                ledger,
                ReportQuery.of(
                        view.query(view.window()).limit(1).by(Dimension.MODEL).build()));
        Supplier<List<GroupedSummary>> unpriced = ask(questions, view, PricingStatus.UNPRICED, chosen);
        Supplier<List<GroupedSummary>> partial = ask(questions, view, PricingStatus.PARTIAL, chosen);
        questions.ask();
        long others = others(unpriced.get()) + others(partial.get());
        return new UnpricedPage(
                frame,
                view.span(),
                models(unpriced.get(), view, PricingStatus.UNPRICED),
                models(partial.get(), view, PricingStatus.PARTIAL),
                others == 0 ? "" : Figures.count(others, "call", "calls") + " of further models are not listed.");
    }

    private static Supplier<List<GroupedSummary>> ask(
            Questions questions, View view, PricingStatus status, boolean chosen) {
        if (chosen && !status.text().equals(view.filters().get(Dimension.PRICING_STATUS))) {
            return List::of;
        }
        SummaryQuery.Builder query = view.query(view.window());
        if (!chosen) {
            query.where(Dimension.PRICING_STATUS, status.text());
        }
        return questions.rows(
                query.by(Dimension.MODEL, Dimension.UPSTREAM_MODEL, Dimension.RESOURCE, Dimension.PROVIDER)
                        .order(SummaryQuery.Order.RECORDS)
                        .limit(MAX_MODELS)
                        .build());
    }

    private static long others(List<GroupedSummary> rows) {
        return rows.stream()
                .filter(GroupedSummary::other)
                .mapToLong(row -> row.summary().totalRecords())
                .sum();
    }

    private static List<Model> models(List<GroupedSummary> rows, View view, PricingStatus status) {
        return rows.stream()
                .filter(row -> !row.other() && row.summary().totalRecords() > 0)
                .map(row -> model(row, view, status))
                .toList();
    }

    private static Model model(GroupedSummary row, View view, PricingStatus status) {
        String name = row.keys().getOrDefault(Dimension.MODEL, "");
        return new Model(
                Units.name(name),
                row.keys().getOrDefault(Dimension.PROVIDER, ""),
                Figures.count(row.summary().totalRecords(), "call", "calls"),
                view.on("/calls")
                        .with(View.where(Dimension.MODEL), name)
                        .with(View.where(Dimension.PRICING_STATUS), status.text())
                        .toString(),
                status == PricingStatus.UNPRICED ? PriceSnippet.forModel(sample(row)) : "");
    }

    /** A call with a token of each class that the model's calls used, so that the price has a rate for each. */
    private static UsageRecord sample(GroupedSummary row) {
        Summary summary = row.summary();
        int written5m = summary.totalCacheCreationInputTokens() > summary.totalCacheCreation1hInputTokens() ? 1 : 0;
        int written1h = summary.totalCacheCreation1hInputTokens() > 0 ? 1 : 0;
        return UsageRecord.builder()
                .identity(new ModelIdentity(
                        row.keys().getOrDefault(Dimension.MODEL, ""),
                        row.keys().getOrDefault(Dimension.UPSTREAM_MODEL, ""),
                        row.keys().getOrDefault(Dimension.RESOURCE, ""),
                        row.keys().getOrDefault(Dimension.PROVIDER, "")))
                .inputTokens(1)
                .outputTokens(1)
                .cacheReadInputTokens(summary.totalCacheReadInputTokens() > 0 ? 1 : 0)
                .cacheCreationInputTokens(written5m + written1h)
                .cacheCreation5mInputTokens(written5m)
                .cacheCreation1hInputTokens(written1h)
                .build();
    }
}
