package dev.tokenledger.clickhouse;

import dev.tokenledger.postgres.CopyFeed;
import dev.tokenledger.sql.engine.CopyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far a copy has come. Immutable.
 *
 * @param watermark what the ledger says of the copy; empty if none was begun
 * @param backlog what has not been copied
 * @param servers the copy's servers
 * @param problems what is wrong with the copy, a sentence each; none if questions may be asked of it
 */
public record CopyStatus(Optional<Watermark> watermark, Backlog backlog, List<Server> servers, List<String> problems) {

    /**
     * What the ledger says of the copy.
     *
     * @param transaction records of transactions below this one are in it
     * @param entries how many they are
     * @param table where they are
     */
    public record Watermark(long transaction, long entries, String table) {}

    /**
     * What has not been copied.
     *
     * @param entries how many entries
     * @param age how long ago the first of them was recorded: the lag
     * @param waiting those of them that cannot be copied yet, because an older transaction has not ended
     * @param holder whose that is; empty if none are waiting
     * @param held for how long it has been under way
     */
    public record Backlog(long entries, Duration age, long waiting, String holder, Duration held) {}

    /**
     * One server.
     *
     * @param rows those of the copy there, whether they count or not
     * @param bytes on its disk
     * @param parts in how many pieces
     */
    public record Server(String host, long rows, long bytes, long parts) {}

    /** Copies its lists. */
    public CopyStatus {
        servers = List.copyOf(servers);
        problems = List.copyOf(problems);
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return problems.isEmpty();
    }

    static CopyStatus of(CopyFeed feed, CopyServers servers, ClickHouseAddress address) throws InterruptedException {
        Optional<CopyFeed.Copied> copied = feed.copied();
        List<String> problems = new ArrayList<>();
        List<Server> sizes = new ArrayList<>();
        CopyState state = copied.map(CopyFeed.Copied::state).orElse(new CopyState("", 0, 0, 0, 0, 0));
        if (copied.isEmpty()) {
            problems.add("no copy '" + address.copy() + "' was begun; run 'tokenledger clickhouse export'");
        } else if (!copied.get().trusted()) {
            problems.add("it is the copy of the ledger that this one was restored from;"
                    + " run 'tokenledger clickhouse export --again'");
        }
        if (copied.isPresent()) {
            CopyTable table = servers.table(state.relation());
            boolean allThere = true;
            for (String host : servers.hosts()) {
                try {
                    CopyServers.Size size = servers.size(host, table);
                    sizes.add(new Server(host, size.rows(), size.bytes(), size.parts()));
                } catch (ClickHouseException e) {
                    allThere = false;
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
            if (allThere && state.written() > 0) {
                check(servers, table, state, problems);
            }
        }
        long future = feed.entriesOfTheFuture();
        if (future > 0) {
            problems.add(
                    future + " entries came from another cluster's dump, whose transactions this one will number much"
                            + " later; run 'tokenledger clickhouse export --again'");
        }
        CopyFeed.Backlog backlog = feed.backlog(state);
        boolean waits = backlog.waiting() > 0;
        return new CopyStatus(
                copied.map(found -> new Watermark(state.written(), state.entries(), state.relation())),
                new Backlog(
                        backlog.entries(),
                        backlog.age(),
                        backlog.waiting(),
                        waits ? backlog.holder() : "",
                        waits ? backlog.held() : Duration.ZERO),
                sizes,
                problems);
    }

    private static void check(CopyServers servers, CopyTable table, CopyState state, List<String> problems)
            throws InterruptedException {
        try {
            servers.checkCluster();
            CopyServers.Counted counted = servers.counting(table, state);
            if (counted.entries() != state.entries() || counted.checksum() != state.checksum()) {
                problems.add("it holds " + counted.entries() + " of the " + state.entries()
                        + " entries that it had; run 'tokenledger clickhouse export --again'");
            }
        } catch (ClickHouseException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }
}
