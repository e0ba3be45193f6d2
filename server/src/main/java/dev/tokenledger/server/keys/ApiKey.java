package dev.tokenledger.server.keys;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Attribution;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A key as it is kept: everything but the key itself.
 *
 * <p>A key has 256 random bits, so that a plain digest protects it as well as a slow one would: nobody tries that many.
 *
 * @param id a short public name, for lists and revocation
 * @param name what its owner calls it
 * @param scopes what it is good for
 * @param created when it was made
 * @param sha256 the digest of the key, in lower-case hex
 * @param attributes what every record gets that is sent with it, such as team and environment
 * @param limit what it may read
 */
public record ApiKey(
        String id,
        String name,
        Set<Scope> scopes,
        Instant created,
        String sha256,
        SortedMap<String, String> attributes,
        ReadLimit limit) {

    /** The most attributes that a key gives to its records, beside its name. */
    public static final int MAX_ATTRIBUTES = 8;

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N} ._@/-]{1,64}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{Cc}\\u2028\\u2029\\uFEFF\\uFFFE\\uFFFF]");
    private static final int SECRET_BYTES = 32;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one is not as it must be; the message names it
     */
    public ApiKey {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("id: expected 8 hexadecimal digits");
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name: expected 1 to 64 letters, digits, blanks or any of . _ @ / -");
        }
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException("scopes: expected at least one of ingest, read, admin");
        }
        if (!DIGEST.matcher(sha256).matches()) {
            throw new IllegalArgumentException("sha256: expected 64 hexadecimal digits");
        }
        if (!limit.isNone() && scopes.contains(Scope.ADMIN)) {
            throw new IllegalArgumentException(
                    "limit: a key of the scope admin does everything, so it cannot be limited");
        }
        scopes = Set.copyOf(scopes);
        attributes = checked(attributes);
    }

    /** A key that gives no attributes and reads everything. */
    public ApiKey(String id, String name, Set<Scope> scopes, Instant created, String sha256) {
        this(id, name, scopes, created, sha256, Collections.emptySortedMap(), ReadLimit.NONE);
    }

    private static SortedMap<String, String> checked(SortedMap<String, String> attributes) {
        if (attributes.size() > MAX_ATTRIBUTES) {
            throw new IllegalArgumentException(
                    "attributes: at most " + MAX_ATTRIBUTES + ", found " + attributes.size());
        }
        Attribution.Builder labels = Attribution.builder();
        attributes.forEach((key, value) -> {
            if (key.strip().equals(Stamp.KEY_NAME)) {
                throw new IllegalArgumentException(
                        "attributes." + Stamp.KEY_NAME + ": it holds the name of the key itself");
            }
            labels.attribute(key, checkedValue("attributes." + key, value));
        });
        return labels.build().attributes();
    }

    /**
     * A value that a file of keys can hold.
     *
     * @throws IllegalArgumentException if it is empty, too long, or has a control character or the end of a line
     */
    static String checkedValue(String field, String value) {
        String text = Texts.checked(field, value, Bound.TEXT);
        if (text.isEmpty() || NOT_PRINTABLE.matcher(text).find()) {
            throw new IllegalArgumentException(
                    field + ": expected 1 to " + Bound.TEXT.characters() + " characters, without control characters");
        }
        return text;
    }

    /**
     * A new key.
     *
     * @param secret the key itself: shown to its owner now, and known to nobody afterwards
     * @param key what is kept of it
     */
    public record Created(String secret, ApiKey key) {
        @Override
        public String toString() {
            return "Created[" + key + "]";
        }
    }

    /** Makes a key that gives no attributes and reads everything. */
    public static Created create(String name, Set<Scope> scopes, Instant now) {
        return create(name, scopes, now, Map.of(), ReadLimit.NONE);
    }

    /**
     * Makes a key.
     *
     * @throws IllegalArgumentException if a part is not as it must be; the message names it
     */
    public static Created create(
            String name, Set<Scope> scopes, Instant now, Map<String, String> attributes, ReadLimit limit) {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        String secret = "tl_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        String digest = HexFormat.of().formatHex(digest(secret));
        ApiKey key = new ApiKey(
                digest.substring(0, 8), name, EnumSet.copyOf(scopes), now, digest, new TreeMap<>(attributes), limit);
        return new Created(secret, key);
    }

    /** What records get that are sent with it. */
    public Stamp stamp() {
        SortedMap<String, String> all = new TreeMap<>(attributes);
        // A name of spaces alone would be no value.
        all.put(Stamp.KEY_NAME, name.isBlank() ? id : name.strip());
        return new Stamp(all);
    }

    /** Whether it allows this. */
    public boolean allows(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
    }

    static byte[] digest(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
