package dev.tokenledger.usage;

import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * A record's unique id: 1 to 128 characters, trimmed.
 *
 * @param value the id's text
 */
public record RecordId(String value) implements Comparable<RecordId> {

    /** The longest id that records can be revised under, in characters: it leaves room for a revision's number. */
    public static final int MAX_KEY = 100;

    /** Long enough to be drawn at random. Shorter ones, such as Ollama's {@code chatcmpl-417}, come again. */
    public static final int MIN_UNIQUE_LENGTH = 20;

    private static final int DIGEST_BYTES = 16;

    /** @throws IllegalArgumentException if the id is blank, too long or holds a control character */
    public RecordId {
        value = Texts.checked("id", value, Bound.ID);
        if (value.isEmpty()) {
            throw new IllegalArgumentException("id: must not be blank; leave it out to have one generated");
        }
    }

    /** The id with this text. */
    public static RecordId of(String value) {
        return new RecordId(value);
    }

    /**
     * The id of a call by its provider's answer: {@code PROVIDER:RESPONSE_ID}, the provider in its canonical form. Whoever sees
     * the answer gives the call the same id, so that two observers of one call are two copies of one record.
     *
     * @param responseId the provider's own id of the answer; one that makes the id longer than {@link #MAX_KEY} stands in it as a digest
     * @return empty where the provider or the answer has no name, or one that is no text or comes again: Ollama's small numbers
     */
    public static Optional<RecordId> ofResponse(String provider, String responseId) {
        String host = Providers.canonical(provider.strip());
        String answer = responseId.strip();
        boolean unique = answer.length() >= MIN_UNIQUE_LENGTH || !host.equals("ollama");
        if (host.isEmpty() || answer.isEmpty() || !unique) {
            return Optional.empty();
        }
        String whole = host + ":" + answer;
        try {
            return Optional.of(of(whole.length() <= MAX_KEY ? whole : digest(whole)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "response:" + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * A new UUID of version 7 (RFC 9562): its first 48 bits are milliseconds since 1970, so ids sort by time.
     *
     * <p>Within one process ids rise strictly, also within a millisecond and when the clock steps back. Safe for use by
     * many threads.
     */
    public static RecordId generate() {
        return new RecordId(TimeOrderedUuids.next().toString());
    }

    @Override
    public int compareTo(RecordId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    /**
     * RFC 9562 section 6.2, method 1: the 12 bits after the millisecond are a counter that starts anew at random each
     * millisecond, and runs over into the next millisecond when it is used up.
     */
    private static final class TimeOrderedUuids {

        private static final SecureRandom RANDOM = new SecureRandom();
        private static final int COUNTER_BITS = 12;

        /** Milliseconds since 1970, shifted left by {@link #COUNTER_BITS}, plus the counter. */
        private static long last;

        static UUID next() {
            long high = nextTick();
            long low = RANDOM.nextLong();
            long mostSignificant = ((high >> COUNTER_BITS) << 16) | 0x7000L | (high & 0xfff);
            return new UUID(mostSignificant, (low & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
        }

        private static synchronized long nextTick() {
            long now = System.currentTimeMillis() << COUNTER_BITS;
            // The counter's top bit starts at 0, which leaves at least 2,048 ids before a millisecond runs over.
            last = now > last ? now | RANDOM.nextInt(1 << (COUNTER_BITS - 1)) : last + 1;
            return last;
        }
    }
}
