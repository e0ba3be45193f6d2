package dev.tokenledger.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Small pictures made of characters, for terminals. */
final class Bars {

    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
    private static final String LEVELS = "▁▂▃▄▅▆▇█";
    private static final String ASCII_LEVELS = "_.:-=+*#";

    private Bars() {}

    /** A bar that fills the part of so many cells that {@code part} is of {@code whole}; nothing for nothing. */
    static String bar(BigDecimal part, BigDecimal whole, int cells, boolean unicode) {
        if (part.signum() <= 0 || whole.signum() <= 0) {
            return "";
        }
        int steps = unicode ? 8 : 1;
        int filled = Math.max(1, scaled(part.min(whole), whole, cells * steps));
        if (!unicode) {
            return "#".repeat(filled);
        }
        String rest = filled % 8 == 0 ? "" : String.valueOf(EIGHTHS.charAt(filled % 8));
        return "█".repeat(filled / 8) + rest;
    }

    /**
     * A line of small columns, the highest for the largest value. Nothing is the lowest column, and whatever is not
     * nothing is higher than it. Neighbours are added up where there are more values than cells.
     */
    static String sparkline(List<BigDecimal> values, int cells, boolean unicode) {
        List<BigDecimal> shown = fitted(values, cells);
        BigDecimal highest = shown.stream().reduce(BigDecimal.ZERO, BigDecimal::max);
        String levels = unicode ? LEVELS : ASCII_LEVELS;
        StringBuilder line = new StringBuilder(shown.size());
        for (BigDecimal value : shown) {
            int level = value.signum() <= 0 ? 0 : Math.max(1, scaled(value, highest, levels.length() - 1));
            line.append(levels.charAt(level));
        }
        return line.toString();
    }

    private static List<BigDecimal> fitted(List<BigDecimal> values, int cells) {
        int together = (values.size() + Math.max(cells, 1) - 1) / Math.max(cells, 1);
        if (together <= 1) {
            return values;
        }
        List<BigDecimal> fitted = new ArrayList<>();
        for (int i = 0; i < values.size(); i += together) {
            fitted.add(values.subList(i, Math.min(i + together, values.size())).stream()
                    .reduce(BigDecimal.ZERO, BigDecimal::add));
        }
        return fitted;
    }

    private static int scaled(BigDecimal part, BigDecimal whole, int steps) {
        return part.multiply(BigDecimal.valueOf(steps))
                .divide(whole, 0, RoundingMode.HALF_UP)
                .intValueExact();
    }
}
