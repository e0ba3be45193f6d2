package dev.tokenledger.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of text with aligned columns.
 *
 * <p>Where a terminal is too narrow, figures that follow from others are left out first, then names are cut, then
 * pictures left out; figures are never cut.
 */
final class Table {

    private static final String GAP = "  ";
    private static final int NARROW_NAME = 16;
    private static final int NARROWEST_NAME = 10;
    private static final int LEFT_OUT = -1;

    private final List<Column> columns;
    private final List<Row> rows = new ArrayList<>();

    /** What a column holds. */
    enum Kind {
        /** Words, aligned left, cut where there is no room. */
        NAME,
        /** Words that make no sense cut, such as ids. */
        WHOLE_NAME,
        /** A figure, aligned right. */
        FIGURE,
        /** A figure that follows from others, left out where there is no room. */
        SPARE_FIGURE,
        /** A picture, left out where there is no room. */
        PICTURE
    }

    record Column(String heading, Kind kind) {}

    /** A line of cells; none for a rule. */
    private record Row(List<String> cells, boolean strong) {}

    Table(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    /** Adds a row: a cell for each column. */
    void row(List<String> cells) {
        add(cells, false);
    }

    /** Adds a row that stands out, such as a total. */
    void strongRow(List<String> cells) {
        add(cells, true);
    }

    /** Adds a horizontal rule. */
    void rule() {
        rows.add(new Row(List.of(), false));
    }

    private void add(List<String> cells, boolean strong) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + columns.size() + " columns");
        }
        rows.add(new Row(cells.stream().map(cell -> Display.safe(cell, false)).toList(), strong));
    }

    /** Writes the heading, a rule and the rows. */
    void write(Output out, Terminal terminal) {
        int[] widths = widths(terminal.width());
        List<String> headings = columns.stream().map(Column::heading).toList();
        out.line(styled(line(headings, widths, terminal), Style.STRONG, terminal));
        String rule = (terminal.unicode() ? "─" : "-").repeat(Math.max(total(widths), 1));
        out.line(rule);
        for (Row row : rows) {
            if (row.cells.isEmpty()) {
                out.line(rule);
            } else {
                out.line(styled(line(row.cells, widths, terminal), row.strong ? Style.STRONG : Style.NONE, terminal));
            }
        }
    }

    /** How a line looks on a terminal with colours. */
    enum Style {
        NONE(""),
        STRONG("\u001b[1m"),
        WARNING("\u001b[33m");

        private final String on;

        Style(String on) {
            this.on = on;
        }
    }

    static String styled(String text, Style style, Terminal terminal) {
        return style == Style.NONE || !terminal.colour() ? text : style.on + text + "\u001b[0m";
    }

    private String line(List<String> cells, int[] widths, Terminal terminal) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            if (widths[i] < 0) {
                continue;
            }
            if (i > 0) {
                line.append(GAP);
            }
            String cell = Display.cut(cells.get(i), widths[i], terminal.unicode());
            String padding = " ".repeat(widths[i] - Display.width(cell));
            Kind kind = columns.get(i).kind;
            boolean right = kind == Kind.FIGURE || kind == Kind.SPARE_FIGURE;
            line.append(right ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    /** A width for each column, negative for one that is left out. */
    private int[] widths(int room) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Display.width(columns.get(i).heading);
            for (Row row : rows) {
                if (!row.cells.isEmpty()) {
                    widths[i] = Math.max(widths[i], Display.width(row.cells.get(i)));
                }
            }
        }
        drop(Kind.SPARE_FIGURE, widths, room);
        cut(widths, room, NARROW_NAME);
        drop(Kind.PICTURE, widths, room);
        cut(widths, room, NARROWEST_NAME);
        return widths;
    }

    private void drop(Kind kind, int[] widths, int room) {
        for (int i = 0; i < widths.length && total(widths) > room; i++) {
            if (columns.get(i).kind == kind) {
                widths[i] = LEFT_OUT;
            }
        }
    }

    /** Takes room from the widest names first, so that short ones stay whole. */
    private void cut(int[] widths, int room, int least) {
        while (total(widths) > room) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                boolean canShrink = columns.get(i).kind == Kind.NAME && widths[i] > least;
                if (canShrink && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private static int total(int[] widths) {
        int total = 0;
        for (int width : widths) {
            total += width < 0 ? 0 : width + (total == 0 ? 0 : GAP.length());
        }
        return total;
    }
}
