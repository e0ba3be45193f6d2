package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Level;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives texts that repeat their number, each in a statement that commits by itself: no writer waits for another one's transaction
 * for a name, and a name outlives what it was given for.
 *
 * <p>Asks first, inserts what is missing in the order of its digests (so that two writers never wait for each other in a circle),
 * and asks again in a new statement: what somebody else committed meanwhile is neither inserted nor seen by the same one.
 */
final class PostgresNames implements NameWriter {

    /** A text that is taken by another one's statement is there once that is over; more rounds mean that something is wrong. */
    private static final int MAX_ROUNDS = 5;

    /** Where names are written: a connection that has no transaction under way. */
    @FunctionalInterface
    interface Place {
        Database database() throws SQLException;
    }

    private final Place place;

    PostgresNames(Place place) {
        this.place = place;
    }

    @Override
    public boolean survivesRollback() {
        return true;
    }

    @Override
    public Map<Tuple, Integer> combinations(Collection<Tuple> combinations) throws SQLException {
        Map<Tuple, Integer> numbers = new HashMap<>();
        intern("combinations", Combination.COLUMNS, combinations)
                .forEach((tuple, number) -> numbers.put(tuple, Math.toIntExact(number)));
        return numbers;
    }

    @Override
    public Map<Tuple, Long> rareFields(Collection<Tuple> rareFields) throws SQLException {
        return intern("rare_fields", RareFields.COLUMNS, rareFields);
    }

    @Override
    public Map<Tuple, Long> threads(Collection<Tuple> threads) throws SQLException {
        Database database = place.database();
        Set<Tuple> wanted = new HashSet<>(threads);
        byte[][] sessions =
                wanted.stream().map(thread -> Database.id(thread.text(0))).toArray(byte[][]::new);
        byte[][] conversations =
                wanted.stream().map(thread -> Database.id(thread.text(1))).toArray(byte[][]::new);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Map<Tuple, Long> numbers = database.query(
                    "SELECT t.id, t.session, t.conversation FROM unnest(?, ?) w (session, conversation)"
                            + " JOIN {threads} t ON t.session = w.session AND t.conversation = w.conversation",
                    statement -> {
                        Database.setBytes(statement, 1, sessions);
                        Database.setBytes(statement, 2, conversations);
                    },
                    row -> {
                        Map<Tuple, Long> found = new HashMap<>();
                        while (row.next()) {
                            found.put(
                                    Tuple.of(Database.idText(row.getBytes(2)), Database.idText(row.getBytes(3))),
                                    row.getLong(1));
                        }
                        return found;
                    });
            if (numbers.size() == wanted.size()) {
                return numbers;
            }
            database.update(
                    "INSERT INTO {threads} (session, conversation) SELECT * FROM unnest(?, ?) w (session, conversation)"
                            + " WHERE NOT EXISTS (SELECT 1 FROM {threads} t WHERE t.session = w.session"
                            + " AND t.conversation = w.conversation) ORDER BY 1, 2 ON CONFLICT DO NOTHING",
                    statement -> {
                        Database.setBytes(statement, 1, sessions);
                        Database.setBytes(statement, 2, conversations);
                    });
        }
        throw gone();
    }

    @Override
    public Map<String, Long> prices(Collection<String> ids, Function<String, @Nullable String> entryText)
            throws SQLException {
        return intern(
                "prices",
                "price_id, entry",
                ids,
                id -> new @Nullable Object[] {id, entryText.apply(id)},
                Database::digest);
    }

    @Override
    public void completePrices(Map<String, String> entries) throws SQLException {
        for (Map.Entry<String, String> price : entries.entrySet()) {
            place.database().update("UPDATE {prices} SET entry = ? WHERE digest = ? AND entry IS NULL", statement -> {
                statement.setString(1, price.getValue());
                statement.setBytes(2, Database.digest(price.getKey()));
            });
        }
    }

    @Override
    public Map<Tuple, AttributeSet> attributeSets(Map<Tuple, Map<String, String>> sets) throws SQLException {
        Map<String, Tuple> byText = new LinkedHashMap<>();
        Set<String> keyNames = new HashSet<>();
        sets.forEach((tuple, attributes) -> {
            byText.put(String.valueOf(Values.json(attributes)), tuple);
            keyNames.addAll(attributes.keySet());
        });
        Map<String, Long> setNumbers =
                intern("attribute_sets", "attributes", byText.keySet(), text -> new Object[] {text}, Database::digest);
        Map<String, Long> keys =
                intern("attribute_keys", "name", keyNames, name -> new Object[] {name}, Database::digest);
        Map<Long, Map<String, Integer>> pairs = pairs(keys, sets.values());
        Map<Tuple, AttributeSet> numbers = new HashMap<>();
        for (Map.Entry<String, Long> set : setNumbers.entrySet()) {
            Tuple tuple = byText.getOrDefault(set.getKey(), Tuple.of());
            List<AttributeSet.Pair> theirs = new ArrayList<>();
            sets.getOrDefault(tuple, Map.of()).forEach((name, value) -> {
                long key = keys.getOrDefault(name, 0L);
                Integer pair = pairs.getOrDefault(key, Map.of()).get(value);
                if (pair != null) {
                    theirs.add(new AttributeSet.Pair(key, pair));
                }
            });
            numbers.put(tuple, new AttributeSet(set.getValue(), theirs));
        }
        return numbers;
    }

    /** The pairs by key and value; none for keys that are, or hereby become, too wide to be rolled up. */
    private Map<Long, Map<String, Integer>> pairs(Map<String, Long> keys, Collection<Map<String, String>> sets)
            throws SQLException {
        Map<Long, Set<String>> wanted = new TreeMap<>();
        for (Map<String, String> set : sets) {
            set.forEach((name, value) -> wanted.computeIfAbsent(keys.getOrDefault(name, 0L), key -> new HashSet<>())
                    .add(value));
        }
        Database database = place.database();
        Map<Long, Long> narrow = database.query(
                "SELECT k.id, (SELECT count(*) FROM {attribute_pairs} p WHERE p.attribute = k.id)"
                        + " FROM {attribute_keys} k WHERE k.id = ANY (?) AND NOT k.wide",
                statement -> Database.setLongs(statement, 1, wanted.keySet().toArray(Long[]::new)),
                row -> {
                    Map<Long, Long> counts = new HashMap<>();
                    while (row.next()) {
                        counts.put(row.getLong(1), row.getLong(2));
                    }
                    return counts;
                });
        Map<Long, Map<String, Integer>> pairs = new HashMap<>();
        for (Map.Entry<Long, Set<String>> each : wanted.entrySet()) {
            Long count = narrow.get(each.getKey());
            if (count != null) {
                Map<String, Integer> theirs = pairsOf(each.getKey(), each.getValue(), count);
                if (theirs != null) {
                    pairs.put(each.getKey(), theirs);
                }
            }
        }
        return pairs;
    }

    private @Nullable Map<String, Integer> pairsOf(long key, Set<String> values, long count) throws SQLException {
        Database database = place.database();
        Map<ByteBuffer, String> byDigest = new TreeMap<>();
        values.forEach(value -> byDigest.put(ByteBuffer.wrap(Database.digest(value)), value));
        byte[][] digests = byDigest.keySet().stream().map(ByteBuffer::array).toArray(byte[][]::new);
        String[] texts = byDigest.values().toArray(String[]::new);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            Map<String, Integer> found = database.query(
                    "SELECT id, value FROM {attribute_pairs} WHERE attribute = ? AND digest = ANY (?)",
                    statement -> {
                        statement.setLong(1, key);
                        Database.setBytes(statement, 2, digests);
                    },
                    row -> {
                        Map<String, Integer> theirs = new HashMap<>();
                        while (row.next()) {
                            theirs.put(row.getString(2), row.getInt(1));
                        }
                        return theirs;
                    });
            if (found.size() == values.size()) {
                return found;
            }
            if (count + values.size() - found.size() > MAX_VALUES) {
                widen(database, key);
                return null;
            }
            database.update(
                    "INSERT INTO {attribute_pairs} (attribute, digest, value) SELECT ?, w.digest, w.value"
                            + " FROM unnest(?, ?) w (digest, value) WHERE NOT EXISTS (SELECT 1 FROM {attribute_pairs} p"
                            + " WHERE p.attribute = ? AND p.digest = w.digest) ORDER BY 2 ON CONFLICT DO NOTHING",
                    statement -> {
                        statement.setLong(1, key);
                        Database.setBytes(statement, 2, digests);
                        Database.setTexts(statement, 3, texts);
                        statement.setLong(4, key);
                    });
        }
        throw gone();
    }

    /** Marks a key as having too many values to be rolled up; its pages go while nobody folds. */
    private static void widen(Database database, long key) throws SQLException {
        Connection connection = database.connection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(database.schema().foldLock(false));
            database.update("UPDATE {attribute_keys} SET wide = true WHERE id = ?", update -> update.setLong(1, key));
            database.update("DELETE FROM {pages} WHERE key >= ? AND key < ?", delete -> {
                delete.setLong(1, Level.QUARTER.page(key, 0));
                delete.setLong(2, Level.QUARTER.page(key + 1, 0));
            });
            database.update("DELETE FROM {attribute_pairs} WHERE attribute = ?", delete -> delete.setLong(1, key));
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private Map<Tuple, Long> intern(String table, String columns, Collection<Tuple> wanted) throws SQLException {
        return intern(table, columns, wanted, Tuple::parameters, tuple -> Database.digest(tuple.parameters()));
    }

    /** The numbers of texts in a table that has a digest of each. */
    private <K> Map<K, Long> intern(
            String table,
            String columns,
            Collection<K> wanted,
            Function<K, @Nullable Object[]> values,
            Function<K, byte[]> digest)
            throws SQLException {
        Database database = place.database();
        Map<ByteBuffer, K> byDigest = new TreeMap<>();
        wanted.forEach(each -> byDigest.put(ByteBuffer.wrap(digest.apply(each)), each));
        Map<K, Long> numbers = new HashMap<>();
        for (int round = 0; round < MAX_ROUNDS && !byDigest.isEmpty(); round++) {
            byte[][] digests = byDigest.keySet().stream().map(ByteBuffer::array).toArray(byte[][]::new);
            if (round > 0) {
                insert(database, table, columns, digests, byDigest.values(), values);
            }
            database.query(
                    "SELECT id, digest FROM {" + table + "} WHERE digest = ANY (?)",
                    statement -> Database.setBytes(statement, 1, digests),
                    row -> {
                        while (row.next()) {
                            K found = byDigest.remove(ByteBuffer.wrap(row.getBytes(2)));
                            if (found != null) {
                                numbers.put(found, row.getLong(1));
                            }
                        }
                        return true;
                    });
        }
        if (!byDigest.isEmpty()) {
            throw gone();
        }
        return numbers;
    }

    private static <K> void insert(
            Database database,
            String table,
            String columns,
            byte[][] digests,
            Collection<K> wanted,
            Function<K, @Nullable Object[]> values)
            throws SQLException {
        int count = columns.split(", ", -1).length;
        List<@Nullable Object[]> rows = wanted.stream().map(values).toList();
        String unnest = "unnest(?" + ", ?".repeat(count) + ")";
        database.update(
                "INSERT INTO {" + table + "} (digest, " + columns + ") SELECT w.* FROM " + unnest
                        + " w ORDER BY 1 ON CONFLICT DO NOTHING",
                statement -> {
                    Database.setBytes(statement, 1, digests);
                    for (int column = 0; column < count; column++) {
                        int place = column;
                        Database.setTexts(
                                statement,
                                column + 2,
                                rows.stream().map(row -> row[place]).toArray(String[]::new));
                    }
                });
    }

    private static SQLException gone() {
        return new SQLException("a name was stored and is not there", "XX001");
    }

    /** The bytes of each, for a statement. */
    static byte[][] bytes(Collection<Object> ids) {
        return ids.stream().map(Database::id).sorted(Arrays::compareUnsigned).toArray(byte[][]::new);
    }
}
