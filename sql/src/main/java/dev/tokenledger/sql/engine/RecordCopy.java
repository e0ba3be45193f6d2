package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Another database that has the records of a ledger too, but for the latest, and adds them up faster. The ledger stays what is
 * true: it keeps how far the copy goes, asks it only for what is below that, reads the rest itself, and believes no answer whose
 * totals are not its own. Safe for use by many threads.
 */
public interface RecordCopy extends AutoCloseable {

    /** The name that the ledger keeps its {@link CopyState} by. */
    String name();

    /** From how many records of a window on it is worth to be asked. */
    long minRecords();

    /** How long an answer may take, whatever the number of records. */
    Duration minWait();

    /**
     * What to add up.
     *
     * @param wanted what is told of records; its {@link Scan.Wanted#alike} is stated
     * @param from the first instant, in microseconds
     * @param to the instant behind the last one
     * @param state which rows count
     * @param limit how long the answer may take
     */
    record Question(Scan.Wanted wanted, long from, long to, CopyState state, Duration limit) {

        /** What the question does not tell apart. */
        public Scan.Alike alike() {
            return Objects.requireNonNull(wanted.alike(), "alike");
        }
    }

    /**
     * The sum of some records that are alike.
     *
     * @param occurred as {@link Scan.Sink#figures} has it
     * @param combination one that stands for theirs, see {@link Scan.Alike}; -1 for records that the question leaves out, by
     *     combination, attributes or instant of recording: only their sum is of interest
     * @param thread the number of the session and conversation; 0 for none, or where that was not wanted
     * @param values those of {@link Scan.Alike#keys}; none where attributes were not wanted
     * @param rareFields the number of their rare fields; 0 for none
     * @param figures all but the doubts, which follow from the rare fields
     */
    // Read only, and made for one call.
    @SuppressWarnings("ArrayRecordComponent")
    record Row(long occurred, int combination, long thread, List<String> values, long rareFields, long[] figures) {}

    /** A whole answer, which can be read several times. Used by one thread. */
    interface Answer extends AutoCloseable {

        /** Gives rows in any order, which together are all of the window that count. */
        void forEach(RowSink sink) throws SQLException, Failure;

        @Override
        void close();
    }

    /** Takes rows. */
    @FunctionalInterface
    interface RowSink {
        /** The next row. */
        void row(Row row) throws SQLException, Failure;
    }

    /** Why there is no answer. */
    final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        /** What to do about it. */
        public enum Reason {
            /** It cannot be reached, or not all of it: nobody can tell what it would have said. */
            AWAY,
            /** It takes too long. */
            SLOW,
            /** It says that it cannot. */
            ERROR,
            /** What it has is not what the ledger has. */
            UNFIT
        }

        private final Reason reason;

        /**
         * A failure.
         *
         * @param message what is wrong, in words for whoever runs the copy; no values of records, no passwords
         */
        public Failure(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        /** The same of a cause. */
        public Failure(Reason reason, String message, Throwable cause) {
            super(message, cause);
            this.reason = reason;
        }

        /** What to do about it. */
        public Reason reason() {
            return reason;
        }
    }

    /**
     * Asks, and gives an answer when all of it is here.
     *
     * @throws Failure if there is none within the time; nothing goes on then
     * @throws InterruptedException if the thread was interrupted; nothing goes on then
     */
    Answer ask(Question question) throws Failure, InterruptedException;

    /** Lets go of what it holds. Questions under way may fail. */
    @Override
    void close();
}
