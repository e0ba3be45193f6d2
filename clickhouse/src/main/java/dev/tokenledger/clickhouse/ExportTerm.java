package dev.tokenledger.clickhouse;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.postgres.CopyFeed;
import dev.tokenledger.sql.engine.CopiedRecord;
import dev.tokenledger.sql.engine.CopyState;
import dev.tokenledger.sql.engine.StoredRecord.Number;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One exporter's time of feeding a copy, from when it takes over until something fails. Each step sends the records of the next finished
 * transactions, compares what arrived with what was sent, and only then has the ledger's watermark pass them. It may end at any
 * statement: what was sent and not passed counts nowhere, and the next term clears it away. Used by one thread.
 */
final class ExportTerm {

    /** Parts that one block may make: the server refuses more than 100. */
    private static final int MAX_MONTHS = 90;

    /** Rows that are held before they are sent. */
    private static final int MAX_BYTES = 16 << 20;

    private static final int SECONDS_OF_A_DAY = 86_400;
    private static final int SUMS = 4;

    /** After so many entries the index of transactions is tended. */
    private static final long TEND_AFTER = 50_000;

    private final CopyFeed feed;
    private final CopyServers servers;
    private final CopyTable table;
    private final int maxEntries;
    private final Map<String, Boolean> modern = new HashMap<>();
    private CopyState state;
    private long inserts;
    private long untended;

    private ExportTerm(CopyFeed feed, CopyServers servers, CopyTable table, CopyState state, int maxEntries)
            throws ClickHouseException, InterruptedException {
        this.feed = feed;
        this.servers = servers;
        this.table = table;
        this.state = state;
        this.maxEntries = maxEntries;
        for (String host : servers.hosts()) {
            modern.put(host, servers.isModern(host));
        }
    }

    /**
     * Takes over: clears away what an exporter from before left, and has the ledger know the new term.
     *
     * @param term a number that no other term has
     * @throws LedgerIncompatibleException if the copy is not what the ledger says of it
     */
    static ExportTerm begin(CopyFeed feed, CopyServers servers, CopyFeed.Copied copied, long term, int maxEntries)
            throws ClickHouseException, InterruptedException {
        servers.checkCluster();
        CopyState state = copied.state();
        CopyTable table = servers.table(state.relation());
        if (state.written() == 0) {
            servers.create(table);
        } else {
            checkIsThere(feed, servers, table);
        }
        servers.createView(table, copied.former());
        if (!copied.former().isEmpty()) {
            servers.drop(copied.former());
            feed.forgetFormer();
        }
        servers.stopInserts(table);
        CopyServers.Counted counted = servers.counting(table, state);
        if (counted.entries() != state.entries() || counted.checksum() != state.checksum()) {
            throw doesNotFit(
                    feed, "it holds " + counted.entries() + " of the " + state.entries() + " entries that it had");
        }
        if (servers.rows(table) != state.entries()) {
            servers.deleteOthers(table, state);
            long rows = servers.rows(table);
            if (rows != state.entries()) {
                throw new ClickHouseException(
                        "the copy still holds " + (rows - state.entries()) + " rows that were to be deleted", 0, null);
            }
        }
        ExportTerm begun = new ExportTerm(feed, servers, table, state, maxEntries);
        CopyState now = new CopyState(
                state.relation(), state.written(), term, state.written(), state.entries(), state.checksum());
        begun.advance(now);
        return begun;
    }

    private static void checkIsThere(CopyFeed feed, CopyServers servers, CopyTable table)
            throws ClickHouseException, InterruptedException {
        for (String host : servers.hosts()) {
            for (String name : List.of(table.relation(), table.local(), table.marks())) {
                if (!servers.exists(host, name)) {
                    throw doesNotFit(feed, host + " has no table " + name);
                }
            }
        }
    }

    static LedgerIncompatibleException doesNotFit(CopyFeed feed, String why) {
        return new LedgerIncompatibleException(
                "cannot copy " + feed.place() + ": the copy is not what the ledger says of it: " + why
                        + "; answers are the ledger's alone until it is made anew by 'tokenledger clickhouse export --again'",
                null);
    }

    CopyState state() {
        return state;
    }

    /** What was sent to one server in a step. */
    private static final class Sent {
        final Map<Integer, RowBinary> byMonth = new TreeMap<>();
        final long[] sums = new long[SUMS];
    }

    /** A failure of a server amid the ledger's rows. */
    private static final class Interruption extends RuntimeException {
        private static final long serialVersionUID = 1;

        Interruption(Exception cause) {
            super(cause);
        }
    }

    /** Exports the next records; gives how many, 0 if there are no finished ones. */
    long step() throws ClickHouseException, InterruptedException {
        Map<String, Sent> sent = new TreeMap<>();
        servers.hosts().forEach(host -> sent.put(host, new Sent()));
        long[] bounds = {Long.MAX_VALUE, Long.MIN_VALUE, 0};
        CopyFeed.Range range;
        try {
            range = feed.read(state, maxEntries, row -> {
                take(row, sent, bounds);
                if (bounds[2] > MAX_BYTES) {
                    flush(sent);
                    bounds[2] = 0;
                }
            });
            if (range.entries() == 0) {
                return 0;
            }
            flush(sent);
        } catch (Interruption e) {
            if (e.getCause() instanceof ClickHouseException failed) {
                throw failed;
            }
            throw (InterruptedException) new InterruptedException("interrupted while sending records").initCause(e);
        }
        String which = "occurred >= " + bounds[0] + " AND occurred <= " + bounds[1] + " AND written >= "
                + state.written() + " AND written < " + range.to() + " AND term = " + state.term();
        for (String host : servers.hosts()) {
            Sent theirs = sent.getOrDefault(host, new Sent());
            if (!Arrays.equals(servers.sums(host, table, which), theirs.sums)) {
                throw new ClickHouseException(
                        host + " has other rows than were sent to it; they are sent again", 0, null);
            }
        }
        long rows = servers.rows(table);
        if (rows != state.entries() + range.entries()) {
            throw new ClickHouseException(
                    "the copy holds " + rows + " rows in place of " + (state.entries() + range.entries())
                            + "; what is too many will be cleared away",
                    0,
                    null);
        }
        advance(new CopyState(
                state.relation(),
                range.to(),
                state.term(),
                state.termFrom(),
                state.entries() + range.entries(),
                state.checksum() + range.checksum()));
        untended += range.entries();
        if (untended >= TEND_AFTER) {
            feed.tendIndex();
            untended = 0;
        }
        return range.entries();
    }

    private void advance(CopyState to) throws ClickHouseException, InterruptedException {
        if (!feed.advance(state, to)) {
            throw new LedgerBusyException(
                    "cannot copy " + feed.place() + ": another exporter has taken over; nothing is lost", null);
        }
        state = to;
        servers.mark(table, to);
    }

    private void take(CopiedRecord row, Map<String, Sent> sent, long[] bounds) throws SQLException {
        long occurred = row.number(Number.OCCURRED);
        bounds[0] = Math.min(bounds[0], occurred);
        bounds[1] = Math.max(bounds[1], occurred);
        Sent theirs = sent.computeIfAbsent(host(row), host -> new Sent());
        LocalDate day = LocalDate.ofEpochDay(CopyTable.second(occurred) / SECONDS_OF_A_DAY);
        RowBinary rows =
                theirs.byMonth.computeIfAbsent(12 * day.getYear() + day.getMonthValue(), month -> new RowBinary());
        int before = rows.size();
        CopyTable.write(rows, row, state.term());
        bounds[2] += rows.size() - before;
        theirs.sums[0]++;
        theirs.sums[1] += row.number(Number.SEQUENCE);
        theirs.sums[2] += row.number(Number.COST);
        theirs.sums[3] += row.number(Number.INPUT)
                + row.number(Number.OUTPUT)
                + row.number(Number.CACHE_READ)
                + row.number(Number.CACHE_CREATION);
    }

    /** A session's records are on one server, so that each adds up its own. */
    private String host(CopiedRecord row) throws SQLException {
        List<String> hosts = servers.hosts();
        long thread = row.number(Number.THREAD);
        long key = thread == 0 ? row.number(Number.SEQUENCE) : thread;
        return hosts.get((int) Math.floorMod(key, (long) hosts.size()));
    }

    /** Sends what is held, each server's in as few blocks as months allow. */
    private void flush(Map<String, Sent> sent) {
        for (Map.Entry<String, Sent> each : sent.entrySet()) {
            List<RowBinary> months = new ArrayList<>(each.getValue().byMonth.values());
            each.getValue().byMonth.clear();
            for (int from = 0; from < months.size(); from += MAX_MONTHS) {
                RowBinary block = new RowBinary();
                months.subList(from, Math.min(months.size(), from + MAX_MONTHS)).forEach(block::append);
                try {
                    servers.insert(
                            each.getKey(),
                            table,
                            block.toByteArray(),
                            state.term(),
                            ++inserts,
                            modern.getOrDefault(each.getKey(), true));
                } catch (ClickHouseException | InterruptedException e) {
                    throw new Interruption(e);
                }
            }
        }
    }
}
