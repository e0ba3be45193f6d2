package dev.tokenledger.server.dashboard;

import dev.tokenledger.summary.SummaryQuery;
import java.util.Locale;

/** What the rows of a table are ordered by, highest first; names from the first on. */
enum Sort {
    COST(SummaryQuery.Order.COST),
    TOKENS(SummaryQuery.Order.TOKENS),
    CALLS(SummaryQuery.Order.RECORDS),
    NAME(SummaryQuery.Order.KEY);

    private final SummaryQuery.Order order;
    private final String text = name().toLowerCase(Locale.ROOT);

    Sort(SummaryQuery.Order order) {
        this.order = order;
    }

    /** The name in addresses. */
    String text() {
        return text;
    }

    SummaryQuery.Order order() {
        return order;
    }
}
