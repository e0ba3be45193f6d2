package dev.tokenledger.server.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
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
 */
public record ApiKey(String id, String name, Set<Scope> scopes, Instant created, String sha256) {

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N} ._@/-]{1,64}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
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
        scopes = Set.copyOf(scopes);
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

    /** Makes a key. */
    public static Created create(String name, Set<Scope> scopes, Instant now) {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        String secret = "tl_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        String digest = HexFormat.of().formatHex(digest(secret));
        return new Created(secret, new ApiKey(digest.substring(0, 8), name, EnumSet.copyOf(scopes), now, digest));
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
