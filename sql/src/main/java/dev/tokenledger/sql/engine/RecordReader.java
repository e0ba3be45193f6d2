package dev.tokenledger.sql.engine;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.usage.RecordId;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Entries, and in which quarter hours there are any. */
public interface RecordReader {

    /** The first quarter hour with entries; 0 if there is none. */
    long firstQuarter() throws SQLException;

    /** The last quarter hour with entries; -1 if there is none. */
    long lastQuarter() throws SQLException;

    /** The first quarter hour with entries from one on; another number if there is none. */
    long nextQuarter(long from, long otherwise) throws SQLException;

    /** The last quarter hour with entries up to one; -1 if there is none. */
    long lastQuarterUpTo(long quarter) throws SQLException;

    /** The days (UTC, counted from 1970) with entries, in order. */
    List<Long> days() throws SQLException;

    /** About how many entries some quarter hours have, no further than a limit. */
    long count(long firstQuarter, long lastQuarter, long limit) throws SQLException;

    /** The entry with this id; null if there is none. */
    @Nullable
    LedgerEntry find(RecordId id) throws SQLException;

    /** The entries of a key's revisions, the first and the later ones, in no order. */
    List<LedgerEntry> revisions(String key) throws SQLException;

    /**
     * Which entries to list.
     *
     * @param query whose window, cursor, history and filters by attribute, session or conversation apply
     * @param combinations the numbers of those that its other filters leave in; null for all
     * @param limit how many at most
     */
    // Read only, and made for one call.
    @SuppressWarnings("ArrayRecordComponent")
    record Selection(RecordQuery query, int @Nullable [] combinations, int limit) {}

    /** Entries of a session, newest call first. */
    List<LedgerEntry> ofSession(Selection selection, String session) throws SQLException;

    /** Entries of a conversation, newest call first. */
    List<LedgerEntry> ofConversation(Selection selection, String conversation) throws SQLException;

    /** Entries of some quarter hours, newest call first. */
    List<LedgerEntry> between(Selection selection, long firstQuarter, long lastQuarter) throws SQLException;

    /**
     * When adjustments count that are in force, in microseconds, in any order: hours in which they come to nothing have none in
     * roll-ups.
     *
     * @param from the first instant
     * @param to the instant behind the last one
     */
    List<Long> adjustments(long from, long to) throws SQLException;

    /** The marks of closed periods, in the order of writing. */
    List<PeriodMark> periodMarks() throws SQLException;

    /** Readers' states: that of a key, or of all keys that begin with it. */
    Map<String, String> readerStates(String key, boolean asPrefix) throws SQLException;
}
