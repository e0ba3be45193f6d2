package dev.tokenledger.server.dashboard;

import dev.tokenledger.server.http.AgentLogs;
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
 * @param headings the columns that the table can be ordered by: names, cost, calls, tokens
 * @param hint that no call has the attribute that is grouped by; empty where one has
 * @param rows the groups
 * @param latest that only the latest calls are told apart; empty where all are
 * @param whole the address that tells all of them apart
 * @param curl a command that stores a first record; empty where the ledger has any
 * @param logs the logs of agents that can be imported; empty where the ledger has any record
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
        List<Heading> headings,
        String hint,
        List<Row> rows,
        String latest,
        String whole,
        Row total,
        String csv,
        String chartCsv,
        boolean empty,
        String everything,
        String curl,
        List<AgentLogs> logs) {

    /** A figure with its name, and a line of smaller print. */
    record Card(String name, String value, String note) {}

    /** A part of a whole, in percent of the width. */
    record Part(String name, String style, String x, String width, String figure, String share) {}

    /**
     * What has no price.
     *
     * @param models those without any, each with its calls
     * @param partial those with a price for a part of the usage
     * @param remedy the page that says what to do
     */
    record Warning(String text, List<Frame.Link> models, List<Frame.Link> partial, String remedy) {}

    /**
     * The heading of a column.
     *
     * @param link the address that orders by it
     * @param sorted which way it is ordered, as ARIA has it; empty if it is not
     */
    record Heading(String title, String link, String sorted) {}

    /** The period before, and the change since. */
    record Difference(String before, String change) {}

    /**
     * A group's line.
     *
     * @param link where it leads; empty for none
     * @param share its part of the whole, in percent of the width
     * @param difference against the period before; empty where that is not shown
     * @param priceGaps how many of its calls have no price, or a price for only a part; empty for none
     */
    record Row(
            String name,
            String link,
            String cost,
            String share,
            String width,
            Optional<Difference> difference,
            String calls,
            String tokens,
            String input,
            String output,
            String cacheRead,
            String cacheWrite,
            String hitRate,
            String cached,
            String priceGaps) {}
}
