package dev.tokenledger.clickhouse;

import dev.tokenledger.sql.engine.CopyState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What is done to a copy's tables on all of its servers. Every statement is safe to be sent twice, and harmless when it arrives late:
 * rows are told by the term that they were sent in, and what is deleted is told by terms that are over. Used by one thread.
 */
final class CopyServers {

    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int FIRST_MODERN_VERSION = 24;

    /** What later versions allow by default. */
    private static final Map<String, String> OLD_SETTINGS = Map.of("allow_experimental_low_cardinality_type", "1");

    private final ClickHouseClient client;
    private final ClickHouseAddress address;
    private final List<String> hosts;

    CopyServers(ClickHouseAddress address) {
        this.address = address;
        client = new ClickHouseClient(address);
        hosts = address.hosts();
    }

    List<String> hosts() {
        return hosts;
    }

    /**
     * Rows that were counted.
     *
     * @param checksum the sum of their numbers, as {@code long} addition wraps it
     */
    record Counted(long entries, long checksum) {}

    /** How large a table is. */
    record Size(long rows, long bytes, long parts) {}

    boolean isModern(String host) throws ClickHouseException, InterruptedException {
        String version = client.ask(host, "SELECT version()", SHORT);
        int dot = version.indexOf('.');
        try {
            return Integer.parseInt(version.substring(0, Math.max(0, dot))) >= FIRST_MODERN_VERSION;
        } catch (NumberFormatException e) {
            throw new ClickHouseException(host + " is no ClickHouse: it states the version '" + version + "'", -1, e);
        }
    }

    /**
     * Checks that the servers know the cluster as the address has it.
     *
     * @throws ClickHouseException if they do not
     */
    void checkCluster() throws ClickHouseException, InterruptedException {
        if (address.cluster().isEmpty()) {
            return;
        }
        String name = address.cluster().get();
        for (String host : hosts) {
            String[] found = client.ask(
                            host,
                            "SELECT uniqExact(shard_num), count() FROM system.clusters WHERE cluster = "
                                    + ClickHouseClient.literal(name),
                            SHORT)
                    .split("\t", -1);
            long shards = Long.parseLong(found[0]);
            long replicas = Long.parseLong(found[1]);
            if (shards == 0) {
                throw new ClickHouseException(
                        host + " knows no cluster '" + name + "'; set it up in remote_servers", -1, null);
            }
            if (replicas != shards) {
                throw new ClickHouseException(
                        host + " knows several replicas of a shard of the cluster '" + name
                                + "', of which one may lag; name a cluster with one replica a shard",
                        -1,
                        null);
            }
            if (shards != hosts.size()) {
                throw new ClickHouseException(
                        host + " knows " + shards + " shards of the cluster '" + name + "', and the address names "
                                + hosts.size() + " hosts; name the host of every shard",
                        -1,
                        null);
            }
        }
    }

    /** The table of this name, as the address has its servers. */
    CopyTable table(String relation) {
        return new CopyTable(relation, address.cluster().isPresent());
    }

    /** Makes the tables where they are not there. */
    void create(CopyTable table) throws ClickHouseException, InterruptedException {
        for (String host : hosts) {
            boolean modern = isModern(host);
            for (String sql :
                    table.creation(address.database(), address.cluster().orElse(""), modern)) {
                client.ask(host, sql, modern ? Map.of() : OLD_SETTINGS, SHORT);
            }
        }
    }

    /**
     * Makes the view for analysts, in place of one that shows the former table.
     *
     * @throws ClickHouseException if there is one that shows something else
     */
    void createView(CopyTable table, String former) throws ClickHouseException, InterruptedException {
        for (String host : hosts) {
            if (exists(host, CopyTable.VIEW)) {
                String text = client.ask(host, "SHOW CREATE TABLE " + CopyTable.VIEW, SHORT);
                if (text.contains(table.relation())) {
                    continue;
                }
                if (former.isEmpty() || !text.contains(former)) {
                    throw new ClickHouseException(
                            host + " has in the database '" + address.database() + "' a '" + CopyTable.VIEW
                                    + "' that is not this copy's; name another database, or drop it if nobody needs it",
                            -1,
                            null);
                }
                client.ask(host, "DROP TABLE IF EXISTS " + CopyTable.VIEW, SHORT);
            }
            boolean modern = isModern(host);
            client.ask(host, table.view(modern), modern ? Map.of() : OLD_SETTINGS, SHORT);
        }
    }

    /** Whether a host has a table or view of this name. */
    boolean exists(String host, String name) throws ClickHouseException, InterruptedException {
        return !client.ask(host, "EXISTS TABLE " + ClickHouseClient.quoted(name), SHORT)
                .equals("0");
    }

    void drop(String relation) throws ClickHouseException, InterruptedException {
        for (String host : hosts) {
            for (String sql : table(relation).removal()) {
                client.ask(host, sql, LONG);
            }
        }
    }

    /** Stops what an earlier exporter may have left at work, and waits until nothing of it is. */
    void stopInserts(CopyTable table) throws ClickHouseException, InterruptedException {
        String which = " WHERE query_id LIKE " + ClickHouseClient.literal(idPrefix(table) + "%");
        for (String host : hosts) {
            long end = System.nanoTime() + SHORT.toNanos();
            while (!client.ask(host, "SELECT count() FROM system.processes" + which, SHORT)
                    .equals("0")) {
                if (System.nanoTime() > end) {
                    throw new ClickHouseException(
                            host + " is still at an insert of an exporter from before; wait until it is done", 0, null);
                }
                try {
                    client.ask(host, "KILL QUERY" + which + " SYNC", SHORT);
                } catch (ClickHouseException e) {
                    if (e.code() == 0) {
                        throw e;
                    }
                    // Not everybody may; the insert ends by itself.
                }
                pause();
            }
        }
    }

    private static void pause() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }

    private static String idPrefix(CopyTable table) {
        return "tokenledger-" + table.relation() + "-";
    }

    /** How many rows there are on all servers, whether they count or not. */
    long rows(CopyTable table) throws ClickHouseException, InterruptedException {
        long rows = 0;
        for (String host : hosts) {
            rows += Long.parseLong(client.ask(host, "SELECT count() FROM " + table.local(), LONG));
        }
        return rows;
    }

    /** The rows that count. */
    Counted counting(CopyTable table, CopyState state) throws ClickHouseException, InterruptedException {
        long entries = 0;
        long checksum = 0;
        for (String host : hosts) {
            String[] found = client.ask(
                            host,
                            "SELECT count(), sum(seq) FROM " + table.local() + " WHERE " + CopyTable.counting(state),
                            LONG)
                    .split("\t", -1);
            entries += Long.parseLong(found[0]);
            checksum += Long.parseLong(found[1]);
        }
        return new Counted(entries, checksum);
    }

    /** Deletes the rows that do not count, by the terms that they were sent in. */
    void deleteOthers(CopyTable table, CopyState state) throws ClickHouseException, InterruptedException {
        for (String host : hosts) {
            boolean any = delete(host, table, "written >= " + state.written());
            any |= delete(
                    host,
                    table,
                    "written >= " + state.termFrom() + " AND written < " + state.written() + " AND term != "
                            + state.term());
            if (any) {
                awaitDeletions(host, table);
            }
        }
    }

    private boolean delete(String host, CopyTable table, String which)
            throws ClickHouseException, InterruptedException {
        List<String> terms = new ArrayList<>(
                client.ask(host, "SELECT DISTINCT term FROM " + table.local() + " WHERE " + which + " LIMIT 1000", LONG)
                        .lines()
                        .toList());
        if (terms.isEmpty()) {
            return false;
        }
        client.ask(
                host,
                "ALTER TABLE " + table.local() + " DELETE WHERE " + which + " AND term IN (" + String.join(", ", terms)
                        + ")",
                LONG);
        return true;
    }

    private void awaitDeletions(String host, CopyTable table) throws ClickHouseException, InterruptedException {
        String sql = "SELECT count() FROM system.mutations WHERE database = "
                + ClickHouseClient.literal(address.database()) + " AND table = "
                + ClickHouseClient.literal(table.local())
                + " AND NOT is_done";
        long end = System.nanoTime() + LONG.toNanos();
        while (!client.ask(host, sql, SHORT).equals("0")) {
            if (System.nanoTime() > end) {
                throw new ClickHouseException(host + " did not delete rows within " + LONG.toSeconds() + " s", 0, null);
            }
            pause();
        }
    }

    /** Inserts rows into one server's table; they are there when this returns, and may be there if it fails. */
    void insert(String host, CopyTable table, byte[] rows, long term, long number, boolean modern)
            throws ClickHouseException, InterruptedException {
        client.insert(
                host,
                table.insertion(),
                rows,
                idPrefix(table) + term + "-" + number,
                modern ? Map.of("insert_deduplicate", "0", "async_insert", "0") : Map.of("insert_deduplicate", "0"),
                Duration.ofMinutes(1));
    }

    /** Four sums that tell whether what was sent is there: entries, numbers, cost, tokens; each as {@code long} addition wraps it. */
    long[] sums(String host, CopyTable table, String which) throws ClickHouseException, InterruptedException {
        String[] found = client.ask(
                        host,
                        "SELECT toInt64(count()), sum(seq), sum(cost_picos), sum(input_tokens) + sum(output_tokens)"
                                + " + sum(cache_read_tokens) + sum(cache_creation_tokens) FROM " + table.local()
                                + " WHERE "
                                + which,
                        LONG)
                .split("\t", -1);
        long[] sums = new long[found.length];
        for (int i = 0; i < found.length; i++) {
            sums[i] = Long.parseLong(found[i]);
        }
        return sums;
    }

    /** Has analysts see the rows up to where the copy stands. */
    void mark(CopyTable table, CopyState state) throws ClickHouseException, InterruptedException {
        for (String host : hosts) {
            client.ask(host, table.mark(state), SHORT);
        }
    }

    /** The size of one server's table. */
    Size size(String host, CopyTable table) throws ClickHouseException, InterruptedException {
        String[] found = client.ask(
                        host,
                        "SELECT sum(rows), sum(bytes), count() FROM system.parts WHERE active AND database = "
                                + ClickHouseClient.literal(address.database()) + " AND table = "
                                + ClickHouseClient.literal(table.local()),
                        SHORT)
                .split("\t", -1);
        return new Size(Long.parseLong(found[0]), Long.parseLong(found[1]), Long.parseLong(found[2]));
    }
}
