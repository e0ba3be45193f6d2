package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.util.List;

/** One transaction of a database that reads a ledger: everything it sees was committed together. Used by one thread. */
public interface ReadSession {

    /** The records, and when they happened. */
    RecordReader records();

    /** Texts and numbers that stand for each other. */
    NameReader names();

    /** The stored roll-ups. */
    PageReader pages();

    /** Adds up records where no roll-up serves. */
    Scan scan();

    /**
     * Whether the roll-ups count {@linkplain dev.tokenledger.usage.Doubt doubts}, as those of every ledger do that was written
     * with this version; one of an older version that is only read may have none. Records are added up then.
     */
    default boolean countsDoubts() throws SQLException {
        return true;
    }

    /** Says that roll-ups are going to be asked, for an engine that can read together what every such question needs. */
    default void expectRollUps() throws SQLException {}

    /** @throws SQLException if the question must stop: its thread was interrupted, or its time is over */
    void checkLimit() throws SQLException;

    /** What says, in the engine's own way, that stored content is damaged. */
    SQLException corrupt(String what, RuntimeException cause);

    /** Reads one part of a window. */
    @FunctionalInterface
    interface Part<T> {
        /** Reads in a session that sees what the first one sees. */
        T read(ReadSession session, long from, long to) throws SQLException;
    }

    /**
     * Reads a window in parts, by several threads where the engine does so itself; else in one part, by this one.
     *
     * @param worth how many threads there is enough to read for; less than 2 for the caller's alone
     * @param part called by several threads at once, each time for another part of the window
     * @return what each part gave, in the order of time
     */
    <T> List<T> inParts(long worth, long from, long to, Part<T> part) throws SQLException;

    /** How many threads the records of a window are worth; less than 2 if the engine reads in parallel without our help. */
    long threadsFor(long from, long to) throws SQLException;
}
