package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerCorruptException;
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
import dev.tokenledger.backend.FilePermissions;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.SqlLedger;
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
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteJDBCLoader;

/**
 * A ledger in one SQLite file.
 *
 * <p>Safe for use by many threads, and the file by several processes. A write returns once its commit is on disk
 * ({@code synchronous=FULL}); writes of many threads share commits. Readers never wait for writers.
 *
 * <pre>{@code
 * try (Ledger ledger = SqliteLedger.open(Path.of("usage.db"), PriceBook.bundled())) {
 *     ledger.append(UsageRecord.builder().model("claude-sonnet-4-5").inputTokens(1_000).outputTokens(100).build());
 *     System.out.println(ledger.summaryBy("model", TimeWindow.all()));
 * }
 * }</pre>
 *
 * <p>Totals by rolled-up dimensions and one attribute come from roll-ups, so that their cost does not grow with the
 * number of records. Records themselves are read at the ragged ends of a window (less than a quarter of an hour; with an
 * attribute, an hour), and for queries by session or conversation, by two attributes, or by an attribute with more than
 * 1,000 values.
 *
 * <p>The view {@code usage_records} shows the records in force to any SQL tool, under the names of their JSON form:
 * {@code timestamp} as RFC 3339 text with microseconds, {@code cost_usd} as exact decimal text, {@code cost_picos} as an
 * integer of 10⁻¹² USD for exact sums.
 *
 * <p>The file, its log and its folder may be removed, moved, cut or replaced while they are open. From the next write on
 * {@link LedgerUnavailableException} is thrown then; its message says what happened, and where a copy is of all that was
 * acknowledged before.
 *
 * <p>Idea of the whole, from the file upwards: {@link Schema}; {@link FileBackend} gives the sessions, {@link WriterSession} to
 * write with {@link RecordTable}, {@link Runs} and {@link RollUps}, and {@link SqliteReads} to read; the rules over them are
 * those of {@link SqlLedger}.
 */
public final class SqliteLedger implements Ledger {

    /** Files of which this process has said that others may read them. */
    private static final Set<Path> OPEN_TO_OTHERS = ConcurrentHashMap.newKeySet();

    private final FileBackend backend;
    private final SqlLedger ledger;

    private SqliteLedger(Builder builder, FileBackend backend) {
        this.backend = backend;
        ledger = new SqlLedger(
                backend, builder.prices(), builder.clock, new SqlLedger.Limits(builder.mostPassed, builder.maxGroups));
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofDays(10_000)) > 0 ? 0 : Math.max(1, duration.toNanos());
    }

    /**
     * Opens a file, and makes a ledger of it if it does not exist.
     *
     * @param prices prices what arrives without a cost
     * @throws LedgerException as {@link Builder#open(Path)} says
     */
    public static SqliteLedger open(Path file, PriceBook prices) {
        return builder().prices(prices).open(file);
    }

    /**
     * Opens the SQLite file behind a data source, which stays its owner's: closing the ledger closes the connections that
     * it took, not the source.
     *
     * @param prices prices what arrives without a cost
     * @throws LedgerException as {@link Builder#open(DataSource)} says
     */
    public static SqliteLedger open(DataSource source, PriceBook prices) {
        return builder().prices(prices).open(source);
    }

    /**
     * Whether there is provably nothing at a path: neither a ledger, nor the log of one, nor anything else.
     *
     * @throws LedgerIncompatibleException if something is there that is no file, or an empty one
     * @throws LedgerUnavailableException if there is only a log or a dangling link, or it cannot be told
     */
    public static boolean isAbsent(Path file) {
        return Opening.isAbsent(file);
    }

    /** The version of SQLite that this program brings. */
    public static String engineVersion() {
        return SQLiteJDBCLoader.getVersion();
    }

    /** The version of the schema that this program writes. It reads all versions from 1 on. */
    public static int newestSchema() {
        return Schema.newest();
    }

    /** The version of the file's schema; it stays as it is as long as the ledger is only read. */
    public int schemaVersion() {
        return ask(Handle::schemaVersion);
    }

    private static final int MIN_GROUPS = 10_000;
    private static final int MAX_GROUPS = 100_000;

    /** Some hundred times what a group takes while it is added up, so that many questions at once fit. */
    private static final int BYTES_OF_A_GROUP = 16 << 10;

    /** Starts with the bundled prices, the system's clock, a busy timeout of 5 s and no time limit. */
    public static Builder builder() {
        return new Builder();
    }

    /** Chooses how a ledger is opened. Not safe for use by several threads. */
    public static final class Builder {

        private @Nullable PriceBook prices;
        private InstantSource clock = InstantSource.system();
        private Duration busyTimeout = Duration.ofSeconds(5);
        private @Nullable Duration queryTimeLimit;
        private boolean readOnly;
        private Consumer<String> listener = Builder::log;
        private List<String> migrations = Schema.MIGRATIONS;
        private int mostDeltas = WriteKernel.MAX_DELTAS;
        private int mostPassed = Listing.MAX_PASSED;
        private int checkpointPages = Connections.CHECKPOINT_PAGES;
        private int readers = Connections.MAX_READERS;
        private int waiting = Integer.MAX_VALUE;
        private int maxGroups = usualGroups();

        private Builder() {}

        /** Prices what arrives without a cost. */
        public Builder prices(PriceBook prices) {
            this.prices = Objects.requireNonNull(prices, "prices");
            return this;
        }

        /** Whoever only reads prices nothing, and reading the bundled book takes longer than many a summary. */
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
         * How long to wait for another process that is writing; default: 5 seconds.
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
         * How long a query may take; default: unlimited.
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
         * How many questions are answered at the same time, each with up to 4 MiB of the file in memory, and how many callers
         * wait for that, at most for the {@linkplain #busyTimeout busy timeout}; further ones get a {@link
         * LedgerOverloadedException}. Default: {@value Connections#MAX_READERS}, and any number waiting.
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
         * How many groups one answer holds, those of all buckets together. A query with a limit adds up any number of groups
         * and shows the first ones; one without a limit that has more gets a {@link TooManyGroupsException}. Each question
         * also holds about as many while it reads records, for each thread; further ones go to a temporary file. Default: one
         * for each 16 KiB of the memory that this program may use, 10,000 at least and 100,000 at most.
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

        private static int usualGroups() {
            return (int) Math.max(
                    MIN_GROUPS, Math.min(MAX_GROUPS, Runtime.getRuntime().maxMemory() / BYTES_OF_A_GROUP));
        }

        /** Opens for reading alone: the file must be there, and every write throws {@link LedgerReadOnlyException}. */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /**
         * Receives warnings while a ledger is opened, of what does not stop it, such as a log that ends in a transaction that
         * was never acknowledged; and when it is closed, should its files have been removed or replaced by then. Each is a sentence that begins with the file's name; default: {@link
         * System.Logger}.
         */
        public Builder onWarning(Consumer<String> listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private static void log(String warning) {
            // Not a constant: setting up logging takes longer than opening a ledger, and is nearly never needed.
            System.getLogger(SqliteLedger.class.getName()).log(System.Logger.Level.WARNING, "{0}", warning);
        }

        /** After how many commits roll-ups are folded, for tests of folding. */
        Builder mostDeltas(int commits) {
            mostDeltas = commits;
            return this;
        }

        /** How many records a list walks past before it asks roll-ups, for tests of what it does then. */
        Builder mostPassed(int records) {
            mostPassed = records;
            return this;
        }

        /** The schema's versions, for tests of how one leads to the next. */
        Builder migrations(List<String> migrations) {
            this.migrations = List.copyOf(migrations);
            return this;
        }

        /** After how many pages the log is copied into the file, for tests in which that must happen often. */
        Builder checkpointPages(int pages) {
            checkpointPages = pages;
            return this;
        }

        /**
         * Opens a file. One that does not exist becomes a ledger, readable by its owner alone, and one of an older version is
         * brought to this one's, unless it is opened for reading alone: then the older version is read as it is.
         *
         * @throws LedgerIncompatibleException if the file holds no ledger, such as an empty one, or one of a newer version
         * @throws LedgerCorruptException if the file or its log is damaged
         * @throws LedgerUnavailableException if the file cannot be reached, or is missing while its log is there
         * @throws LedgerException if it is locked, or cannot be written to
         */
        public SqliteLedger open(Path file) {
            Objects.requireNonNull(file, "file");
            boolean absent = Opening.isAbsent(file);
            Connections connections = Connections.to(file, readOnly, busyTimeout, checkpointPages);
            List<String> warnings = new ArrayList<>();
            try {
                if (absent) {
                    Opening.create(file, busyTimeout, migrations);
                }
                // SQLite resolves links, and keeps the log beside the file that they lead to.
                Path real = file.toRealPath();
                warnings.addAll(WalCheck.check(real).stream().toList());
                if (!readOnly && FilePermissions.isOpenToOthers(real) && OPEN_TO_OTHERS.add(real)) {
                    warnings.add(
                            "others than its owner may read it, and it says who used what for how much; run 'chmod 600 "
                                    + real + "'");
                }
            } catch (SQLException e) {
                throw Opening.failure(file, connections.place(), readOnly, busyTimeout, e);
            } catch (AccessDeniedException e) {
                throw readOnly || !absent
                        ? new LedgerUnavailableException(
                                "cannot open " + file
                                        + ": permission denied; nothing was changed, check its permissions",
                                e)
                        : new LedgerReadOnlyException(
                                "cannot open " + file + ": its folder cannot be written to; nothing was created, change"
                                        + " its permissions or name another",
                                e);
            } catch (IOException e) {
                throw new LedgerUnavailableException(
                        "cannot open " + file + ": " + e.getMessage() + "; nothing was changed, check its permissions",
                        e);
            }
            return open(connections, file, warnings);
        }

        /**
         * Opens the file behind a data source of SQLite connections, which is not closed with the ledger. The ledger keeps one
         * connection to write with until it is closed, and takes one for each question, which it gives back after the answer: a
         * pool needs 2 connections at least, 1 for a ledger that only reads, and one more for each question to be answered at
         * the same time. Whoever asks while all are in use waits in the pool, for as long as that one lets them.
         *
         * <p>A file that holds an application's tables gets the ledger's beside them, each with {@code tokenledger_} before its
         * name, and a write-ahead log; {@link #open(Path)} finds such a ledger. {@link #backUpTo} copies the whole file.
         *
         * <p>A connection that the ledger has is put into auto-commit, gets a progress handler, and has {@code busy_timeout},
         * {@code cache_size}, {@code automatic_index} and, if it is written with, {@code synchronous}, {@code
         * wal_autocheckpoint} and {@code journal_size_limit} set; all but auto-commit, which pools set by themselves, is as it
         * was when it is given back.
         *
         * @throws NullPointerException if there is no data source
         * @throws IllegalArgumentException if the source has no file: a database in memory is another one for each
         *     connection
         * @throws LedgerException as {@link #open(Path)} says
         */
        public SqliteLedger open(DataSource source) {
            Objects.requireNonNull(source, "data source");
            Connections connections = Connections.to(source, readOnly, busyTimeout, checkpointPages);
            List<String> warnings = new ArrayList<>();
            String file;
            try (Handle handle = connections.open()) {
                file = handle.text("SELECT file FROM pragma_database_list WHERE name = 'main'");
                if (file.isEmpty()) {
                    throw new IllegalArgumentException("data source: expected a SQLite file, found a database in"
                            + " memory, which is another one for each connection; use InMemoryLedger");
                }
                warnings.addAll(WalCheck.check(Path.of(file)).stream().toList());
            } catch (SQLException e) {
                throw Errors.of("open", connections.place(), Errors.Attempt.READ, busyTimeout, e);
            } catch (IOException e) {
                throw new LedgerUnavailableException(
                        "cannot open " + connections.place() + ": " + e.getMessage() + "; nothing was changed", e);
            }
            return open(connections, Path.of(file), warnings);
        }

        private SqliteLedger open(Connections connections, Path file, List<String> warnings) {
            Handle handle = null;
            try {
                handle = readOnly ? connections.reader() : connections.openWriter();
                // A file that is named may be somebody's by mistake; a data source is given to have the ledger in it.
                if (Schema.isBeside(handle, !connections.several() && !readOnly)) {
                    connections.prefixNames();
                    handle.prefixNames();
                }
                int version = Schema.check(handle, connections.place(), readOnly, migrations);
                if (readOnly) {
                    if (version < migrations.size()) {
                        Connections.discard(handle);
                        connections.readAs(version, Schema.readingAs(version));
                    } else {
                        connections.release(handle);
                    }
                    return opened(connections, null, warnings);
                }
                if (!Schema.writeAhead(handle, busyTimeout)) {
                    warnings.add("the file cannot have a write-ahead log; readers will wait for writers");
                }
                if (version < migrations.size()) {
                    Schema.migrate(handle, connections, connections.place(), migrations);
                }
                connections.checkSecond();
                connections.watch(new LedgerFiles(connections, file.toRealPath(), clock, handle));
                return opened(
                        connections,
                        new GroupCommit(
                                connections.place(),
                                List.of(new WriteKernel(
                                        new WriterSession(connections, handle, listener), prices(), clock, mostDeltas)),
                                GroupCommit.Gathering.NONE),
                        warnings);
            } catch (IOException e) {
                giveUp(connections, handle);
                throw new LedgerUnavailableException(
                        "cannot open " + connections.place() + ": its files changed while it was opened ("
                                + e.getMessage() + "); nothing was stored, check what else uses them and try again",
                        e);
            } catch (SQLException e) {
                giveUp(connections, handle);
                throw Opening.failure(file, connections.place(), readOnly, busyTimeout, e);
            } catch (RuntimeException | Error e) {
                giveUp(connections, handle);
                throw e;
            }
        }

        private SqliteLedger opened(Connections connections, @Nullable GroupCommit writer, List<String> warnings) {
            warnings.forEach(warning -> listener.accept(connections.place() + ": " + warning));
            connections.bound(readers, waiting);
            return new SqliteLedger(
                    this, new FileBackend(connections, writer, queryTimeLimit == null ? 0 : nanos(queryTimeLimit)));
        }

        private static void giveUp(Connections connections, @Nullable Handle handle) {
            if (handle != null) {
                Connections.discard(handle);
            }
            connections.close();
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

    /**
     * Says no while the files are not those that were opened, while the disk has no room, and after a write that failed until
     * one succeeds: then one page is written, as it is, to find out.
     */
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

    // ---- What only a file does

    /**
     * Writes a copy of the ledger as it stands at one moment, while others go on reading and writing: a ledger file of its
     * own, without unused space, on disk on return. A failure may leave a part of it behind.
     *
     * @param copy a file that is not there yet, in a folder that is
     * @throws IllegalArgumentException if it is there
     * @throws LedgerException if the ledger cannot be read or the copy not be written
     */
    public void backUpTo(Path copy) {
        if (Files.exists(copy)) {
            throw new IllegalArgumentException(
                    "cannot back up to " + copy + ": it is there already; name another file");
        }
        ledger.checkOpen();
        try {
            PrivateFiles.createIfAbsent(copy);
        } catch (IOException e) {
            throw new LedgerUnavailableException(
                    "cannot back up to " + copy + ": " + e.getMessage() + "; check its folder", e);
        }
        copyTo(copy);
    }

    /**
     * Writes a copy as {@link #backUpTo} does, into a file that is there and empty.
     *
     * @throws LedgerException if the ledger cannot be read or the copy not be written
     */
    public void copyTo(Path copy) {
        ledger.checkOpen();
        backend.copyTo(copy);
    }

    /** How many entries there are. */
    long entries() {
        return ask(handle -> handle.number("SELECT count(*) FROM records"));
    }

    private <T> T ask(FileBackend.Reading<T> reading) {
        ledger.checkOpen();
        return backend.ask("read", reading);
    }

    /** Waits for a write under way, then closes the ledger's connections. A caller's data source stays open. */
    @Override
    public void close() {
        ledger.close();
    }

    @Override
    public String toString() {
        return "SqliteLedger[" + backend.place() + "]";
    }
}
