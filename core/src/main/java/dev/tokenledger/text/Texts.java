package dev.tokenledger.text;

import java.util.HexFormat;
import java.util.Objects;

/** The bounds that every delivered text keeps: the one place that checks them. */
public final class Texts {

    /** How long a text may be, in UTF-16 characters. */
    public enum Bound {
        /** Ids and attribute keys: 128 characters. */
        ID(128),
        /** Every other text: 512 characters. */
        TEXT(512);

        private final int characters;

        Bound(int characters) {
            this.characters = characters;
        }

        /** The bound, in UTF-16 characters. */
        public int characters() {
            return characters;
        }
    }

    private Texts() {}

    /**
     * The text without blanks around it.
     *
     * @param field the field's name in JSON, for the error message
     * @throws IllegalArgumentException if the text is longer than its bound, or holds a control character or an
     *     unpaired surrogate
     */
    public static String checked(String field, String text, Bound bound) {
        return isPlain(Objects.requireNonNull(text, field), bound) ? text : stripped(field, text, bound);
    }

    /** Printing ASCII without blanks around it: what nearly every text is, and told in one pass. */
    private static boolean isPlain(String text, Bound bound) {
        int length = text.length();
        if (length == 0) {
            return true;
        }
        if (length > bound.characters || text.charAt(0) == ' ' || text.charAt(length - 1) == ' ') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    private static String stripped(String field, String text, Bound bound) {
        String trimmed = text.strip();
        if (trimmed.length() > bound.characters) {
            throw new IllegalArgumentException(field + ": at most " + bound.characters + " characters, found "
                    + trimmed.length() + " (starting \"" + cut(trimmed, 32) + "\")");
        }
        for (int i = 0; i < trimmed.length(); i++) {
            char c = trimmed.charAt(i);
            if (c < ' ' || c == 0x7f) {
                throw new IllegalArgumentException(field + ": control character U+"
                        + HexFormat.of().withUpperCase().toHexDigits(c) + " at position " + i + " is not allowed");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < trimmed.length()
                        && Character.isLowSurrogate(trimmed.charAt(i + 1));
                if (!pair) {
                    throw new IllegalArgumentException(
                            field + ": unpaired surrogate at position " + i + " is not text");
                }
                i++;
            }
        }
        return trimmed;
    }

    /** The text, cut to so many characters and marked with "…" when it was longer; for messages. */
    public static String cut(String text, int characters) {
        if (text.length() <= characters) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(characters - 1)) ? characters - 1 : characters;
        return text.substring(0, end) + "…";
    }
}
