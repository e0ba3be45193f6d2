package dev.tokenledger.postgres;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.SqlLedger;
import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.questions.Listing;
import dev.tokenledger.sql.writing.GroupCommit;
import dev.tokenledger.sql.writing.WriteKernel;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in one schema of a PostgreSQL database, version 15 or newer, which any number of processes share.
 *
 * <p>Safe for use by many threads. A write returns once its commit is on the server's disk ({@code synchronous_commit}); writes of
 * many threads share commits, over as many connections as there are {@linkplain Builder#leaders leaders}. Readers never wait for
 * writers, and writers of different processes wait for each other only about the very same ids. Ids are unique and remembered for
 * ever, whichever process stored them.
 *
 * <pre>{@code
 * try (Ledger ledger = PostgresLedger.open(dataSource, PriceBook.bundled())) {
 *     ledger.append(UsageRecord.builder().model("claude-sonnet-4-5").inputTokens(1_000).outputTokens(100).build());
 * }
 * }</pre>
 *
 * <p>Records are numbered in the order in which numbers were drawn, which is not that of their commits where several processes
 * write. The view {@code usage_records} shows the records in force to any SQL tool.
 *
 * <p>A connection that is lost while a commit is under way leaves open whether it was stored: {@link LedgerUnavailableException}
 * says so then, and writing the same ids again finds out.
 *
 * <p>What is here is the door: half of it the builder, the rest handed on to {@link SqlLedger} over a {@link DatabaseBackend}.
 */
public final class PostgresLedger implements Ledger {

    private static final int MAX_LEADERS = 16;
    private static final int MIN_GROUPS = 10_000;
    private static final int MAX_GROUPS = 100_000;

    /** Some hundred times what a group takes while it is added up, so that many questions at once fit. */
    private static final int BYTES_OF_A_GROUP = 16 << 10;

    private final DatabaseBackend backend;
    private final SqlLedger ledger;

    private PostgresLedger(Builder builder, DatabaseBackend backend) {
        this.backend = backend;
        ledger = new SqlLedger(
                backend, builder.prices(), builder.clock, new SqlLedger.Limits(builder.mostPassed, builder.maxGroups));
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofDays(10_000)) > 0 ? 0 : Math.max(1, duration.toNanos());
    }

    /**
     * Opens the ledger in the schema that connections are in, and makes its tables if they are not there.
     *
     * @param source connections to the database; it stays its owner's
     * @param prices prices what arrives without a cost
     * @throws LedgerException as {@link Builder#open} says
     */
    public static PostgresLedger open(DataSource source, PriceBook prices) {
        return builder().prices(prices).open(source);
    }

    /** The version of the schema that this program writes. */
    public static int newestSchema() {
        return PostgresSchema.newest();
    }

    /** Starts with the bundled prices, the system's clock, two leaders, a 5 s lock timeout and no time limit. */
    public static Builder builder() {
        return new Builder();
    }

    /** Chooses how a ledger is opened. Not safe for use by several threads. */
    public static final class Builder {

        private @Nullable PriceBook prices;
        private InstantSource clock = InstantSource.system();
        private @Nullable String schema;
        private @Nullable DataSource replica;
        private @Nullable RecordCopy copy;
        private LongSupplier nanoTime = System::nanoTime;
        private String place = "the database";
        private int leaders = 2;
        private Duration busyTimeout = Duration.ofSeconds(5);
        private @Nullable Duration queryTimeLimit;
        private boolean readOnly;
        private Consumer<String> listener = Builder::log;
        private int maxDeltas = WriteKernel.MAX_DELTAS;
        private int mostPassed = Listing.MAX_PASSED;
        private int readers = 64;
        private int waiting = Integer.MAX_VALUE;
        private int maxGroups = (int)
                Math.max(MIN_GROUPS, Math.min(MAX_GROUPS, Runtime.getRuntime().maxMemory() / BYTES_OF_A_GROUP));

        private Builder() {}

        /** Prices what arrives without a cost. */
        public Builder prices(PriceBook prices) {
            this.prices = Objects.requireNonNull(prices, "prices");
            return this;
        }

        private PriceBook prices() {
            if (prices == null) {
                prices = readOnly ? PriceBook.empty() : PriceBook.bundled();
            }
            return prices;
        }

        /** Tells when records are written, and when calls happened that do not say. */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * The schema that the ledger's tables are in; made if it is not there. Default: the one that connections are in, which is
         * mostly {@code public}.
         *
         * @throws IllegalArgumentException if it is no name of 1 to 63 bytes
         */
        public Builder schema(String schema) {
            this.schema = PostgresSchema.checkedName(schema);
            return this;
        }

        /** How messages name the database, without a password. Default: {@code the database}. */
        public Builder name(String name) {
            place = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Connections to a replica, which answers questions instead of the primary. What was written a moment ago may not be there
         * yet, unless the server was set to {@code synchronous_commit = remote_apply}. It may also be a pool of connections to the
         * primary. A source that can be closed is closed with the ledger.
         */
        public Builder readReplica(DataSource replica) {
            this.replica = Objects.requireNonNull(replica, "replica");
            return this;
        }

        /**
         * A copy of the ledger in a database that adds up records faster, such as ClickHouse. Questions about long windows that read
         * records are asked of it; whatever becomes of it, answers are those without it. It is closed with the ledger.
         */
        public Builder copy(RecordCopy copy) {
            this.copy = Objects.requireNonNull(copy, "copy");
            return this;
        }

        /**
         * How many commits may be under way at the same time, each over a connection that the ledger keeps. Default: 2.
         *
         * @throws IllegalArgumentException if it is not 1 to 16
         */
        public Builder leaders(int leaders) {
            if (leaders < 1 || leaders > MAX_LEADERS) {
                throw new IllegalArgumentException("leaders: expected 1 to " + MAX_LEADERS + ", found " + leaders);
            }
            this.leaders = leaders;
            return this;
        }

        /**
         * How long a write waits for another process's lock, and a question for its turn. Default: 5 s.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder busyTimeout(Duration busyTimeout) {
            if (busyTimeout.isNegative()) {
                throw new IllegalArgumentException("busy timeout: expected 0 or more, found " + busyTimeout);
            }
            this.busyTimeout = busyTimeout;
            return this;
        }

        /**
         * How long a query may take. Default: unlimited.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder queryTimeLimit(Duration queryTimeLimit) {
            if (queryTimeLimit.isNegative() || queryTimeLimit.isZero()) {
                throw new IllegalArgumentException("query time limit: expected more than 0, found " + queryTimeLimit);
            }
            this.queryTimeLimit = queryTimeLimit;
            return this;
        }

        /**
         * How many questions are answered at the same time, each over a connection of its own, and how many callers wait for that,
         * at most for the {@linkplain #busyTimeout busy timeout}; further ones get a {@link LedgerOverloadedException}. Default: 64,
         * and any number waiting.
         *
         * @throws IllegalArgumentException if it is not 1 or more, and 0 or more
         */
        public Builder readers(int answered, int waiting) {
            if (answered < 1 || waiting < 0) {
                throw new IllegalArgumentException(
                        "readers: expected 1 or more, and 0 or more waiting, found " + answered + " and " + waiting);
            }
            readers = answered;
            this.waiting = waiting;
            return this;
        }

        /**
         * How many groups one answer holds, those of all buckets together; a query without a limit that has more gets a {@link
         * TooManyGroupsException}. Default: one for each 16 KiB of the memory that this program may use, 10,000 at least and
         * 100,000 at most.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxGroups(int groups) {
            if (groups < 1) {
                throw new IllegalArgumentException("groups: expected 1 or more, found " + groups);
            }
            maxGroups = groups;
            return this;
        }

        /** Opens for reading alone: the ledger must be there, and every write throws {@link LedgerReadOnlyException}. */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /**
         * Receives warnings of what keeps nothing from working. Each is a sentence that begins with the database's name. Default:
         * {@link System.Logger}.
         */
        public Builder onWarning(Consumer<String> listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private static void log(String warning) {
            System.getLogger(PostgresLedger.class.getName()).log(System.Logger.Level.WARNING, "{0}", warning);
        }

        /** After how many commits roll-ups are folded, for tests of folding. */
        Builder maxDeltas(int commits) {
            maxDeltas = commits;
            return this;
        }

        /** How many records a list walks past before it asks roll-ups, for tests of what it does then. */
        Builder mostPassed(int records) {
            mostPassed = records;
            return this;
        }

        /** What tells how long a copy is left alone, for tests of what happens then. */
        Builder nanoTime(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            return this;
        }

        /**
         * Whether there is no ledger in the schema, nor anything that takes its place.
         *
         * @throws LedgerIncompatibleException if the schema holds something else, or a ledger of a newer version
         * @throws LedgerUnavailableException if the server cannot be reached, or refuses the user
         */
        public boolean isAbsent(DataSource source) {
            try (Connection connection = source.getConnection()) {
                return named(connection).version(connection, place) == 0;
            } catch (SQLException e) {
                throw PostgresErrors.of("open", place, PostgresErrors.Attempt.READ, Watchdog.Stop.NOT, e);
            }
        }

        private PostgresSchema named(Connection connection) throws SQLException {
            return new PostgresSchema(schema == null ? currentSchema(connection) : schema);
        }

        /**
         * Opens the ledger in a database. A schema without one gets its tables, unless it is opened for reading alone; tables of an
         * older version become this one's.
         *
         * @param source connections to the database, which is not closed with the ledger; it keeps as many as there are leaders and
         *     one to fold with
         * @throws LedgerIncompatibleException if the schema holds something else, a ledger of a newer version, or, for reading
         *     alone, nothing or one of an older version
         * @throws LedgerUnavailableException if the server cannot be reached, or refuses the user
         * @throws LedgerException if it cannot be written to
         */
        public PostgresLedger open(DataSource source) {
            Objects.requireNonNull(source, "data source");
            PostgresSchema found;
            try (Connection connection = source.getConnection()) {
                connection.setAutoCommit(true);
                found = named(connection);
                int version = found.version(connection, place);
                if (version < PostgresSchema.newest()) {
                    if (readOnly) {
                        throw new LedgerIncompatibleException(
                                "cannot open " + place + ": "
                                        + (version == 0
                                                ? "there is no ledger in its schema " + found.name()
                                                : "its schema is of version " + version)
                                        + "; nothing was changed, open it once for writing",
                                null);
                    }
                    found.migrate(connection, place);
                }
                if (!readOnly) {
                    warn(connection);
                }
            } catch (SQLException e) {
                throw PostgresErrors.of("open", place, PostgresErrors.Attempt.READ, Watchdog.Stop.NOT, e);
            }
            if (readOnly) {
                return opened(source, found, null, null);
            }
            PostgresWrites.Opener opener = () -> openForWriting(source, found);
            Folder folder = new Folder(opener, place, maxDeltas);
            List<WriteKernel> kernels = new ArrayList<>();
            for (int i = 0; i < leaders; i++) {
                kernels.add(
                        new WriteKernel(new PostgresWrites(opener, place, folder::added), prices(), clock, maxDeltas));
            }
            return opened(source, found, new GroupCommit(place, kernels, GroupCommit.Gathering.SHORTLY), folder);
        }

        private PostgresLedger opened(
                DataSource source, PostgresSchema found, @Nullable GroupCommit writer, @Nullable Folder folder) {
            return new PostgresLedger(
                    this,
                    new DatabaseBackend(
                            replica == null ? source : replica,
                            found,
                            place,
                            writer,
                            folder,
                            new DatabaseBackend.Limits(
                                    queryTimeLimit == null ? 0 : nanos(queryTimeLimit), readers, waiting, busyTimeout),
                            replica instanceof AutoCloseable closeable ? closeable : null,
                            copy == null ? null : new CopyUse(copy, place, listener, nanoTime)));
        }

        private static String currentSchema(Connection connection) throws SQLException {
            String name = text(connection, "SELECT current_schema()");
            return name.isEmpty() ? "public" : name;
        }

        private void warn(Connection connection) throws SQLException {
            if (text(connection, "SELECT current_setting('fsync')").equals("off")) {
                listener.accept(
                        place + ": the server runs with fsync = off, so a power failure may lose what was acknowledged;"
                                + " set fsync = on");
            }
        }

        private Database openForWriting(DataSource source, PostgresSchema found) throws SQLException {
            Connection connection = source.getConnection();
            try {
                connection.setAutoCommit(true);
                Database database = new Database(connection, found);
                if (text(connection, "SELECT current_setting('synchronous_commit')")
                        .equals("off")) {
                    database.set("synchronous_commit", "on");
                }
                database.set(
                        "lock_timeout",
                        Long.toString(Math.min(Integer.MAX_VALUE, Math.max(1, busyTimeout.toMillis()))));
                // A plan made while there were a few records is kept while there are millions: let it be by the
                // indexes.
                database.set("enable_seqscan", "off");
                // Else the planner may begin anew for each number of rows.
                database.set("plan_cache_mode", "force_generic_plan");
                return database;
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }

        private static String text(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                String text = row.next() ? row.getString(1) : null;
                return text == null ? "" : text;
            }
        }
    }

    // ---- What every ledger over SQL does alike

    @Override
    public AppendResult append(UsageRecord record) {
        return ledger.append(record);
    }

    @Override
    public List<WriteResult> write(Batch batch) {
        return ledger.write(batch);
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        return ledger.reverse(id, reason);
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        return ledger.replace(id, replacement, reason);
    }

    @Override
    public void rebuild() {
        ledger.rebuild();
    }

    /** Asks the server to change nothing. */
    @Override
    public void checkWritable() {
        ledger.checkWritable();
    }

    @Override
    public PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        return ledger.markPeriod(closedBefore, zone, reason);
    }

    @Override
    public List<PeriodMark> periodMarks() {
        return ledger.periodMarks();
    }

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        return ledger.find(id);
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        return ledger.revisions(key);
    }

    @Override
    public RecordPage records(RecordQuery query) {
        return ledger.records(query);
    }

    @Override
    public Report report(ReportQuery query) {
        return ledger.report(query);
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        return ledger.summaries(query);
    }

    /** Records are read also for queries that name two attributes, or one with more than 1,000 values. */
    @Override
    public boolean readsRecords(SummaryQuery query) {
        return ledger.readsRecords(query);
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        return ledger.explain(id);
    }

    @Override
    public Optional<String> readerState(String key) {
        return ledger.readerState(key);
    }

    @Override
    public SortedSet<String> attributeKeys() {
        return ledger.attributeKeys();
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        return ledger.readerStates(prefix);
    }

    @Override
    public ConditionalResult writeIf(String key, String expected, Batch batch) {
        return ledger.writeIf(key, expected, batch);
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        return ledger.compareAndSetReaderState(key, expected, states);
    }

    @Override
    public VerifyReport verify() {
        return ledger.verify();
    }

    @Override
    public PriceBook prices() {
        return ledger.prices();
    }

    // ---- What only a database does

    /** The version of the schema. */
    public int schemaVersion() {
        ledger.checkOpen();
        return backend.schemaVersion();
    }

    /** How often the copy answered, since the ledger was opened; empty without a copy. */
    public Optional<CopyCounts> copyCounts() {
        return backend.copyCounts();
    }

    /** The schema that the ledger's tables are in. */
    public String schema() {
        return backend.schema().name();
    }

    /** Waits for writes under way, then closes the connections that the ledger keeps. The data source stays open. */
    @Override
    public void close() {
        ledger.close();
    }

    @Override
    public String toString() {
        return "PostgresLedger[" + backend.place() + "]";
    }
}
