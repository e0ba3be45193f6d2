package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Tuple;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for texts that repeat, from 1: those that were given before, also by other processes, and new ones for the rest.
 *
 * <p>A number once committed never stands for another text. New ones may be given in the transaction under way and roll back
 * with it, or in one of their own that is committed at once; {@link #survivesRollback} says which. Each method is asked for
 * what the caller does not remember, at most a few thousand at a time, and answers for each of them.
 */
public interface NameWriter {

    /** An attribute key with more values than this is not rolled up; questions over it read records. */
    int MAX_VALUES = 1_000;

    /** Whether numbers that were given stay given after a rollback, so that they may be remembered. */
    boolean survivesRollback();

    /** The numbers of combinations, see {@link dev.tokenledger.sql.records.Combination#of}. */
    Map<Tuple, Integer> combinations(Collection<Tuple> combinations) throws SQLException;

    /** The numbers of sessions and conversations; of each pair one may be empty. */
    Map<Tuple, Long> threads(Collection<Tuple> threads) throws SQLException;

    /** The numbers of rare fields, see {@link dev.tokenledger.sql.records.RareFields#of}. */
    Map<Tuple, Long> rareFields(Collection<Tuple> rareFields) throws SQLException;

    /**
     * The numbers of prices.
     *
     * @param ids the texts of their ids
     * @param entryText the text of the entry that an id is of, to be kept with a new one; null for none
     */
    Map<String, Long> prices(Collection<String> ids, Function<String, @Nullable String> entryText) throws SQLException;

    /**
     * Keeps the entries of prices of which there is only the id; others stay as they are.
     *
     * @param entries their texts, by the texts of the ids
     */
    void completePrices(Map<String, String> entries) throws SQLException;

    /**
     * The numbers of attributes that stand together, of their keys and of those pairs of key and value that are rolled up. A
     * key that gets more than {@link #MAX_VALUES} values by this becomes wide for ever: its pairs and its pages are removed.
     *
     * @param sets names and values, by what they are looked up by
     */
    Map<Tuple, AttributeSet> attributeSets(Map<Tuple, Map<String, String>> sets) throws SQLException;
}
