package dev.tokenledger.formats.query;

import dev.tokenledger.text.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Closed choices, written as words in lower case. */
public final class Words {

    private static final int MAX_QUOTE_LENGTH = 64;

    private Words() {}

    /**
     * The value that a text names.
     *
     * @param what the choice's own name, for the message
     * @throws IllegalArgumentException if it names none; the message lists them
     */
    public static <E extends Enum<E>> E parse(String what, E[] values, String text) {
        List<String> names = names(values);
        int index = names.indexOf(text);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "unknown " + what + " " + quoted(text) + "; expected one of " + String.join(", ", names));
        }
        return values[index];
    }

    /** The values as they are written. */
    public static <E extends Enum<E>> List<String> names(E[] values) {
        List<String> names = new ArrayList<>(values.length);
        for (E value : values) {
            names.add(value.name().toLowerCase(Locale.ROOT));
        }
        return names;
    }

    /** Somebody's text in quotes, cut to what a message can bear. */
    public static String quoted(String text) {
        return '"' + cut(text) + '"';
    }

    /** Somebody's text, cut to what a message can bear. */
    static String cut(String text) {
        return Texts.cut(text, MAX_QUOTE_LENGTH);
    }
}
