package dev.tokenledger.clickhouse;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.postgres.CopyFeed;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Copies a PostgreSQL ledger's records to ClickHouse, transaction by transaction, as soon as all that began before are finished. One
 * process at a time does so; any number may stand by. It may die at any moment, and be started again anywhere.
 *
 * <p>What the copy promises is in the ledger's table {@code copies}: records below its watermark are in the copy once. The watermark
 * moves only after what was sent was compared with what arrived. Used by one thread.
 */
public final class ClickHouseExporter implements AutoCloseable {

    /** Records of one step, about; a transaction is never divided. */
    private static final int DEFAULT_STEP = 10_000;

    private final DataSource ledger;
    private final @Nullable String schema;
    private final String place;
    private final ClickHouseAddress address;
    private final int maxEntries;
    private final SecureRandom random = new SecureRandom();
    private @Nullable CopyFeed feed;
    private @Nullable ExportTerm term;

    /** For tests of steps. */
    ClickHouseExporter(
            DataSource ledger, @Nullable String schema, String place, ClickHouseAddress address, int maxEntries) {
        this.ledger = Objects.requireNonNull(ledger, "ledger");
        this.schema = schema;
        this.place = Objects.requireNonNull(place, "place");
        this.address = Objects.requireNonNull(address, "address");
        this.maxEntries = maxEntries;
    }

    /**
     * Prepares to copy; nothing is connected to yet.
     *
     * @param ledger connections to the primary of the ledger's database, not through a pool that lends them for single transactions
     * @param schema that of the ledger's tables; null for the one that connections are in
     * @param place how messages name the ledger, without a password
     * @param address where the copy is
     */
    public static ClickHouseExporter of(
            DataSource ledger, @Nullable String schema, String place, ClickHouseAddress address) {
        return new ClickHouseExporter(ledger, schema, place, address, DEFAULT_STEP);
    }

    /**
     * Exports the next records of finished transactions, about 10,000 at most. The first call takes over.
     *
     * @return how many; 0 if there are none for now
     * @throws LedgerBusyException if another process exports; try again, and take over when that one ends
     * @throws LedgerIncompatibleException if the copy is not what the ledger says of it, or another ledger's; see {@link #again}
     * @throws LedgerUnavailableException if a server cannot be reached, or refuses; nothing is lost, try again
     * @throws LedgerInterruptedException if the thread was interrupted; nothing is lost
     */
    public long step() {
        boolean done = false;
        try {
            ExportTerm current = term;
            if (current == null) {
                current = takeOver();
                term = current;
            }
            long entries = current.step();
            done = true;
            return entries;
        } catch (ClickHouseException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /**
     * Begins the copy anew: in new tables, empty at first; the ones before are dropped. Answers are the ledger's alone until records
     * are exported again. Records whose transactions another cluster numbered, as a restored dump has them, are numbered anew.
     *
     * @throws LedgerException as {@link #step} says
     */
    public void again() {
        close();
        try (CopyFeed opened = open()) {
            lock(opened);
            if (opened.entriesOfTheFuture() > 0) {
                opened.bringFutureBack();
            }
            Optional<CopyFeed.Copied> copied = opened.copied();
            String relation = newRelation();
            boolean begun =
                    copied.isPresent() ? opened.beginAgain(copied.get().state(), relation) : opened.begin(relation);
            if (!begun) {
                throw busy();
            }
        }
    }

    private ExportTerm takeOver() throws ClickHouseException, InterruptedException {
        CopyFeed opened = open();
        feed = opened;
        lock(opened);
        Optional<CopyFeed.Copied> copied = opened.copied();
        if (copied.isEmpty()) {
            opened.begin(newRelation());
            copied = opened.copied();
        }
        CopyFeed.Copied found = copied.orElseThrow(this::busy);
        if (!found.trusted()) {
            throw ExportTerm.doesNotFit(opened, "it is the copy of the ledger that this one was restored from");
        }
        return ExportTerm.begin(opened, new CopyServers(address), found, random.nextLong() >>> 1, maxEntries);
    }

    private CopyFeed open() {
        return CopyFeed.open(ledger, schema, place, address.copy());
    }

    private void lock(CopyFeed opened) {
        if (!opened.lock()) {
            throw busy();
        }
    }

    private LedgerBusyException busy() {
        return new LedgerBusyException(
                "cannot copy " + place + " to " + address + ": another process is exporting to it; nothing is lost",
                null);
    }

    private LedgerUnavailableException unavailable(ClickHouseException cause) {
        return new LedgerUnavailableException(
                "cannot copy " + place + " to " + address + ": " + cause.getMessage()
                        + "; nothing is lost, and answers stay exact without it",
                cause);
    }

    private LedgerInterruptedException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new LedgerInterruptedException(
                "cannot copy " + place + " to " + address + ": the thread was interrupted; nothing is lost", cause);
    }

    private String newRelation() {
        byte[] number = new byte[8];
        random.nextBytes(number);
        return CopyTable.PREFIX + HexFormat.of().formatHex(number);
    }

    /** How far the copy has come, and what is wrong if anything is. It does not keep an exporter from its work. */
    public CopyStatus status() {
        try (CopyFeed opened = open()) {
            return CopyStatus.of(opened, new CopyServers(address), address);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** What {@link #follow} tells of. */
    public interface Listener {

        /** So many records were exported in a step. */
        void exported(long entries);

        /** Something keeps it from exporting; it is tried again. Told once for each different thing. */
        void hindered(LedgerException why);
    }

    /**
     * Exports until the thread is interrupted: whatever there is, then what comes, looking every so often. What fails is tried again
     * at that pace.
     *
     * @throws LedgerInterruptedException when the thread is interrupted
     * @throws LedgerIncompatibleException if the copy is not what the ledger says of it, or another ledger's
     */
    public void follow(Duration every, Listener listener) {
        String told = "";
        while (true) {
            long entries = 0;
            try {
                entries = step();
                told = "";
                if (entries > 0) {
                    listener.exported(entries);
                }
            } catch (LedgerBusyException | LedgerUnavailableException e) {
                String message = String.valueOf(e.getMessage());
                if (!message.equals(told)) {
                    told = message;
                    listener.hindered(e);
                }
            }
            if (entries < maxEntries / 2) {
                try {
                    TimeUnit.NANOSECONDS.sleep(every.toNanos());
                } catch (InterruptedException e) {
                    throw interrupted(e);
                }
            }
        }
    }

    /** Gives up the lock and the connection; the next step takes over again. */
    @Override
    public void close() {
        term = null;
        CopyFeed open = feed;
        feed = null;
        if (open != null) {
            open.close();
        }
    }
}
