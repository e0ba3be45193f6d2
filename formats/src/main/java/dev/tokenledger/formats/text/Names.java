package dev.tokenledger.formats.text;

import dev.tokenledger.text.Texts;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Names from outside, in messages. */
public final class Names {

    private static final int MAX_LENGTH = 64;
    private static final int FARTHEST = 2;

    private Names() {}

    /** The name, cut to 64 characters, with {@code ?} for everything that is not plainly visible. */
    public static String shown(String name) {
        StringBuilder shown = new StringBuilder();
        Texts.cut(name, MAX_LENGTH).codePoints().forEach(c -> {
            boolean hidden = Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.SURROGATE;
            shown.appendCodePoint(hidden ? '?' : c);
        });
        return shown.toString();
    }

    /**
     * The expected name that was probably meant: the same but for case, {@code _}, {@code -} and spaces, else the nearest
     * within two changed letters.
     */
    public static Optional<String> nearest(String name, Collection<String> expected) {
        if (name.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String plain = plain(name);
        String best = null;
        int bestDistance = FARTHEST + 1;
        for (String candidate : expected) {
            int distance = plain.equals(plain(candidate)) ? 0 : distance(plain, plain(candidate));
            if (distance < bestDistance && distance <= candidate.length() / 2) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[_\\- ]", "");
    }

    /** How many letters must be added, removed or changed. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
