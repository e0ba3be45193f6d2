package dev.tokenledger.usage;

import dev.tokenledger.model.Texts;
import dev.tokenledger.model.Texts.Bound;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * A record's unique id: 1 to 128 characters, trimmed.
 *
 * @param value the id's text
 */
public record RecordId(String value) implements Comparable<RecordId> {

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
