package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.clickhouse.ClickHouseAddress;
import dev.tokenledger.clickhouse.ClickHouseCopy;
import dev.tokenledger.clickhouse.ClickHouseExporter;
import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Questions that read the records of a long window, to a ledger in PostgreSQL and to the same with a copy in ClickHouse, in turn. The
 * answers must be equal. Then how far the copy is behind while records come at a steady rate.
 */
final class CopyBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "5_000_000",
            "rounds",
            "7",
            "rate",
            "5_000",
            "seconds",
            "30",
            "postgres",
            Servers.PROGRAMS,
            "seed",
            "42");

    private static final String SCHEMA = "copied";
    private static final int WARM_UP = 2;
    private static final int LAG_BATCH = 100;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);

    private final Options options;
    private final Report report;

    private CopyBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "copy", options, options.path("dir"));
        new CopyBench(options, report).measure();
        report.end();
    }

    private static Map<String, SummaryQuery> questions() {
        Map<String, SummaryQuery> questions = new LinkedHashMap<>();
        questions.put(
                "top 20 sessions, 90 days",
                SummaryQuery.over(ALL).by(Dimension.SESSION).limit(20).build());
        questions.put(
                "top 20 conversations, 90 days",
                SummaryQuery.over(ALL).by(Dimension.CONVERSATION).limit(20).build());
        questions.put(
                "by team and project, 90 days",
                SummaryQuery.over(ALL)
                        .by(Dimension.attribute("team"))
                        .by(Dimension.attribute("project"))
                        .build());
        return questions;
    }

    private void measure() throws Exception {
        Workload workload = new Workload(options.number("seed"), options.number("records"), Workload.Labels.FEW);
        try (PostgresServer server = Servers.start(options);
                ClickHouseServers clickhouse = ClickHouseServers.start(1)) {
            fill(server, workload);
            ClickHouseAddress address = ClickHouseAddress.parse(
                    clickhouse.address(clickhouse.newDatabase()), Map.of(), warning -> report.line("%s", warning));
            try (ClickHouseExporter exporter = exporter(server, address)) {
                long started = System.nanoTime();
                long exported = 0;
                for (long step = exporter.step(); step > 0; step = exporter.step()) {
                    exported += step;
                }
                report.figure("copying what is there", " records/s", exported / ((System.nanoTime() - started) / 1e9));
            }
            try (Ledger alone = Servers.openLedger(server.dataSource(), SCHEMA);
                    PostgresLedger copied = open(server, address)) {
                questions().forEach((name, query) -> compare(name, query, alone, copied));
            }
            measureLag(server, address, workload);
        }
    }

    private void fill(PostgresServer server, Workload workload) throws SQLException {
        long started = System.nanoTime();
        try (Ledger ledger = Servers.openLedger(server.dataSource(), SCHEMA)) {
            for (long first = 0; first < workload.size(); first += Stores.BATCH) {
                ledger.appendAll(workload.records(first, (int) Math.min(Stores.BATCH, workload.size() - first)));
            }
        }
        // As the server would do by itself before long.
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
        report.line("built %,d records in %.0f s", workload.size(), (System.nanoTime() - started) / 1e9);
    }

    private static ClickHouseExporter exporter(PostgresServer server, ClickHouseAddress address) {
        return ClickHouseExporter.of(server.dataSource(), SCHEMA, "the ledger", address);
    }

    private static PostgresLedger open(PostgresServer server, ClickHouseAddress address) {
        return PostgresLedger.builder()
                .prices(PriceBook.bundled())
                .schema(SCHEMA)
                .readReplica(Servers.pool(server.dataSource()))
                .copy(ClickHouseCopy.at(address))
                .open(server.dataSource());
    }

    private void compare(String name, SummaryQuery query, Ledger alone, PostgresLedger copied) {
        long before = copied.copyCounts().orElseThrow().answered();
        for (int i = 0; i < WARM_UP; i++) {
            if (!alone.summaries(query).equals(copied.summaries(query))) {
                throw new IllegalStateException(name + ": the answer with the copy is another one");
            }
        }
        double[] without = new double[options.count("rounds")];
        double[] with = new double[without.length];
        double[] ratios = new double[without.length];
        for (int round = 0; round < without.length; round++) {
            without[round] = Times.of(1, () -> alone.summaries(query)).wall().median();
            with[round] = Times.of(1, () -> copied.summaries(query)).wall().median();
            ratios[round] = without[round] / with[round];
        }
        if (copied.copyCounts().orElseThrow().answered() != before + WARM_UP + without.length) {
            throw new IllegalStateException(name + ": the copy did not answer: " + copied.copyCounts());
        }
        report.figure(name + ", PostgreSQL alone", " ms", without);
        report.figure(name + ", with the copy", " ms", with);
        report.atLeast(name + ": alone ÷ with the copy", 3, "×", ratios);
    }

    /** Records come at a steady rate; looked at often, how long ago the oldest of those was recorded that the copy does not have. */
    private void measureLag(PostgresServer server, ClickHouseAddress address, Workload workload) throws Exception {
        AtomicReference<@Nullable LedgerException> failure = new AtomicReference<>();
        Thread exporting = new Thread(() -> export(server, address, failure), "exporter");
        AtomicBoolean done = new AtomicBoolean();
        List<Double> lags = new ArrayList<>();
        Thread looking = new Thread(() -> look(server, done, lags), "lag");
        exporting.start();
        looking.start();
        long batches = options.number("seconds") * options.number("rate") / LAG_BATCH;
        long every = TimeUnit.SECONDS.toNanos(1) * LAG_BATCH / options.number("rate");
        long started = System.nanoTime();
        try (Ledger ledger = Servers.openLedger(server.dataSource(), SCHEMA)) {
            for (long batch = 0; batch < batches; batch++) {
                long ahead = started + batch * every - System.nanoTime();
                while (ahead > 0) {
                    LockSupport.parkNanos(ahead);
                    ahead = started + batch * every - System.nanoTime();
                }
                ledger.appendAll(workload.records(workload.size() + batch * LAG_BATCH, LAG_BATCH));
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        done.set(true);
        looking.join();
        exporting.interrupt();
        exporting.join();
        LedgerException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        report.figure("records written meanwhile", " records/s", batches * LAG_BATCH / seconds);
        Sample lag = Sample.of(lags.stream().mapToDouble(Double::doubleValue).toArray());
        report.figure("lag, median", " s", lag.median());
        report.atMost("lag, the longest", 2, " s", lag.max());
    }

    private static void export(
            PostgresServer server, ClickHouseAddress address, AtomicReference<@Nullable LedgerException> failure) {
        try (ClickHouseExporter exporter = exporter(server, address)) {
            exporter.follow(Duration.ofMillis(250), new ClickHouseExporter.Listener() {
                @Override
                public void exported(long entries) {}

                @Override
                public void hindered(LedgerException why) {
                    failure.set(why);
                }
            });
        } catch (LedgerInterruptedException e) {
            // That is how it ends.
        } catch (LedgerException e) {
            failure.set(e);
        }
    }

    private static void look(PostgresServer server, AtomicBoolean done, List<Double> lags) {
        String sql = "SELECT extract(epoch FROM clock_timestamp()) - min(r.recorded) / 1e6 FROM " + SCHEMA
                + ".records r" + " WHERE r.written >= (SELECT max(c.written) FROM " + SCHEMA + ".copies c)";
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET enable_seqscan = off");
            while (!done.get()) {
                try (ResultSet row = statement.executeQuery(sql)) {
                    row.next();
                    lags.add(Math.max(0, row.getDouble(1)));
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
