package dev.tokenledger.alerts;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests as Standard Webhooks has it: HMAC-SHA256 over {@code id.timestamp.body}, in Base64, with {@code v1,} before it; one
 * for each secret, with a space between, while a secret is being exchanged.
 */
final class Signature {

    private static final String PREFIX = "whsec_";
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;

    private Signature() {}

    /**
     * The header's value.
     *
     * @param secrets one or several, with whitespace between
     * @throws IllegalArgumentException if one is none; the message says nothing of it
     */
    static String of(String secrets, String id, Instant time, String body) {
        byte[] content = (id + "." + time.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8);
        List<String> signatures = new ArrayList<>();
        for (String secret : secrets.strip().split("\\s+", -1)) {
            signatures.add("v1," + Base64.getEncoder().encodeToString(hmac(key(secret), content)));
        }
        return String.join(" ", signatures);
    }

    private static byte[] key(String secret) {
        byte[] key = new byte[0];
        if (secret.startsWith(PREFIX)) {
            try {
                key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
            } catch (IllegalArgumentException e) {
                // Told below; its message has a part of the secret.
            }
        }
        if (key.length < MIN_BYTES || key.length > MAX_BYTES) {
            throw new IllegalArgumentException("the secret is none: expected whsec_ and the Base64 of " + MIN_BYTES
                    + " to " + MAX_BYTES + " random bytes");
        }
        return key;
    }

    private static byte[] hmac(byte[] key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
