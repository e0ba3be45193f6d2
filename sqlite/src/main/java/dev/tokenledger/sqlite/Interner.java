package dev.tokenledger.sqlite;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives texts that repeat their number, always the database's own: another process may have given one first.
 *
 * <p>What it remembers was read in transactions that may still be rolled back, and numbers are given anew then; so
 * {@link #forget} must be called after every rollback. Used by the writer alone, inside its transaction.
 */
final class Interner {

    /** An attribute key with more values than this is not rolled up; queries over it read records. */
    static final int MOST_VALUES = 1_000;

    /** A memory of bounded size: what was not asked for while the younger half filled up is forgotten. */
    private static final class Memory<K, V> {

        private static final int HALF = 32_768;

        private Map<K, V> young = new HashMap<>();
        private Map<K, V> old = new HashMap<>();

        @Nullable
        V get(K key) {
            V value = young.get(key);
            if (value == null) {
                value = old.get(key);
                if (value != null) {
                    put(key, value);
                }
            }
            return value;
        }

        void put(K key, V value) {
            if (young.size() >= HALF) {
                old = young;
                young = new HashMap<>();
            }
            young.put(key, value);
        }

        void clear() {
            young.clear();
            old.clear();
        }
    }

    private final Memory<Tuple, Long> combinations = new Memory<>();
    private final Memory<Tuple, Long> threads = new Memory<>();
    private final Memory<Tuple, AttributeSet> attributeSets = new Memory<>();
    private final Memory<Tuple, Long> circumstances = new Memory<>();
    private final Memory<String, Long> prices = new Memory<>();

    /** Those whose entries came along with records of another ledger. */
    private final Memory<String, Long> restoredPrices = new Memory<>();

    private final EntryText entryText;

    /** Finds the text of the entry that priced a row. */
    @FunctionalInterface
    interface EntryText {
        /** The entry with this id; null if the row is not priced by one. */
        @Nullable
        String of(PreparedRecord row, PriceId price);
    }

    /** @param entryText asked when a price is met for the first time, because its entry is kept with it */
    Interner(EntryText entryText) {
        this.entryText = entryText;
    }

    void forget() {
        combinations.clear();
        threads.clear();
        attributeSets.clear();
        circumstances.clear();
        prices.clear();
        restoredPrices.clear();
    }

    int combination(Handle handle, Tuple combination) throws SQLException {
        Long id = combinations.get(combination);
        if (id == null) {
            id = intern(handle, "combinations", Combination.COLUMNS, combination.parameters());
            combinations.put(combination, id);
        }
        return Math.toIntExact(id);
    }

    /** The number of a session and conversation; null for neither. */
    @Nullable
    Long thread(Handle handle, @Nullable Tuple thread) throws SQLException {
        if (thread == null) {
            return null;
        }
        Long id = threads.get(thread);
        if (id == null) {
            id = intern(
                    handle, "threads", "session, conversation", Values.id(thread.text(0)), Values.id(thread.text(1)));
            threads.put(thread, id);
        }
        return id;
    }

    @Nullable
    Long circumstances(Handle handle, @Nullable Tuple stated) throws SQLException {
        if (stated == null) {
            return null;
        }
        Long id = circumstances.get(stated);
        if (id == null) {
            id = intern(handle, "circumstances", RareFields.COLUMNS, stated.parameters());
            circumstances.put(stated, id);
        }
        return id;
    }

    /** The number of the price that a row was priced at; null for none. */
    @Nullable
    Long price(Handle handle, PreparedRecord row) throws SQLException {
        PriceId price = row.cost.priceId().orElse(null);
        if (price == null) {
            return null;
        }
        Memory<String, Long> known = row.restoredPrice == null ? prices : restoredPrices;
        Long id = known.get(price.text());
        if (id == null) {
            id = find(handle, "prices", "price_id", price.text());
            if (id == null) {
                id = insert(handle, "prices", "price_id, entry", price.text(), entryText.of(row, price));
            } else if (row.restoredPrice != null) {
                complete(handle, id, row.restoredPrice);
            }
            known.put(price.text(), id);
        }
        return id;
    }

    /** Keeps the entry of a price of which an earlier record brought only the id. */
    private static void complete(Handle handle, long id, PriceEntry entry) throws SQLException {
        PreparedStatement update = handle.statement("UPDATE prices SET entry = ? WHERE id = ? AND entry IS NULL");
        update.setString(1, entry.toText());
        update.setLong(2, id);
        update.executeUpdate();
    }

    /**
     * A record's attributes as they stand together; null for none.
     *
     * @param together their names and values
     */
    @Nullable
    AttributeSet attributes(Handle handle, @Nullable Tuple together, Map<String, String> attributes)
            throws SQLException {
        if (together == null) {
            return null;
        }
        AttributeSet set = attributeSets.get(together);
        if (set == null) {
            long id = intern(handle, "attribute_sets", "attributes", Values.json(attributes));
            List<AttributeSet.Pair> pairs = new ArrayList<>();
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                long key = intern(handle, "attribute_keys", "name", attribute.getKey());
                long pair = pair(handle, key, attribute.getValue());
                if (pair != 0) {
                    pairs.add(new AttributeSet.Pair(key, Math.toIntExact(pair)));
                }
            }
            set = new AttributeSet(id, pairs);
            attributeSets.put(together, set);
        }
        return set;
    }

    /** The number of a key/value pair; 0 for a key that is, or hereby becomes, too wide to be rolled up. */
    private static long pair(Handle handle, long key, String value) throws SQLException {
        if (handle.number("SELECT wide FROM attribute_keys WHERE id = ?", key) != 0) {
            return 0;
        }
        Long known = find(handle, "attribute_pairs", "attribute, value", key, value);
        if (known != null) {
            return known;
        }
        if (handle.number("SELECT count(*) FROM attribute_pairs WHERE attribute = ?", key) >= MOST_VALUES) {
            RollUps.widen(handle, key);
            return 0;
        }
        return insert(handle, "attribute_pairs", "attribute, value", key, value);
    }

    private static long intern(Handle handle, String table, String columns, @Nullable Object... values)
            throws SQLException {
        Long known = find(handle, table, columns, values);
        return known != null ? known : insert(handle, table, columns, values);
    }

    private static @Nullable Long find(Handle handle, String table, String columns, @Nullable Object... values)
            throws SQLException {
        PreparedStatement select =
                handle.statement("SELECT id FROM " + table + " WHERE " + columns.replace(", ", " = ? AND ") + " = ?");
        bind(select, values);
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getLong(1) : null;
        }
    }

    private static long insert(Handle handle, String table, String columns, @Nullable Object... values)
            throws SQLException {
        PreparedStatement insert = handle.statement("INSERT INTO " + table + " (" + columns + ") VALUES (?"
                + ", ?".repeat(values.length - 1) + ") RETURNING id");
        bind(insert, values);
        try (ResultSet rows = insert.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            Handle.bind(statement, i + 1, values[i]);
        }
    }
}
