package dev.tokenledger.sqlite;

import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives texts that repeat their number, always the file's own: another process may have given one first. */
final class Names implements NameWriter {

    /** How many attribute keys and pairs are remembered. */
    private static final int MAX_REMEMBERED = 65_536;

    /**
     * An attribute key. Where each record has a set of attributes of its own, their pairs are asked for with each record, by three
     * statements an attribute. Another process may make a key wide that is not here: what is counted by its pairs until then is
     * dropped when it is folded.
     */
    private static final class Key {
        private final long number;
        private final Map<String, Integer> pairs = new HashMap<>();
        private boolean wide;

        Key(long number) {
            this.number = number;
        }
    }

    private final WriterSession session;
    private final Map<String, Key> keys = new HashMap<>();

    /** Never less than there are. */
    private int remembered;

    Names(WriterSession session) {
        this.session = session;
    }

    /** The file gives numbers anew. */
    @Override
    public boolean survivesRollback() {
        return false;
    }

    @Override
    public Map<Tuple, Integer> combinations(Collection<Tuple> combinations) throws SQLException {
        Map<Tuple, Integer> numbers = new HashMap<>();
        for (Tuple combination : combinations) {
            long number = intern(session.handle(), "combinations", Combination.COLUMNS, combination.parameters());
            numbers.put(combination, Math.toIntExact(number));
        }
        return numbers;
    }

    @Override
    public Map<Tuple, Long> threads(Collection<Tuple> threads) throws SQLException {
        Map<Tuple, Long> numbers = new HashMap<>();
        for (Tuple thread : threads) {
            numbers.put(
                    thread,
                    intern(
                            session.handle(),
                            "threads",
                            "session, conversation",
                            Values.id(thread.text(0)),
                            Values.id(thread.text(1))));
        }
        return numbers;
    }

    @Override
    public Map<Tuple, Long> rareFields(Collection<Tuple> rareFields) throws SQLException {
        Map<Tuple, Long> numbers = new HashMap<>();
        for (Tuple stated : rareFields) {
            numbers.put(stated, intern(session.handle(), "circumstances", RareFields.COLUMNS, stated.parameters()));
        }
        return numbers;
    }

    @Override
    public Map<String, Long> prices(Collection<String> ids, Function<String, @Nullable String> entryText)
            throws SQLException {
        Map<String, Long> numbers = new HashMap<>();
        for (String id : ids) {
            Long number = find(session.handle(), "prices", "price_id", id);
            if (number == null) {
                number = insert(session.handle(), "prices", "price_id, entry", id, entryText.apply(id));
            }
            numbers.put(id, number);
        }
        return numbers;
    }

    @Override
    public void completePrices(Map<String, String> entries) throws SQLException {
        for (Map.Entry<String, String> price : entries.entrySet()) {
            PreparedStatement update =
                    session.handle().statement("UPDATE prices SET entry = ? WHERE price_id = ? AND entry IS NULL");
            update.setString(1, price.getValue());
            update.setString(2, price.getKey());
            update.executeUpdate();
        }
    }

    @Override
    public Map<Tuple, AttributeSet> attributeSets(Map<Tuple, Map<String, String>> sets) throws SQLException {
        Map<Tuple, AttributeSet> numbers = new HashMap<>();
        for (Map.Entry<Tuple, Map<String, String>> set : sets.entrySet()) {
            if (remembered >= MAX_REMEMBERED) {
                forget();
            }
            numbers.put(set.getKey(), attributes(session.handle(), set.getValue()));
        }
        return numbers;
    }

    /** Forgets all numbers, as they may be given anew after a rollback. */
    void forget() {
        keys.clear();
        remembered = 0;
    }

    private AttributeSet attributes(Handle handle, Map<String, String> attributes) throws SQLException {
        long id = intern(handle, "attribute_sets", "attributes", Values.json(attributes));
        List<AttributeSet.Pair> pairs = new ArrayList<>();
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            Key key = key(handle, attribute.getKey());
            int pair = pair(handle, key, attribute.getValue());
            if (pair != 0) {
                pairs.add(new AttributeSet.Pair(key.number, pair));
            }
        }
        return new AttributeSet(id, pairs);
    }

    private Key key(Handle handle, String name) throws SQLException {
        Key known = keys.get(name);
        if (known == null) {
            known = new Key(intern(handle, "attribute_keys", "name", name));
            keys.put(name, known);
            remembered++;
        }
        return known;
    }

    /** The number of a key/value pair; 0 for a key that is, or hereby becomes, too wide to be rolled up. */
    private int pair(Handle handle, Key key, String value) throws SQLException {
        if (key.wide) {
            return 0;
        }
        Integer remembers = key.pairs.get(value);
        if (remembers != null) {
            return remembers;
        }
        int pair = storedPair(handle, key.number, value);
        if (pair == 0) {
            key.wide = true;
            key.pairs.clear();
        } else {
            key.pairs.put(value, pair);
            remembered++;
        }
        return pair;
    }

    private static int storedPair(Handle handle, long key, String value) throws SQLException {
        if (handle.number("SELECT wide FROM attribute_keys WHERE id = ?", key) != 0) {
            return 0;
        }
        Long known = find(handle, "attribute_pairs", "attribute, value", key, value);
        if (known != null) {
            return Math.toIntExact(known);
        }
        if (handle.number("SELECT count(*) FROM attribute_pairs WHERE attribute = ?", key) >= MAX_VALUES) {
            RollUps.widen(handle, key);
            return 0;
        }
        return Math.toIntExact(insert(handle, "attribute_pairs", "attribute, value", key, value));
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
