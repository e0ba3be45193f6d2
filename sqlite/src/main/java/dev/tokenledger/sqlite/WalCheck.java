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
import java.util.Optional;

/**
 * Looks for damage inside a write-ahead log, which SQLite itself takes for the log's end: it would open without a word,
 * with fewer records than were acknowledged.
 *
 * <p>Each frame's checksum goes on from that of the frame before, so the frames behind a damaged one do not add up
 * either. But if a frame adds up when its predecessor's checksum is taken as it is written there, it is whole, and only
 * the predecessor is damaged. With {@code synchronous=FULL} a transaction is on disk before the next one begins; so when a
 * later transaction's commit lies behind the damage, no power cut explains it. If only the last transaction is damaged,
 * one does: its commit was never acknowledged.
 *
 * <p>Another process may be writing meanwhile, or starting the log anew. Damage is reported only if a second look finds
 * it at the same place under the same header.
 *
 * <p>The format is that of <a href="https://www.sqlite.org/fileformat2.html#walformat">SQLite's file format</a>, section
 * 4: a header of 32 bytes, then frames of 24 bytes and a page.
 */
final class WalCheck {

    private static final int MAGIC = 0x377f0682;
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;

    /**
     * Damage in a log.
     *
     * @param salts the header's salts, which change whenever the log starts anew
     * @param frame the first damaged frame, from 1
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
        String where = "frame " + damage.get().frame + " of " + wal.getFileName() + " is damaged";
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
        private int sum1;
        private int sum2;

        Scan(FileChannel channel) {
            this.channel = channel;
        }

        Optional<Damage> run() throws IOException {
            ByteBuffer header = ByteBuffer.allocate(HEADER);
            if (!fill(header, 0) || (header.getInt(0) & ~1) != MAGIC) {
                return Optional.empty();
            }
            order = (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
            int pageSize = header.getInt(8);
            add(header, 0, 24);
            if (pageSize < 512 || pageSize > 65_536 || sum1 != header.getInt(24) || sum2 != header.getInt(28)) {
                return Optional.empty();
            }
            long salts = header.getLong(16);
            frame = ByteBuffer.allocate(FRAME_HEADER + pageSize);
            int number = 1;
            while (read(number)) {
                if (!wholeFrame(salts)) {
                    return behind(salts, number);
                }
                number++;
            }
            return Optional.empty();
        }

        /** Whether a frame adds up, going on from the checksum before it. Goes on to this frame's own, as it is written. */
        private boolean wholeFrame(long salts) {
            add(frame, 0, 8);
            add(frame, FRAME_HEADER, frame.capacity());
            boolean whole = frame.getLong(8) == salts && frame.getInt(16) == sum1 && frame.getInt(20) == sum2;
            sum1 = frame.getInt(16);
            sum2 = frame.getInt(20);
            return whole;
        }

        /** What lies behind a frame that does not add up: mostly what is left of an older log. */
        private Optional<Damage> behind(long salts, int broken) throws IOException {
            boolean brokenCommits = frame.getInt(4) != 0;
            int commits = 0;
            for (int number = broken + 1; read(number); number++) {
                if (wholeFrame(salts) && frame.getInt(4) != 0) {
                    commits++;
                }
            }
            // One commit may be that of the damaged transaction itself.
            return commits == 0
                    ? Optional.empty()
                    : Optional.of(new Damage(salts, broken, commits > (brokenCommits ? 0 : 1)));
        }

        private boolean read(int number) throws IOException {
            return fill(frame, HEADER + (number - 1L) * frame.capacity());
        }

        private boolean fill(ByteBuffer buffer, long position) throws IOException {
            buffer.clear();
            long at = position;
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer, at);
                if (read < 0) {
                    return false;
                }
                at += read;
            }
            return true;
        }

        private void add(ByteBuffer buffer, int from, int to) {
            ByteBuffer numbers = buffer.duplicate().order(order);
            for (int at = from; at < to; at += 8) {
                sum1 += numbers.getInt(at) + sum2;
                sum2 += numbers.getInt(at + 4) + sum1;
            }
        }
    }
}
