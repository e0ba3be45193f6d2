package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;

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
     * What to read of records.
     *
     * @param wanted what the sink is told of them
     * @param contained texts that the records' sets of attributes contain
     * @param precision to what in microseconds instants may be rounded down, so that more records are alike
     * @param until the last instant of recording, in microseconds; {@link Long#MAX_VALUE} for any
     */
    record Wanted(Set<Column> wanted, List<String> contained, long precision, long until) {
        /** Of whatever instant of recording. */
        public Wanted(Set<Column> wanted, List<String> contained, long precision) {
            this(wanted, contained, precision, Long.MAX_VALUE);
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
    }

    /** Reads the records of {@code [from, to)}, in microseconds. */
    void between(Wanted wanted, long from, long to, Sink sink) throws SQLException;

    /** Reads the records of a session between two instants. */
    void ofSession(Wanted wanted, String session, long from, long to, Sink sink) throws SQLException;

    /** Reads the records of a conversation between two instants. */
    void ofConversation(Wanted wanted, String conversation, long from, long to, Sink sink) throws SQLException;
}
