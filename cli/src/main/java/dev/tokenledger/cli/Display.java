package dev.tokenledger.cli;

import java.util.regex.Pattern;

/** Text on a screen: what is harmless to show, and how many columns it takes. */
final class Display {

    private static final char REPLACEMENT = '?';

    /** What no shell takes for anything but itself. */
    private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_./:@%+,-]+");

    private Display() {}

    /**
     * The text with everything replaced that could steer a terminal or hide what it shows: control and format
     * characters, unpaired surrogates, and (unless allowed) ends of line.
     */
    static String safe(String text, boolean lines) {
        int plain = 0;
        while (plain < text.length() && text.charAt(plain) >= ' ' && text.charAt(plain) < 0x7f) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if ((lines && (c == '\n' || c == '\t')) || isHarmless(c)) {
                safe.appendCodePoint(c);
            } else {
                safe.append(REPLACEMENT);
            }
        });
        return safe.toString();
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** A harmless text as one word of a command for a POSIX shell, quoted where it needs to be. */
    static String shellWord(String text) {
        String safe = safe(text, false);
        return PLAIN_WORD.matcher(safe).matches() ? safe : "'" + safe.replace("'", "'\\''") + "'";
    }

    /** How many columns a text takes: marks that sit on a letter none, East Asian wide characters and emoji two. */
    static int width(String text) {
        int width = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            width += width(text.codePointAt(i));
        }
        return width;
    }

    private static int width(int c) {
        if (c < 0x300) {
            return 1;
        }
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        boolean wide = (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || (c >= 0x20000 && c <= 0x3fffd);
        return wide ? 2 : 1;
    }

    /** The text cut to so many columns, and marked where it was longer. */
    static String cut(String text, int columns, boolean unicode) {
        if (width(text) <= columns) {
            return text;
        }
        String mark = unicode ? "…" : "..";
        int room = Math.max(columns - mark.length(), 0);
        int end = 0;
        int width = 0;
        while (end < text.length() && width + width(text.codePointAt(end)) <= room) {
            width += width(text.codePointAt(end));
            end += Character.charCount(text.codePointAt(end));
        }
        return text.substring(0, end) + mark;
    }
}
