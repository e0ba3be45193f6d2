package dev.tokenledger.formats.present;

import java.util.function.Consumer;

/**
 * Comma-separated values as RFC 4180 has them: lines end with CR LF, a field with a comma, quote or end of line stands
 * in quotes.
 *
 * <p>A text that begins with {@code = + - @} would be run as a formula by a spreadsheet, so an apostrophe goes before
 * it. Figures are written as they are.
 */
public final class Csv {

    private final Consumer<String> out;
    private final StringBuilder line = new StringBuilder();
    private boolean first = true;

    /** Writes to whoever takes the text, piece by piece. */
    public Csv(Consumer<String> out) {
        this.out = out;
    }

    /** Adds a field that may hold anybody's text. */
    public Csv text(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return field(formula ? "'" + text : text);
    }

    /** Adds a field of our own making: an amount, a time, a name. */
    public Csv plain(Object value) {
        return field(value.toString());
    }

    /** Adds a figure. */
    public Csv plain(long figure) {
        separate();
        line.append(figure);
        return this;
    }

    /** Writes the line and starts the next. */
    public void end() {
        out.accept(line.append("\r\n").toString());
        line.setLength(0);
        first = true;
    }

    private Csv field(String value) {
        separate();
        if (needsQuotes(value)) {
            line.append('"').append(value.replace("\"", "\"\"")).append('"');
        } else {
            line.append(value);
        }
        return this;
    }

    private void separate() {
        if (!first) {
            line.append(',');
        }
        first = false;
    }

    /** In one pass: ten thousand records are half a million fields. */
    private static boolean needsQuotes(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ',' || c == '"' || c == '\n' || c == '\r') {
                return true;
            }
        }
        return false;
    }
}
