package dev.tokenledger.sources.present;

import java.util.function.Consumer;

/**
 * Comma-separated values as RFC 4180 has them: lines end with CR LF, a field with a comma, quote or end of line stands
 * in quotes.
 *
 * <p>A text that begins with {@code = + - @} would be run as a formula by a spreadsheet, so an apostrophe goes before
 * it. Figures are written as they are.
 */
final class Csv {

    private final Consumer<String> out;
    private final StringBuilder line = new StringBuilder();
    private boolean first = true;

    Csv(Consumer<String> out) {
        this.out = out;
    }

    /** Adds a field that may hold anybody's text. */
    Csv text(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return field(formula ? "'" + text : text);
    }

    /** Adds a field of our own making: a figure, a time, a name. */
    Csv plain(Object value) {
        return field(value.toString());
    }

    /** Writes the line and starts the next. */
    void end() {
        out.accept(line.append("\r\n").toString());
        line.setLength(0);
        first = true;
    }

    private Csv field(String value) {
        if (!first) {
            line.append(',');
        }
        first = false;
        boolean quoted = value.indexOf(',') >= 0
                || value.indexOf('"') >= 0
                || value.indexOf('\n') >= 0
                || value.indexOf('\r') >= 0;
        line.append(quoted ? '"' + value.replace("\"", "\"\"") + '"' : value);
        return this;
    }
}
