package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.engine.NameReader.AttributeKey;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Level;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Computes the cells of days from their records, for checking roll-ups and for computing them anew. Used by one thread. */
public final class DayCells {

    private static final Scan.Wanted WANTED =
            new Scan.Wanted(Set.of(Scan.Column.OCCURRED, Scan.Column.ATTRIBUTES), List.of(), Level.QUARTER.micros);

    /** Sets that follow each other are mostly asked for one after the other: they were numbered as they came. */
    private static final int AHEAD = 64;

    private static final int MAX_SETS = 1 << 16;

    private final ReadSession session;
    private final Map<String, Long> keys = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Set<Long> wide = new HashSet<>();
    private final Map<Long, Map<String, Integer>> pairs = new HashMap<>();
    private final Map<Long, AttributeSet> sets = new HashMap<>();

    /** Reads which attribute keys are rolled up. */
    public DayCells(ReadSession session) throws SQLException {
        this.session = session;
        for (Map.Entry<String, AttributeKey> key :
                session.names().attributeKeys().entrySet()) {
            if (key.getValue().wide()) {
                wide.add(key.getValue().number());
            } else {
                keys.put(key.getKey(), key.getValue().number());
                names.put(key.getValue().number(), key.getKey());
            }
        }
    }

    /** The numbers of the keys that are rolled up. */
    Set<Long> attributes() {
        return names.keySet();
    }

    /** The numbers of those that are not. */
    Set<Long> wide() {
        return wide;
    }

    String name(long attribute) {
        return names.getOrDefault(attribute, "");
    }

    /** The cells of a day (UTC, counted from 1970) by quarter hour. */
    public CellTable of(long day) throws SQLException {
        CellTable cells = new CellTable();
        session.scan()
                .between(
                        WANTED,
                        day * Level.DAY.micros,
                        (day + 1) * Level.DAY.micros,
                        (occurred, combination, thread, attributes, figures) -> {
                            long quarter = Level.QUARTER.period(occurred);
                            cells.add(Level.QUARTER.page(0, quarter), 0, combination, figures);
                            AttributeSet set = set(attributes);
                            if (set != null) {
                                for (AttributeSet.Pair pair : set.pairs) {
                                    cells.add(
                                            Level.QUARTER.page(pair.key(), quarter), pair.pair(), combination, figures);
                                }
                            }
                        });
        return cells;
    }

    private @Nullable AttributeSet set(long number) throws SQLException {
        if (number == 0) {
            return null;
        }
        AttributeSet known = sets.get(number);
        if (known == null) {
            if (sets.size() >= MAX_SETS) {
                sets.clear();
            }
            for (Map.Entry<Long, String> read :
                    session.names().attributeSets(number, AHEAD).entrySet()) {
                sets.put(read.getKey(), set(read.getKey(), Values.map(read.getValue())));
            }
            known = sets.computeIfAbsent(number, missing -> new AttributeSet(missing, List.of()));
        }
        return known;
    }

    private AttributeSet set(long number, Map<String, String> attributes) throws SQLException {
        List<AttributeSet.Pair> found = new ArrayList<>();
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            Long key = keys.get(attribute.getKey());
            if (key != null) {
                found.add(new AttributeSet.Pair(key, pair(key, attribute.getValue())));
            }
        }
        return new AttributeSet(number, found);
    }

    private int pair(long key, String value) throws SQLException {
        Map<String, Integer> known = pairs.get(key);
        if (known == null) {
            Map<String, Integer> numbers = new HashMap<>();
            session.names().pairs(key).forEach((number, text) -> numbers.put(text, number));
            known = numbers;
            pairs.put(key, known);
        }
        return known.getOrDefault(value, 0);
    }
}
