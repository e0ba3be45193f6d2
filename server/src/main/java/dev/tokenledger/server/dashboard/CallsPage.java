package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Map;

/**
 * Calls, newest first, some on each page.
 *
 * @param first where the list begins; empty on its first page
 * @param next where it goes on; empty on its last page
 */
record CallsPage(Frame frame, String span, List<Row> rows, String first, String next, String csv) {

    /** Calls on a page. */
    static final int ROWS = 50;

    /**
     * A call.
     *
     * @param link to how its cost came about
     * @param sessionLink to its session's calls; empty without a session
     * @param loose whether its cost is unknown or a lower bound
     */
    record Row(
            String time,
            String link,
            String model,
            String session,
            String sessionLink,
            String input,
            String output,
            String cacheRead,
            String cacheWrite,
            String cost,
            boolean loose) {}

    static CallsPage of(Ledger ledger, View view, Frame frame) {
        RecordQuery.Builder query = view.calls().limit(ROWS);
        view.after().ifPresent(query::after);
        RecordPage page = ledger.records(query.build());
        Address here = view.on("/calls").without("after");
        return new CallsPage(
                frame,
                view.span(),
                page.entries().stream().map(entry -> row(entry, view)).toList(),
                view.after().isPresent() ? here.toString() : "",
                page.next()
                        .map(cursor -> here.with("after", cursor.toString()).toString())
                        .orElse(""),
                view.on("/calls.csv").without("after").toString());
    }

    private static Row row(LedgerEntry entry, View view) {
        UsageRecord record = entry.record();
        TokenCounts tokens = record.tokens();
        String session = record.sessionId();
        return new Row(
                Units.second(entry.occurred(), view.zone()),
                CallPage.address(entry.id(), view),
                Units.name(record.identity().model()),
                session.isEmpty() ? "" : Units.name(session),
                session.isEmpty()
                        ? ""
                        : new Address(
                                        "/calls",
                                        Map.of("period", Range.ALL.text(), View.where(Dimension.SESSION), session))
                                .toString(),
                Figures.count(tokens.input()),
                Figures.count(tokens.output()),
                Figures.count(tokens.cacheRead()),
                Figures.count(tokens.cacheCreation()),
                cost(entry.effectiveCost()),
                entry.effectiveCost().status() != PricingStatus.PRICED);
    }

    /** One call's cost, with the digits that a small amount needs. */
    private static String cost(Cost cost) {
        return switch (cost.status()) {
            case PRICED -> Figures.usd(cost.amount(), 4);
            case PARTIAL -> "≥\u202f" + Figures.usd(cost.amount(), 4);
            case UNPRICED -> "unpriced";
        };
    }
}
