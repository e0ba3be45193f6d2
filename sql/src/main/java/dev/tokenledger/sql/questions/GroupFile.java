package dev.tokenledger.sql.questions;

import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.summary.TooManyGroupsException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sums by group and bucket that are more than fit in memory: sorted runs of them in a temporary file, which are merged in the
 * end, so that each group comes out once, whole, whatever the number of groups. Exact, at one reading of the records; a merge
 * holds one cell of each run.
 *
 * <p>Weighed: reading the records once for each part of the groups, which is a hundred readings where memory holds a hundredth
 * of them.
 *
 * <p>The file holds names of sessions and attributes. It is in the system's folder for temporary files, readable by its owner
 * alone, and without a name where the system allows that, so that nothing is left behind. Runs may be added by several threads.
 */
final class GroupFile implements AutoCloseable {

    /** Some 20 million groups. */
    static final long MAX_BYTES = 4L << 30;

    private static final int BUFFER = 1 << 14;

    /**
     * What the records of a group in a bucket come to.
     *
     * @param sums as {@link Totals} has them
     */
    // Never changed, compared by key and bucket alone, and many of them.
    @SuppressWarnings("ArrayRecordComponent")
    record Cell(List<String> key, long bucket, long[] sums) implements Comparable<Cell> {
        @Override
        public int compareTo(Cell other) {
            for (int i = 0; i < key.size(); i++) {
                int difference = key.get(i).compareTo(other.key.get(i));
                if (difference != 0) {
                    return difference;
                }
            }
            return Long.compare(bucket, other.bucket);
        }
    }

    /** Takes the cells of one group after the other, those of a group in the order of their buckets, each once. */
    interface Sink {
        void cell(Cell cell);
    }

    /** Where a run is in the file. */
    private record Run(long from, long to) {}

    private final int dimensions;
    private final List<Run> runs = new ArrayList<>();
    private @Nullable FileChannel channel;
    private long length;

    /** @param dimensions how many values a key has */
    GroupFile(int dimensions) {
        this.dimensions = dimensions;
    }

    synchronized boolean isEmpty() {
        return runs.isEmpty();
    }

    /**
     * Adds cells, of which several may be of one group and bucket.
     *
     * @throws TooManyGroupsException if the file becomes too long
     * @throws LedgerUnavailableException if there is no room for it
     */
    void add(List<Cell> cells) {
        List<Cell> sorted = new ArrayList<>(cells);
        sorted.sort(null);
        synchronized (this) {
            long from = length;
            try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new Output(opened()), BUFFER))) {
                for (Cell cell : sorted) {
                    for (String value : cell.key) {
                        out.writeUTF(value);
                    }
                    out.writeLong(cell.bucket);
                    for (long sum : cell.sums) {
                        out.writeLong(sum);
                    }
                }
            } catch (IOException e) {
                throw failed(e);
            }
            runs.add(new Run(from, length));
            if (length > MAX_BYTES) {
                throw new TooManyGroupsException("more groups than " + (MAX_BYTES >> 30)
                        + " GiB hold; ask for fewer dimensions, larger buckets or a shorter window");
            }
        }
    }

    private FileChannel opened() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            Path file = Files.createTempFile("tokenledger-", ".groups");
            open = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            channel = open;
            try {
                Files.delete(file);
            } catch (IOException e) {
                // Not while it is open, on some systems; it is deleted when it is closed.
            }
        }
        return open;
    }

    private static LedgerUnavailableException failed(IOException cause) {
        return new LedgerUnavailableException(
                "cannot add up more groups than fit in memory: the file for them in "
                        + System.getProperty("java.io.tmpdir") + " cannot be written or read (" + cause.getMessage()
                        + "); make room there, name another folder by -Djava.io.tmpdir, or ask for fewer groups",
                cause);
    }

    /** Merges all runs. */
    void merge(ReadSession session, Sink sink) throws SQLException {
        PriorityQueue<Cursor> next =
                new PriorityQueue<>((one, other) -> one.cell().compareTo(other.cell()));
        try {
            for (Run run : runs) {
                Cursor cursor = new Cursor(opened(), run);
                if (cursor.read()) {
                    next.add(cursor);
                }
            }
            Cell sum = null;
            for (Cursor first = next.poll(); first != null; first = next.poll()) {
                Cell cell = first.cell();
                if (sum != null && sum.compareTo(cell) == 0) {
                    for (int i = 0; i < sum.sums.length; i++) {
                        sum.sums[i] = Math.addExact(sum.sums[i], cell.sums[i]);
                    }
                } else {
                    if (sum != null) {
                        session.checkLimit();
                        sink.cell(sum);
                    }
                    sum = cell;
                }
                if (first.read()) {
                    next.add(first);
                }
            }
            if (sum != null) {
                sink.cell(sum);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        FileChannel open = channel;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // Nobody reads it any more.
            }
        }
    }

    /** Reads one run. */
    private final class Cursor {

        private final DataInputStream in;
        private final Input input;
        private @Nullable Cell cell;

        Cursor(FileChannel file, Run run) {
            input = new Input(file, run);
            in = new DataInputStream(new BufferedInputStream(input, BUFFER));
        }

        Cell cell() {
            if (cell == null) {
                throw new IllegalStateException("nothing was read");
            }
            return cell;
        }

        boolean read() throws IOException {
            if (input.at == input.end && in.available() == 0) {
                return false;
            }
            String[] key = new String[dimensions];
            for (int i = 0; i < dimensions; i++) {
                key[i] = in.readUTF();
            }
            long bucket = in.readLong();
            long[] sums = new long[Totals.WIDTH];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = in.readLong();
            }
            cell = new Cell(List.of(key), bucket, sums);
            return true;
        }
    }

    /** Writes at the file's end. */
    private final class Output extends OutputStream {

        private final FileChannel file;

        Output(FileChannel file) {
            this.file = file;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes, from, count);
            while (rest.hasRemaining()) {
                length += file.write(rest, length);
            }
        }
    }

    /** Reads a part of the file. */
    private static final class Input extends InputStream {

        private final FileChannel file;
        private final long end;
        private long at;

        Input(FileChannel file, Run run) {
            this.file = file;
            at = run.from;
            end = run.to;
        }

        @Override
        public int read() throws IOException {
            byte[] single = new byte[1];
            return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            if (at >= end) {
                return -1;
            }
            int got = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(count, end - at)), at);
            at += Math.max(0, got);
            return got;
        }
    }
}
