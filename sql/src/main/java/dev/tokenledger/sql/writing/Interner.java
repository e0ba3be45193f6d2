package dev.tokenledger.sql.writing;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.References;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives records the numbers of what they share, and remembers these: most records share all of it with one before.
 *
 * <p>What it remembers was read in transactions that may still be rolled back, and numbers may be given anew then; so {@link
 * #rolledBack} must be called after every rollback. Used by one thread at a time.
 */
final class Interner {

    /** How many new texts are looked up together. */
    private static final int MAX_TOGETHER = 4_096;

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

        void putAll(Map<K, V> values) {
            values.forEach(this::put);
        }

        void clear() {
            young.clear();
            old.clear();
        }
    }

    private final Memory<Tuple, Integer> combinations = new Memory<>();
    private final Memory<Tuple, Long> threads = new Memory<>();
    private final Memory<Tuple, AttributeSet> attributeSets = new Memory<>();
    private final Memory<Tuple, Long> rareFields = new Memory<>();
    private final Memory<String, Long> prices = new Memory<>();

    /** Those whose entries came along with records of another ledger. */
    private final Memory<String, Long> restoredPrices = new Memory<>();

    private final PriceBook book;

    /** @param book priced the records: a price's entry is kept with it when it is met for the first time */
    Interner(PriceBook book) {
        this.book = book;
    }

    /** Forgets what may not be so after a rollback. */
    void rolledBack(NameWriter names) {
        if (!names.survivesRollback()) {
            combinations.clear();
            threads.clear();
            attributeSets.clear();
            rareFields.clear();
            prices.clear();
            restoredPrices.clear();
        }
    }

    /** Gives one record its references. */
    void refer(NameWriter names, PreparedRecord row) throws SQLException {
        if (!referFromMemory(row)) {
            look(names, List.of(row));
        }
    }

    /** Gives records their references. */
    void refer(NameWriter names, List<PreparedRecord> rows) throws SQLException {
        List<PreparedRecord> unknown = new ArrayList<>();
        for (PreparedRecord row : rows) {
            if (!referFromMemory(row)) {
                unknown.add(row);
                if (unknown.size() == MAX_TOGETHER) {
                    look(names, unknown);
                    unknown.clear();
                }
            }
        }
        if (!unknown.isEmpty()) {
            look(names, unknown);
        }
    }

    private boolean referFromMemory(PreparedRecord row) {
        Integer combination = combinations.get(row.combination());
        Long thread = known(threads, row.thread());
        AttributeSet set = known(attributeSets, row.attributes());
        Long rare = known(rareFields, row.rareFields());
        String priceId = priceId(row);
        Long price = known(row.restoredPrice() == null ? prices : restoredPrices, priceId);
        if (combination == null
                || (thread == null && row.thread() != null)
                || (set == null && row.attributes() != null)
                || (rare == null && row.rareFields() != null)
                || (price == null && priceId != null)) {
            return false;
        }
        row.refer(new References(combination, thread, set, rare, price));
        return true;
    }

    private static <K, V> @Nullable V known(Memory<K, V> memory, @Nullable K key) {
        return key == null ? null : memory.get(key);
    }

    private static @Nullable String priceId(PreparedRecord row) {
        return row.cost().priceId().map(PriceId::text).orElse(null);
    }

    /** What is asked for of one kind, and what came of it. */
    private static final class Wanted<K, A, V> {

        private final Memory<K, V> memory;
        private final Map<K, V> found = new HashMap<>();
        private final Map<K, A> asked = new LinkedHashMap<>();

        Wanted(Memory<K, V> memory) {
            this.memory = memory;
        }

        void ask(@Nullable K key, A about) {
            if (key == null || found.containsKey(key)) {
                return;
            }
            V known = memory.get(key);
            if (known == null) {
                asked.put(key, about);
            } else {
                found.put(key, known);
            }
        }

        @Nullable
        V get(@Nullable K key) {
            return key == null ? null : Objects.requireNonNull(found.get(key), "a text got no number");
        }

        /** Asks for what is unknown. */
        void answer(Lookup<K, A, V> lookup) throws SQLException {
            if (!asked.isEmpty()) {
                Map<K, V> answers = lookup.of(asked);
                found.putAll(answers);
                memory.putAll(answers);
            }
        }
    }

    @FunctionalInterface
    private interface Lookup<K, A, V> {
        Map<K, V> of(Map<K, A> asked) throws SQLException;
    }

    private void look(NameWriter names, List<PreparedRecord> rows) throws SQLException {
        Wanted<Tuple, Tuple, Integer> theirCombinations = new Wanted<>(combinations);
        Wanted<Tuple, Tuple, Long> theirThreads = new Wanted<>(threads);
        Wanted<Tuple, Map<String, String>, AttributeSet> theirSets = new Wanted<>(attributeSets);
        Wanted<Tuple, Tuple, Long> theirRareFields = new Wanted<>(rareFields);
        Wanted<String, PreparedRecord, Long> theirPrices = new Wanted<>(prices);
        Wanted<String, PriceEntry, Long> theirRestoredPrices = new Wanted<>(restoredPrices);
        for (PreparedRecord row : rows) {
            theirCombinations.ask(row.combination(), row.combination());
            theirThreads.ask(row.thread(), row.combination());
            theirSets.ask(row.attributes(), row.record().attributes());
            theirRareFields.ask(row.rareFields(), row.combination());
            PriceEntry restored = row.restoredPrice();
            if (restored == null) {
                theirPrices.ask(priceId(row), row);
            } else {
                theirRestoredPrices.ask(priceId(row), restored);
            }
        }
        theirCombinations.answer(asked -> names.combinations(asked.keySet()));
        theirThreads.answer(asked -> names.threads(asked.keySet()));
        theirSets.answer(names::attributeSets);
        theirRareFields.answer(asked -> names.rareFields(asked.keySet()));
        theirPrices.answer(asked -> names.prices(asked.keySet(), id -> entryText(asked.get(id), id)));
        theirRestoredPrices.answer(asked -> restoredPrices(names, asked));
        for (PreparedRecord row : rows) {
            row.refer(new References(
                    Objects.requireNonNull(theirCombinations.get(row.combination())),
                    theirThreads.get(row.thread()),
                    theirSets.get(row.attributes()),
                    theirRareFields.get(row.rareFields()),
                    (row.restoredPrice() == null ? theirPrices : theirRestoredPrices).get(priceId(row))));
        }
    }

    /** An earlier record may have brought only the price's id. */
    private static Map<String, Long> restoredPrices(NameWriter names, Map<String, PriceEntry> entries)
            throws SQLException {
        Map<String, String> texts = new HashMap<>();
        entries.forEach((id, entry) -> texts.put(id, entry.toText()));
        Map<String, Long> numbers = names.prices(entries.keySet(), texts::get);
        names.completePrices(texts);
        return numbers;
    }

    /** The text of the entry that priced a record; null if none did. */
    private @Nullable String entryText(@Nullable PreparedRecord row, String price) {
        return row == null
                ? null
                : book.find(row.record(), Values.instant(row.occurred()))
                        .filter(entry -> entry.id().text().equals(price))
                        .map(PriceEntry::toText)
                        .orElse(null);
    }
}
