package dev.tokenledger.recorder;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records the calls of a program, as a guest in it: {@link #record} never throws, and returns within {@linkplain
 * Builder#maxDelay a bound}, whatever becomes of the ledger. Every record is written to a file in a folder, the spool, first and
 * carried on to the ledger in that order; what was {@linkplain Receipt#acknowledged acknowledged} is not lost when the process
 * is killed or the ledger is away, and is carried on when the ledger is back, by this recorder or by the next one that is opened
 * on the folder. What goes wrong is counted, see {@link #statistics}, and reported, see {@link Builder#problems}.
 *
 * <pre>{@code
 * try (Recorder recorder = Recorder.builder(ledger, Path.of("spool")).build()) {
 *     recorder.record(response.toRecord("openai").sessionId(session).build());
 * }
 * }</pre>
 *
 * <p>Records go to the ledger under their ids as {@link Ledger#revise} takes them: two of one id are two tellings of one call,
 * the figures taken whole from the one that knows more, the labels from both. A record whose id is longer than 100 characters is
 * appended, and one that the ledger rejects, or that conflicts, is kept in {@code rejected.ndjson} of the folder.
 *
 * <p>Safe for use by many threads. Several recorders, of several processes too, may share a folder on a local disk.
 */
public final class Recorder implements AutoCloseable {

    private final Counters counters;
    private final Acknowledgement acknowledgement;
    private final Duration maxDelay;
    private final Duration closeTimeout;
    private final InstantSource clock;
    private final Spool spool;
    private final LedgerSource source;
    private final SpoolWriter writer;
    private final Forwarder forwarder;
    private final Thread writing;
    private final Thread forwarding;
    private volatile boolean closed;

    private Recorder(Builder builder) throws IOException {
        clock = builder.clock;
        counters = new Counters(builder.problems, clock);
        acknowledgement = builder.acknowledgement;
        maxDelay = builder.maxDelay;
        closeTimeout = builder.closeTimeout;
        source = builder.source;
        spool = Spool.open(builder.folder, builder.maxSpoolBytes);
        Forwarder[] wired = new Forwarder[1];
        writer = new SpoolWriter(spool, counters, () -> wired[0].wake());
        forwarder = new Forwarder(source, writer, spool, counters, builder.firstPause, builder.maxPause);
        wired[0] = forwarder;
        writing = daemon("tokenledger-recorder-spool", writer::run);
        forwarding = daemon("tokenledger-recorder-ledger", forwarder::run);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * A recorder to an open ledger, which stays the caller's to close, after the recorder.
     *
     * @param folder where the spool is; made if it is not there, for its owner alone
     */
    public static Builder builder(Ledger ledger, Path folder) {
        return new Builder(LedgerSource.of(ledger), folder);
    }

    /**
     * A recorder that opens its ledger when it first needs it, tries again while that fails, and closes it in the end: for a
     * database that may be away when the program starts.
     *
     * @param opener what it throws says that the ledger is away
     * @param folder where the spool is; made if it is not there, for its owner alone
     */
    public static Builder builder(Supplier<? extends Ledger> opener, Path folder) {
        return new Builder(LedgerSource.opening(opener), folder);
    }

    /**
     * Records a call, attributed to what is {@linkplain Attribution#current() set on this thread}. A record without an instant
     * gets the present one.
     *
     * @return what had become of it within the bound; never throws
     */
    public Receipt record(UsageRecord record) {
        return record(record, Attribution.current());
    }

    /**
     * Records a call, attributed as its start was.
     *
     * @return what had become of it within the bound; never throws
     */
    public Receipt record(UsageRecord record, Attribution attribution) {
        return record(() -> record, attribution);
    }

    /**
     * Records a call whose record is still to be built. A failure to build it is counted and reported like any other.
     *
     * @return what had become of it within the bound; never throws
     */
    public Receipt record(Supplier<UsageRecord> building, Attribution attribution) {
        return record(building, attribution, "");
    }

    /**
     * Records a call that a {@link BudgetGuard} admitted: its reservation ends in the commit of the record, however late that is,
     * and also if the ledger has the record already, or rejects it.
     *
     * @param reservation the name of the reservation; empty if there is none
     * @return what had become of it within the bound; never throws
     */
    public Receipt record(Supplier<UsageRecord> building, Attribution attribution, String reservation) {
        counters.offered.incrementAndGet();
        Offered offered;
        try {
            UsageRecord record = attribution.applyTo(building.get());
            UsageRecord complete = record.timestamp().isPresent() ? record : record.at(clock.instant());
            offered = new Offered(
                    new Outgoing(complete, Texts.checked("reservation", reservation, Bound.ID)), acknowledgement);
        } catch (RuntimeException e) {
            counters.dropped.incrementAndGet();
            counters.problem("a call could not be recorded: its record is faulty", e);
            return Receipt.DROPPED;
        }
        counters.pending(1);
        if (closed || !writer.offer(offered)) {
            counters.pending(-1);
            counters.dropped.incrementAndGet();
            counters.problem(
                    closed
                            ? "a call was not recorded: the recorder is closed"
                            : "a call was not recorded: too many wait for the spool",
                    null);
            return Receipt.DROPPED;
        }
        return offered.await(maxDelay);
    }

    /** Counts a call that could not be read, so that nobody takes the totals for whole; reports it as a problem. */
    public void unread(String what, @Nullable Throwable cause) {
        counters.offered.incrementAndGet();
        counters.dropped.incrementAndGet();
        counters.problem("a call could not be recorded: " + what, cause);
    }

    /** Counters, for what else of this package reports problems. */
    Counters counters() {
        return counters;
    }

    /** What the recorder has done so far. */
    public RecorderStatistics statistics() {
        return counters.snapshot();
    }

    /**
     * Waits until all that was recorded before, here and in what earlier recorders left in the folder, is in the ledger.
     *
     * @return false if it is not after so long
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        return counters.awaitNonePending(timeout);
    }

    /**
     * Takes no more records, carries on what is in the spool while the ledger takes it, for {@linkplain Builder#closeTimeout at
     * most so long}, and leaves the rest there for the next recorder. Closing again does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        long deadline = System.nanoTime() + closeTimeout.toNanos();
        writer.close();
        boolean ended = joined(writing, deadline);
        forwarder.close();
        ended &= joined(forwarding, deadline);
        try {
            if (!spool.isForwarded()) {
                spool.sync();
            }
            if (ended) {
                spool.close();
                source.close();
            }
        } catch (IOException | RuntimeException e) {
            counters.problem("cannot close the recorder; what is in the spool stays there", e);
        }
    }

    /** An interrupt does not keep records from being carried on. */
    private static boolean joined(Thread thread, long deadline) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            long millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            try {
                thread.join(millis);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Sets up a recorder. Not safe for use by several threads. */
    public static final class Builder {

        private static final System.Logger LOG = System.getLogger(Recorder.class.getName());

        private final LedgerSource source;
        private final Path folder;
        private Acknowledgement acknowledgement = Acknowledgement.WRITTEN;
        private Duration maxDelay = Duration.ofMillis(250);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private Duration firstPause = Duration.ofMillis(100);
        private Duration maxPause = Duration.ofSeconds(5);
        private long maxSpoolBytes = 256L << 20;
        private InstantSource clock = InstantSource.system();
        private Consumer<String> problems =
                message -> LOG.log(System.Logger.Level.WARNING, "tokenledger: {0}", message);

        private Builder(LedgerSource source, Path folder) {
            this.source = source;
            this.folder = Objects.requireNonNull(folder, "folder");
        }

        /** What a caller waits for; default: {@link Acknowledgement#WRITTEN}. */
        public Builder acknowledgement(Acknowledgement what) {
            acknowledgement = Objects.requireNonNull(what, "what");
            return this;
        }

        /**
         * How long a caller waits at most; default: 250 ms.
         *
         * @throws IllegalArgumentException if it is negative or longer than an hour
         */
        public Builder maxDelay(Duration most) {
            maxDelay = checked("maxDelay", most);
            return this;
        }

        /**
         * How long {@link Recorder#close} waits at most; default: 5 s.
         *
         * @throws IllegalArgumentException if it is negative or longer than an hour
         */
        public Builder closeTimeout(Duration most) {
            closeTimeout = checked("closeTimeout", most);
            return this;
        }

        /**
         * How long to leave a ledger alone that takes nothing: first, and at most after doubling each time; default: 100 ms, 5 s.
         *
         * @throws IllegalArgumentException if one is not positive or longer than an hour, or the first is longer than the last
         */
        public Builder pauses(Duration first, Duration most) {
            if (first.isZero() || checked("first", first).compareTo(checked("most", most)) > 0) {
                throw new IllegalArgumentException(
                        "pauses: expected 0 < first ≤ most ≤ 1 h, found " + first + ", " + most);
            }
            firstPause = first;
            maxPause = most;
            return this;
        }

        /**
         * How large the spool may grow; default: 256 MiB, some 500,000 calls. Beyond it records are kept in memory, up to
         * 10,000, and then lost.
         *
         * @throws IllegalArgumentException if it is less than 1 MiB
         */
        public Builder maxSpoolBytes(long bytes) {
            if (bytes < 1L << 20) {
                throw new IllegalArgumentException("maxSpoolBytes: expected at least 1048576, found " + bytes);
            }
            maxSpoolBytes = bytes;
            return this;
        }

        /** Where problems are reported, one a minute of each kind; default: the platform's logger, as warnings. */
        public Builder problems(Consumer<String> report) {
            problems = Objects.requireNonNull(report, "report");
            return this;
        }

        /** The clock for records without an instant; default: the system's. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        private static Duration checked(String what, Duration duration) {
            if (duration.isNegative() || duration.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException(what + ": expected 0 to 1 h, found " + duration);
            }
            return duration;
        }

        /**
         * Opens the spool, and starts to carry on what is left in the folder.
         *
         * @throws IOException if the folder cannot be made or written
         */
        public Recorder build() throws IOException {
            Recorder recorder = new Recorder(this);
            recorder.writing.start();
            recorder.forwarding.start();
            return recorder;
        }
    }
}
