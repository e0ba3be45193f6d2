package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerCorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * Looks for damage inside a write-ahead log, which SQLite itself takes for the log's end: it would open without a word,
 * with fewer records than were acknowledged.
 *
 * <p>Each frame's checksum goes on from that of the frame before, so the frames behind a damaged one do not add up
 * either. But if a frame adds up when its predecessor's checksum is taken as it is written there, it is whole, and only
 * the predecessor is damaged. (Or only the checksum written there: then the frame behind it goes on from what that
 * checksum should be.) With {@code synchronous=FULL} a transaction is on disk before the next one begins; so when a
 * later transaction's commit lies behind the damage, no power cut explains it. If only the last transaction is damaged,
 * one does: its commit was never acknowledged.
 *
 * <p>A damaged header makes SQLite pass over the whole log. It is one sector and on disk before the first frame is
 * written, so if frames behind it add up from one to the next, it was whole once.
 *
 * <p>Another process may be writing meanwhile, or starting the log anew. Damage is reported only if a second look finds
 * it at the same place under the same header.
 *
 * @see WalFormat
 */
final class WalCheck {

    /** Where a frame's page number, commit mark and salts end. */
    private static final int SALTS_END = 16;
    /** What a disk writes as a whole, at the least. */
    private static final int SECTOR = 512;

    /**
     * Damage in a log.
     *
     * @param salts the header's salts, which change whenever the log starts anew
     * @param frame the first damaged frame, from 1; 0 for the header
     * @param later whether commits of later transactions lie behind it
     */
    private record Damage(long salts, int frame, boolean later) {}

    private WalCheck() {}

    /**
     * Checks the log of a file, if it has one.
     *
     * @return what to warn of, if the last transaction in the log is damaged
     * @throws LedgerCorruptException if acknowledged transactions are damaged
     */
    static Optional<String> check(Path file) throws IOException {
        Path wal = Path.of(file + "-wal");
        Optional<Damage> damage = scan(wal);
        if (damage.isEmpty() || !scan(wal).equals(damage)) {
            return Optional.empty();
        }
        String where = (damage.get().frame == 0 ? "the header" : "frame " + damage.get().frame) + " of "
                + wal.getFileName() + " is damaged";
        if (damage.get().later) {
            throw new LedgerCorruptException(
                    "cannot open " + file + ": " + where + " and whole transactions lie behind it, which would be lost;"
                            + " nothing was changed, keep a copy of both files and restore a backup",
                    null);
        }
        return Optional.of(where + " within its last transaction, as after a power cut; that transaction was never"
                + " acknowledged and is left out");
    }

    private static Optional<Damage> scan(Path wal) throws IOException {
        if (!Files.exists(wal)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(wal, StandardOpenOption.READ)) {
            return new Scan(channel).run();
        } catch (NoSuchFileException goneMeanwhile) {
            return Optional.empty();
        }
    }

    /** One pass over a log. */
    private static final class Scan {

        private final FileChannel channel;
        private ByteBuffer frame = ByteBuffer.allocate(0);
        private ByteOrder order = ByteOrder.BIG_ENDIAN;
        /** The checksum that the next frame goes on from. */
        private long sum;

        /** What the checksum of the frame just read should be. */
        private long computed;

        Scan(FileChannel channel) {
            this.channel = channel;
        }

        Optional<Damage> run() throws IOException {
            ByteBuffer header = ByteBuffer.allocate(WalFormat.HEADER);
            if (!WalFormat.fill(channel, header, 0)) {
                return Optional.empty();
            }
            if (!wholeHeader(header)) {
                return framesAddUp() ? Optional.of(new Damage(0, 0, true)) : Optional.empty();
            }
            int pageSize = header.getInt(8);
            long salts = header.getLong(16);
            frame = ByteBuffer.allocate(WalFormat.FRAME_HEADER + pageSize);
            int number = 1;
            while (read(number)) {
                if (!wholeFrame(salts)) {
                    return behind(salts, number);
                }
                number++;
            }
            return Optional.empty();
        }

        private boolean wholeHeader(ByteBuffer header) {
            order = WalFormat.order(header);
            sum = WalFormat.sum(header, order, 0, 24, 0);
            int pageSize = header.getInt(8);
            return WalFormat.hasMagic(header)
                    && pageSize >= WalFormat.SMALLEST_PAGE
                    && pageSize <= WalFormat.LARGEST_PAGE
                    && sum == header.getLong(24);
        }

        /** Whether the second frame goes on from the first one, for any size and order that a header could have named. */
        private boolean framesAddUp() throws IOException {
            for (int pageSize = WalFormat.SMALLEST_PAGE; pageSize <= WalFormat.LARGEST_PAGE; pageSize *= 2) {
                frame = ByteBuffer.allocate(WalFormat.FRAME_HEADER + pageSize);
                for (ByteOrder each : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
                    order = each;
                    if (!read(1)) {
                        return false;
                    }
                    long salts = frame.getLong(8);
                    sum = frame.getLong(16);
                    if (salts != 0 && read(2) && wholeFrame(salts)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Whether a frame adds up, going on from the checksum before it. Goes on to this frame's own, as it is written. */
        private boolean wholeFrame(long salts) {
            computed = WalFormat.sumOfFrame(frame, order, sum);
            sum = frame.getLong(16);
            return frame.getLong(8) == salts && sum == computed;
        }

        /** What lies behind a frame that does not add up: mostly what is left of an older log. */
        private Optional<Damage> behind(long salts, int broken) throws IOException {
            boolean brokenCommits = frame.getInt(4) != 0 && isOfThisLog(salts, broken);
            int commits = 0;
            long expected = computed;
            for (int number = broken + 1; read(number); number++) {
                boolean whole = wholeFrame(salts);
                if (!whole && number == broken + 1) {
                    sum = expected;
                    whole = wholeFrame(salts);
                }
                if (whole && frame.getInt(4) != 0) {
                    commits++;
                }
            }
            // One commit may be that of the damaged transaction itself.
            return commits == 0
                    ? Optional.empty()
                    : Optional.of(new Damage(salts, broken, commits > (brokenCommits ? 0 : 1)));
        }

        /**
         * Whether the commit mark of the damaged frame just read was written with this log. A power cut may leave a frame
         * of an older log there, as a whole or where a sector ends; its mark says nothing. The checksum leaves the salts
         * out, so a frame that adds up but for them is this log's.
         */
        private boolean isOfThisLog(long salts, int number) {
            boolean addsUp = computed == sum;
            long start = start(number);
            boolean inOneSector = start / SECTOR == (start + SALTS_END - 1) / SECTOR;
            return addsUp || (frame.getLong(8) == salts && inOneSector);
        }

        private boolean read(int number) throws IOException {
            return WalFormat.fill(channel, frame, start(number));
        }

        private long start(int number) {
            return WalFormat.HEADER + (number - 1L) * frame.capacity();
        }
    }
}
