package dev.tokenledger.server.dashboard;

import java.util.List;
import java.util.Optional;

/**
 * Totals, cost over time, and a table of groups: all of it as text, ready to be shown.
 *
 * @param cards today, this week, this month, and what the month comes to
 * @param budgets how much of each budget is used up
 * @param facts the totals of what is chosen
 * @param mix the tokens by class
 * @param warning what has no price; empty if everything has one
 * @param doubts how many calls have figures in doubt; empty for none
 * @param oldPrices that the prices are old, and what to run; empty while they are not
 * @param leftOut that calls lie before the chart's first bar; empty where none do
 * @param rows the groups
 * @param latest that only the latest calls are told apart; empty where all are
 * @param whole the address that tells all of them apart
 * @param curl a command that stores a first record; empty where the ledger has any
 */
record OverviewPage(
        Frame frame,
        String span,
        List<Card> cards,
        BudgetsPart budgets,
        List<Card> facts,
        List<Part> mix,
        Optional<Warning> warning,
        String doubts,
        String oldPrices,
        Chart chart,
        String chartTitle,
        String bucketTitle,
        boolean coarser,
        String leftOut,
        String groupTitle,
        List<Row> rows,
        String latest,
        String whole,
        Row total,
        String csv,
        String chartCsv,
        boolean empty,
        String everything,
        String curl) {

    /** A figure with its name, and a line of smaller print. */
    record Card(String name, String value, String note) {}

    /** A part of a whole, in percent of the width. */
    record Part(String name, String style, String x, String width, String figure, String share) {}

    /** What has no price. */
    record Warning(String text, List<Frame.Link> models) {}

    /**
     * A group's line.
     *
     * @param link where it leads; empty for none
     * @param share its part of the whole, in percent of the width
     * @param priceGaps how many of its calls have no price, or a price for only a part; empty for none
     */
    record Row(
            String name,
            String link,
            String cost,
            String share,
            String width,
            String calls,
            String input,
            String output,
            String cacheRead,
            String cacheWrite,
            String hitRate,
            String cached,
            String priceGaps) {}
}
