package dev.tokenledger.formats.text;

/**
 * Where something stands in a text.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) {

    /** The beginning of a text. */
    public static final Place START = new Place(1, 1);

    /** {@code line 3, column 7}. */
    @Override
    public String toString() {
        return "line " + line + ", column " + column;
    }
}
