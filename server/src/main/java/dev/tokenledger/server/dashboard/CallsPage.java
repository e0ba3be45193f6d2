package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls, newest first and some on each page, or the dearest of them.
 *
 * @param order how they are ordered, for people
 * @param facts what all of them come to; empty where that would take long to add up
 * @param orders the orders that there are
 * @param latest that only the latest calls were looked through; empty where all were
 * @param whole the address that looks through all of them
 * @param first where the list begins; empty on its first page
 * @param next where it goes on; empty on its last page
 */
record CallsPage(
        Frame frame,
        String span,
        String order,
        List<OverviewPage.Card> facts,
        List<OverviewPage.Heading> orders,
        List<Row> rows,
        String latest,
        String whole,
        String first,
        String next,
        String csv) {

    /** Calls on a page. */
    static final int ROWS = 50;

    /**
     * A call.
     *
     * @param link to how its cost came about
     * @param sessionLink to its session's calls; empty without a session
     * @param ledger which one it is in; empty where there is one alone
     * @param loose whether its cost is unknown or a lower bound
     */
    record Row(
            String time,
            String link,
            String model,
            String session,
            String sessionLink,
            String tokens,
            String input,
            String output,
            String cacheRead,
            String cacheWrite,
            String cost,
            String ledger,
            boolean loose) {}

    /** Whether several ledgers are read as one. */
    boolean several() {
        return rows.stream().anyMatch(row -> !row.ledger().isEmpty());
    }

    static CallsPage of(Ledger ledger, View view, Frame frame) {
        Address here = view.on("/calls").without("after");
        String csv = view.on("/calls.csv").without("after", "order").toString();
        List<OverviewPage.Card> facts = facts(ledger, view);
        Optional<Sort> order = view.order().filter(sort -> sort == Sort.COST || sort == Sort.TOKENS);
        List<OverviewPage.Heading> orders = List.of(
                heading("Time", here.without("order"), order.isEmpty()),
                heading("Cost", here.with("order", Sort.COST.text()), order.equals(Optional.of(Sort.COST))),
                heading("Tokens", here.with("order", Sort.TOKENS.text()), order.equals(Optional.of(Sort.TOKENS))));
        if (order.isPresent()) {
            DearestCalls dearest = DearestCalls.of(ledger, view, order.get(), ROWS);
            return new CallsPage(
                    frame,
                    view.span(),
                    order.get() == Sort.COST ? "dearest first" : "most tokens first",
                    facts,
                    orders,
                    dearest.calls().stream()
                            .map(entry -> row(entry, ledger, view))
                            .toList(),
                    dearest.all()
                            ? ""
                            : "Only the latest " + Figures.count(DearestCalls.MAX_CALLS)
                                    + " calls are looked through here.",
                    view.on("/calls").with("whole", "yes").toString(),
                    "",
                    "",
                    csv);
        }
        RecordQuery.Builder query = view.calls().limit(ROWS);
        view.after().ifPresent(query::after);
        RecordPage page = ledger.records(query.build());
        return new CallsPage(
                frame,
                view.span(),
                "newest first",
                facts,
                orders,
                page.entries().stream().map(entry -> row(entry, ledger, view)).toList(),
                "",
                "",
                view.after().isPresent() ? here.toString() : "",
                page.next()
                        .map(cursor -> here.with("after", cursor.toString()).toString())
                        .orElse(""),
                csv);
    }

    private static OverviewPage.Heading heading(String title, Address address, boolean current) {
        return new OverviewPage.Heading(title, address.toString(), current ? "descending" : "");
    }

    /** What all calls of the view come to, not those of one page alone. */
    private static List<OverviewPage.Card> facts(Ledger ledger, View view) {
        SummaryQuery query = view.query(view.window()).build();
        if (ledger.readsRecords(query)) {
            return List.of();
        }
        Summary total = ledger.summaries(query).get(0).summary();
        return List.of(
                new OverviewPage.Card("Cost", Units.cost(total), "of all these calls"),
                new OverviewPage.Card("Calls", Figures.count(total.totalRecords()), ""),
                new OverviewPage.Card("Tokens", Units.tokens(Measure.tokens(total)), ""));
    }

    private static Row row(LedgerEntry entry, Ledger ledger, View view) {
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
                Figures.count(DearestCalls.tokens(entry)),
                Figures.count(tokens.input()),
                Figures.count(tokens.output()),
                Figures.count(tokens.cacheRead()),
                Figures.count(tokens.cacheCreation()),
                cost(entry.effectiveCost()),
                ledger.ledgerOf(entry).map(Units::name).orElse(""),
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
