package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/**
 * What a budget tells of, once in a period.
 *
 * @param kind what is looked at
 * @param share of the limit, more than 0 and at most 10, with at most 4 decimals; of a {@link Kind#SHARE} alone, else 0
 */
public record Threshold(Kind kind, BigDecimal share) {

    /** What is looked at. */
    public enum Kind {
        /** The known cost has reached a share of the limit. */
        SHARE,
        /** What the period comes to at its pace is above the limit. */
        FORECAST,
        /** Calls count whose cost is not, or not wholly, known, so that nobody can say what is left. */
        UNPRICED
    }

    /** That the period will pass the limit. */
    public static final Threshold FORECAST = new Threshold(Kind.FORECAST, BigDecimal.ZERO);

    /** That calls without a whole price count. */
    public static final Threshold UNPRICED = new Threshold(Kind.UNPRICED, BigDecimal.ZERO);

    /** Half of the limit, four fifths, all of it, that it will be passed, and that nobody can know. */
    public static final List<Threshold> DEFAULTS =
            List.of(of(50), of(80), of(100), Threshold.FORECAST, Threshold.UNPRICED);

    private static final int MAX_DECIMALS = 4;

    /** @throws IllegalArgumentException if the share is out of its range */
    public Threshold {
        if (kind == Kind.SHARE) {
            share = Decimals.plain(share);
            if (share.signum() <= 0 || share.compareTo(BigDecimal.TEN) > 0 || share.scale() > MAX_DECIMALS) {
                throw new IllegalArgumentException(
                        "expected a share of more than 0 and at most 10, such as 0.8 or 80%, with at most "
                                + MAX_DECIMALS + " decimals, found " + Decimals.shown(share));
            }
        } else {
            share = BigDecimal.ZERO;
        }
    }

    private static Threshold of(int percent) {
        return new Threshold(Kind.SHARE, BigDecimal.valueOf(percent, 2));
    }

    /**
     * Reads {@code 0.8}, {@code 80%}, {@code forecast} or {@code unpriced}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static Threshold parse(String text) {
        String word = text.strip();
        for (Threshold known : List.of(FORECAST, UNPRICED)) {
            if (known.text().equals(word)) {
                return known;
            }
        }
        boolean percent = word.endsWith("%");
        BigDecimal number;
        try {
            number = Decimals.parse(
                    percent ? word.substring(0, word.length() - 1).strip() : word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected a share such as 0.8 or 80%, forecast or unpriced; " + e.getMessage(), e);
        }
        return new Threshold(Kind.SHARE, percent ? number.movePointLeft(2) : number);
    }

    /** The name in files and JSON: {@code 0.8}, {@code forecast}, {@code unpriced}. */
    public String text() {
        return kind == Kind.SHARE ? share.toPlainString() : kind.name().toLowerCase(Locale.ROOT);
    }

    /** A share for people: {@code 80%}; otherwise as in files. */
    public String words() {
        return kind == Kind.SHARE ? Decimals.plain(share.movePointRight(2)).toPlainString() + "%" : text();
    }

    /** Whether a budget that stands so has reached it; a share also where it is reached to the digit. */
    public boolean isReached(BudgetStatus status) {
        Usd limit = status.budget().limit();
        return switch (kind) {
            case SHARE ->
                status.spent()
                                .totalCost()
                                .toBigDecimal()
                                .compareTo(limit.toBigDecimal().multiply(share))
                        >= 0;
            case FORECAST ->
                status.projected().filter(usd -> usd.compareTo(limit) > 0).isPresent();
            case UNPRICED -> !status.spent().fullyPriced();
        };
    }
}
