package dev.tokenledger.imports;

import dev.tokenledger.formats.text.Lines;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A file or stream to import, and where reading it begins. */
public final class ImportFile {

    private final String name;
    private final @Nullable Path path;
    private final @Nullable InputStream stream;
    private final long offset;
    private final long line;
    private final String carry;
    private final LongAdder bytesRead;
    private final Lines.Buffers buffers;

    private ImportFile(
            String name,
            @Nullable Path path,
            @Nullable InputStream stream,
            long offset,
            long line,
            String carry,
            LongAdder bytesRead,
            Lines.Buffers buffers) {
        this.name = name;
        this.path = path;
        this.stream = stream;
        this.offset = offset;
        this.line = line;
        this.carry = carry;
        this.bytesRead = bytesRead;
        this.buffers = buffers;
    }

    /** A file, from its beginning. */
    public static ImportFile of(Path path) {
        return new ImportFile(path.toString(), path, null, 0, 0, "", new LongAdder(), new Lines.Buffers());
    }

    /**
     * A stream, such as standard input; it is read once and closed.
     *
     * @param name for messages
     */
    public static ImportFile of(String name, InputStream stream) {
        return new ImportFile(name, null, stream, 0, 0, "", new LongAdder(), new Lines.Buffers());
    }

    /** The same file, read from a place on, with memory that others have used. */
    ImportFile from(long fromOffset, long fromLine, String carried, LongAdder counter, Lines.Buffers shared) {
        return new ImportFile(name, path, stream, fromOffset, fromLine, carried, counter, shared);
    }

    /** The file's path or the stream's name, for messages. */
    public String name() {
        return name;
    }

    /**
     * The file.
     *
     * @throws IOException if it is a stream
     */
    public Path path() throws IOException {
        if (path == null) {
            throw new IOException("it cannot be read from a stream; name its file");
        }
        return path;
    }

    /** The file; empty for a stream. */
    Optional<Path> file() {
        return Optional.ofNullable(path);
    }

    /** Where reading begins, in bytes: 0, or what {@link ImportSink#reached} said at the last import. */
    public long offset() {
        return offset;
    }

    /** The memory to read its lines with. */
    public Lines.Buffers buffers() {
        return buffers;
    }

    /** How many lines stand before {@link #offset}. */
    public long line() {
        return line;
    }

    /** What the reader asked to have remembered at {@link #offset}; empty at the beginning. */
    public String carry() {
        return carry;
    }

    /** The content from {@link #offset} on; to be closed by the caller. */
    public InputStream open() throws IOException {
        InputStream in = stream != null ? stream : Files.newInputStream(path());
        try {
            in.skipNBytes(offset);
        } catch (IOException e) {
            in.close();
            throw e;
        }
        return new Counting(in);
    }

    private final class Counting extends FilterInputStream {

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                bytesRead.increment();
            }
            return read;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int read = super.read(buffer, from, length);
            if (read > 0) {
                bytesRead.add(read);
            }
            return read;
        }
    }
}
