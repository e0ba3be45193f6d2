package dev.tokenledger.cli;

import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.clickhouse.ClickHouseExporter;
import dev.tokenledger.formats.present.Figures;
import java.time.Duration;

/** Copies what a ledger has to ClickHouse, and what comes. */
final class ClickHouseExportCommand extends Subcommand implements Action {

    private static final long DEFAULT_MILLIS = 500;
    private static final long MAX_MILLIS = 3_600_000;

    private final Argument<String> to = option("--to", "ADDRESS", ClickHouseCommand.TO);
    private final Argument<Boolean> follow =
            flag("--follow", "Go on with what comes, until terminated. What fails is tried again.");
    private final Argument<Long> every = option(
            "--every",
            "MILLIS",
            new Converters.WholeNumber(),
            "With --follow: how often to look; default: " + DEFAULT_MILLIS + ".");
    private final Argument<Boolean> again =
            flag("--again", "Make the copy anew first, where it is not what the ledger says of it.");

    ClickHouseExportCommand() {
        super("export", "Copies a PostgreSQL ledger's records to ClickHouse.", "clickhouse export [OPTION]...");
        description(
                "Makes the copy's tables, copies all records of finished transactions, and ends. One process exports at a time;",
                "with --follow others stand by. It may be killed at any moment and started again anywhere: nothing is lost, and",
                "nothing is counted twice. The database is to be there; the user needs the right to create tables in it.");
        examples(
                "  tokenledger clickhouse export --to clickhouse://db.example:8123/usage 2>> export.log",
                "  tokenledger clickhouse export --to https://ch1,ch2/usage?cluster=shards 2>> export.log");
    }

    @Override
    public int run(Session session) {
        boolean following = follow.or(false);
        if (every.stated().isPresent() && !following) {
            throw new UsageException("--every is for --follow");
        }
        long millis = every.or(DEFAULT_MILLIS);
        if (millis < 1 || millis > MAX_MILLIS) {
            throw new UsageException("--every: expected 1 to " + MAX_MILLIS + ", found " + millis);
        }
        Exported exported = new Exported(session);
        StopSignal stop = StopSignal.interrupting(Thread.currentThread());
        try (ClickHouseExporter exporter = ClickHouseCommand.exporter(session, to)) {
            if (again.or(false)) {
                exporter.again();
            }
            if (following) {
                exporter.follow(Duration.ofMillis(millis), exported);
            } else {
                for (long entries = exporter.step(); entries > 0; entries = exporter.step()) {
                    exported.exported(entries);
                }
            }
            exported.tell();
            return DONE;
        } catch (LedgerInterruptedException e) {
            exported.tell();
            return following ? DONE : FAILED;
        } finally {
            stop.close();
        }
    }

    /** Counts, and tells of hindrances on standard error. */
    private static final class Exported implements ClickHouseExporter.Listener {

        private final Session session;
        private long entries;

        Exported(Session session) {
            this.session = session;
        }

        @Override
        public void exported(long more) {
            entries += more;
        }

        @Override
        public void hindered(LedgerException why) {
            session.warn(String.valueOf(why.getMessage()));
        }

        void tell() {
            session.say(Figures.count(entries, "entry", "entries") + " exported");
        }
    }
}
