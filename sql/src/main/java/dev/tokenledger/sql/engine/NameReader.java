package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.records.Combination;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Texts that repeat, by the numbers that records have in their place. */
public interface NameReader {

    /** An attribute key; a wide one has too many values to be rolled up. */
    record AttributeKey(long number, boolean wide) {}

    /** A session and a conversation; either may be empty. */
    record ThreadIds(String session, String conversation) {
        /** Neither. */
        public static final ThreadIds NONE = new ThreadIds("", "");
    }

    /** All combinations that the session sees, at least, by number; numbers that none has stand for empty values. */
    Combination[] combinations() throws SQLException;

    /** The attribute key of this name; null if no record has it. */
    @Nullable
    AttributeKey attributeKey(String name) throws SQLException;

    /** All attribute keys by name. */
    Map<String, AttributeKey> attributeKeys() throws SQLException;

    /** The values of a key that is rolled up, by the number of the pair. */
    Map<Integer, String> pairs(long attribute) throws SQLException;

    /**
     * Whether some record may have the value; always for an empty one, which stands for none, and for a key with too many values
     * to be rolled up, of which no pairs are kept.
     */
    boolean mayStand(String key, String value) throws SQLException;

    /** The sessions and conversations of these numbers. */
    Map<Long, ThreadIds> threads(Collection<Long> numbers) throws SQLException;

    /**
     * Sets of attributes, as {@link dev.tokenledger.sql.records.Values#json} writes them, by number from one on.
     *
     * @param count how many to read ahead, the first among them
     */
    Map<Long, String> attributeSets(long first, int count) throws SQLException;

    /** What a price was, as {@link dev.tokenledger.pricing.PriceEntry#toText} writes it; null if it is not kept. */
    @Nullable
    String priceEntry(String priceId) throws SQLException;
}
