package dev.tokenledger.formats.text;

import dev.tokenledger.usage.RecordId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Names calls in the ledger: {@code source:part:part}, the parts replaced by a digest where they are long or unusual. */
public final class Keys {

    /** What a program that draws ids at random makes of them; unique wherever they are copied to. */
    private static final Pattern UNIQUE =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private static final int DIGEST_BYTES = 16;

    private Keys() {}

    /** The key of a source's call that these parts name together; at most as long as a revised record's key may be. */
    public static String of(String source, String... parts) {
        StringBuilder key = new StringBuilder(source);
        for (String part : parts) {
            if (!isPlain(part)) {
                return digest(source, parts);
            }
            key.append(':').append(part);
        }
        return key.length() > RecordId.MAX_KEY ? digest(source, parts) : key.toString();
    }

    /** The key of another call where one is taken: the same with another part. */
    public static String further(String source, String key, String part) {
        String further = key + ":" + part;
        return isPlain(part) && further.length() <= RecordId.MAX_KEY ? further : digest(source, key, part);
    }

    /** Letters, digits and {@code _.-}, one or more. By hand, because there are hundreds of thousands. */
    private static boolean isPlain(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !digit && c != '_' && c != '-' && c != '.') {
                return false;
            }
        }
        return !part.isEmpty();
    }

    /** A key from content, for calls that have no name. */
    public static String digest(String source, String... parts) {
        MessageDigest sha = sha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            // Its length before each part, so that no two lists of parts read the same.
            sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha.update(bytes);
        }
        return source + ":" + HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
    }

    /** Whether an id is a UUID, and so needs no session beside it. */
    public static boolean isUnique(String id) {
        return UNIQUE.matcher(id).matches();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
