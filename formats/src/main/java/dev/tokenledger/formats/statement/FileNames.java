package dev.tokenledger.formats.statement;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of files for any text: lower-case letters, digits, {@code _} and {@code -}. A text that is such a name keeps it, so that it is
 * found; any other gets what is left of it with a digest behind, so that no two texts share a name, on no file system.
 */
final class FileNames {

    private static final int MAX_LENGTH = 60;
    private static final int DIGEST_BYTES = 6;
    private static final Pattern PLAIN = Pattern.compile("[a-z0-9][a-z0-9_-]{0,59}");
    private static final Pattern OTHERS = Pattern.compile("[^a-z0-9_-]+");

    /** A name that ends like ours with a digest must not look like one. */
    private static final Pattern LIKE_DIGEST = Pattern.compile(".*-[0-9a-f]{12}");

    private static final Set<String> RESERVED = Set.of("index", "none", "con", "prn", "aux", "nul");
    private static final Pattern DEVICE = Pattern.compile("(com|lpt)[0-9]");

    private FileNames() {}

    /** The name, without an ending; {@code none} for the empty text. */
    static String of(String text) {
        if (text.isEmpty()) {
            return "none";
        }
        if (PLAIN.matcher(text).matches()
                && !RESERVED.contains(text)
                && !DEVICE.matcher(text).matches()
                && !LIKE_DIGEST.matcher(text).matches()) {
            return text;
        }
        String readable = OTHERS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("_");
        String digest = digest(text);
        String cut = readable.substring(0, Math.min(readable.length(), MAX_LENGTH - digest.length() - 1));
        return (cut.startsWith("-") ? "_" + cut.substring(1) : cut) + "-" + digest;
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
