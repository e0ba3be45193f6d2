package dev.tokenledger.server.http;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request may say of where it goes and comes from. A loop and no pattern where the text may be long: Java's patterns
 * use up the stack on long ones.
 */
final class Uris {

    /** What is not canonical, but may stand in a segment that is any text. A single choice: it does not use up the stack. */
    private static final Pattern ESCAPED_TEXT = Pattern.compile("%(?:2[Ff]|5[Cc]|25)");

    private static final String PLAIN = "._~!$&'()*+,=:@-";

    private Uris() {}

    /**
     * Whether a path can be understood in one way alone: segments that are neither empty nor dots, of letters, digits and a
     * few signs. Other characters are written in percent form, but never a slash, backslash, dot, percent sign or control
     * character.
     */
    static boolean isCanonical(String path) {
        if (!path.startsWith("/")) {
            return false;
        }
        int start = 1;
        for (int i = 1; i <= path.length(); i++) {
            char c = i == path.length() ? '/' : path.charAt(i);
            if (c == '/') {
                String segment = path.substring(start, i);
                boolean root = path.length() == 1;
                if (segment.equals(".") || segment.equals("..") || (segment.isEmpty() && !root)) {
                    return false;
                }
                start = i + 1;
            } else if (c == '%') {
                int value = percent(path, i);
                if (value < 0x20 || value == 0x7f || "/\\.%".indexOf(value) >= 0) {
                    return false;
                }
                i += 2;
            } else if (!isLetterOrDigit(c) && PLAIN.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a path is canonical but for slashes, backslashes and percent signs in percent form: safe where segments are told
     * apart before they are decoded, and one segment is any text.
     */
    static boolean isCanonicalWithAnyText(String path) {
        return isCanonical(ESCAPED_TEXT.matcher(path).replaceAll("x"));
    }

    /** Whether every percent sign of a query begins a byte. */
    static boolean isDecodable(String query) {
        for (int i = query.indexOf('%'); i >= 0; i = query.indexOf('%', i + 1)) {
            if (percent(query, i) < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Which host headers name this machine from its own point of view: by one of the usual names, or by the one that it was told
     * to listen on.
     */
    static Predicate<String> ownHosts(String listening) {
        String stated = Pattern.quote(listening.contains(":") ? "[" + listening + "]" : listening);
        return Pattern.compile(
                        "(localhost|127\\.0\\.0\\.1|\\[::1]|" + stated + ")(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE)
                .asMatchPredicate();
    }

    /** Whether an origin is the site of a host. Behind a proxy that ends TLS the scheme is not ours to know. */
    static boolean isSameSite(String origin, @Nullable String host) {
        String stated = origin.toLowerCase(Locale.ROOT);
        String own = String.valueOf(host).toLowerCase(Locale.ROOT);
        return stated.equals("http://" + own) || stated.equals("https://" + own);
    }

    /** The byte in percent form at a place; -1 if there is none. */
    private static int percent(String text, int at) {
        if (at + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
