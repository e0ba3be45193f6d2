package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds up single records, grouped where the engine has that cheaper than one by one. */
public interface Scan {

    /** What a question needs of each record besides its figures and combination. */
    enum Column {
        /** The instant. */
        OCCURRED,
        /** The session and conversation. */
        THREAD,
        /** The set of attributes. */
        ATTRIBUTES
    }

    /**
     * What a question does not tell apart, for an engine that adds up more where it knows.
     *
     * @param combinations for each combination one that stands for it, as the question has both in the same groups, and both priced
     *     or both not; -1 for one whose records are in no group
     * @param keys the attributes whose values are told apart, where those are wanted
     */
    // Read only, and made for one call.
    @SuppressWarnings("ArrayRecordComponent")
    record Alike(int[] combinations, List<String> keys) {
        /** Copies the keys. */
        public Alike {
            keys = List.copyOf(keys);
        }
    }

    /**
     * What to read of records.
     *
     * @param wanted what the sink is told of them
     * @param contained texts that the records' sets of attributes contain
     * @param precision to what in microseconds instants may be rounded down, so that more records are alike
     * @param until the last instant of recording, in microseconds; {@link Long#MAX_VALUE} for any
     * @param alike what need not be told apart; an engine need not heed it; null for nothing
     */
    record Wanted(
            Set<Column> wanted,
            List<String> contained,
            long precision,
            long until,
            @Nullable Alike alike) {
        /** Of whatever instant of recording, each combination and set of attributes by itself. */
        public Wanted(Set<Column> wanted, List<String> contained, long precision) {
            this(wanted, contained, precision, Long.MAX_VALUE, null);
        }

        /** Copies both. */
        public Wanted {
            wanted = Set.copyOf(wanted);
            contained = List.copyOf(contained);
        }
    }

    /** Takes figures. */
    @FunctionalInterface
    interface Sink {
        /**
         * The figures of one record, or the sum of some that are alike.
         *
         * @param occurred the instant in microseconds, or what it was rounded down to; 0 if that was not wanted
         * @param thread the number of the session and conversation; 0 for none
         * @param attributes the number of the set of attributes; 0 for none
         * @param figures overwritten after the call
         */
        void figures(long occurred, int combination, long thread, long attributes, long[] figures) throws SQLException;

        /**
         * The same of records whose attributes the engine knows itself.
         *
         * @param values the values of {@link Alike#keys}, in their order; empty ones for none
         */
        default void figures(long occurred, int combination, long thread, List<String> values, long[] figures)
                throws SQLException {
            throw new UnsupportedOperationException("this takes sets of attributes by their numbers alone");
        }
    }

    /** Reads the records of {@code [from, to)}, in microseconds. */
    void between(Wanted wanted, long from, long to, Sink sink) throws SQLException;

    /** Reads the records of a session between two instants. */
    void ofSession(Wanted wanted, String session, long from, long to, Sink sink) throws SQLException;

    /** Reads the records of a conversation between two instants. */
    void ofConversation(Wanted wanted, String conversation, long from, long to, Sink sink) throws SQLException;
}
