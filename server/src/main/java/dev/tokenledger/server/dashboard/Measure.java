package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import java.math.BigDecimal;
import java.util.Locale;

/** What a chart shows the height of, and a table is ordered by. */
enum Measure {
    COST("Cost", SummaryQuery.Order.COST) {
        @Override
        BigDecimal of(Summary summary) {
            return summary.totalCost().toBigDecimal();
        }

        @Override
        String show(BigDecimal value) {
            return Figures.usd(Usd.of(value), 2);
        }
    },
    TOKENS("Tokens", SummaryQuery.Order.TOKENS) {
        @Override
        BigDecimal of(Summary summary) {
            return BigDecimal.valueOf(tokens(summary));
        }

        @Override
        String show(BigDecimal value) {
            return Units.tokens(value.longValueExact());
        }
    },
    CALLS("Calls", SummaryQuery.Order.RECORDS) {
        @Override
        BigDecimal of(Summary summary) {
            return BigDecimal.valueOf(summary.totalRecords());
        }

        @Override
        String show(BigDecimal value) {
            return Figures.count(value.longValueExact());
        }
    };

    private final String title;
    private final SummaryQuery.Order order;
    private final String text = name().toLowerCase(Locale.ROOT);

    Measure(String title, SummaryQuery.Order order) {
        this.title = title;
        this.order = order;
    }

    /** The name for people. */
    String title() {
        return title;
    }

    /** The name in addresses. */
    String text() {
        return text;
    }

    SummaryQuery.Order order() {
        return order;
    }

    abstract BigDecimal of(Summary summary);

    abstract String show(BigDecimal value);

    /** A total as text; of money what is known, marked where it is a lower bound. */
    String figure(Summary summary) {
        return this == COST ? Units.cost(summary) : show(of(summary));
    }

    /** A value on an axis, in the axis's unit and with its decimals: {@code $2.50}, {@code $40}, {@code 0.5 M}. */
    String axis(BigDecimal value, Axis axis) {
        return switch (this) {
            case COST -> {
                int decimals = decimals(axis.step());
                yield "$" + Figures.exact(value, decimals == 0 ? 0 : Math.max(2, decimals));
            }
            case TOKENS -> Units.tokens(value, axis.top(), axis.step());
            case CALLS -> show(value);
        };
    }

    /** How many decimals a number has that matter. */
    static int decimals(BigDecimal number) {
        return Math.max(0, number.stripTrailingZeros().scale());
    }

    /** Tokens of every class: uncached input, cache writes, cache reads and output. */
    static long tokens(Summary summary) {
        return summary.totalInputTokens()
                + summary.totalCacheCreationInputTokens()
                + summary.totalCacheReadInputTokens()
                + summary.totalOutputTokens();
    }
}
