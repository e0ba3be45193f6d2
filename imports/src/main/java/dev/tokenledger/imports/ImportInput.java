package dev.tokenledger.imports;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A file or stream to import. Counts what is read of it, for progress. */
public final class ImportInput {

    private final String name;
    private final @Nullable Path path;
    private final Opener opener;
    private final AtomicLong bytesRead = new AtomicLong();

    private interface Opener {
        InputStream open() throws IOException;
    }

    private ImportInput(String name, @Nullable Path path, Opener opener) {
        this.name = name;
        this.path = path;
        this.opener = opener;
    }

    /** A file. */
    public static ImportInput of(Path file) {
        return new ImportInput(file.toString(), file, () -> Files.newInputStream(file));
    }

    /**
     * A stream, such as standard input; it is read once and closed.
     *
     * @param name for messages
     */
    public static ImportInput of(String name, InputStream stream) {
        return new ImportInput(name, null, () -> stream);
    }

    /** The file's path or the stream's name, for messages. */
    public String name() {
        return name;
    }

    /** The file; empty for a stream. */
    public Optional<Path> path() {
        return Optional.ofNullable(path);
    }

    /** The bytes there are, where that is known. */
    public OptionalLong size() {
        try {
            return path == null ? OptionalLong.empty() : OptionalLong.of(Files.size(path));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** The bytes read so far through {@link #open}; may be asked from another thread. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** The content; to be closed by the caller. */
    public InputStream open() throws IOException {
        return new Counting(opener.open());
    }

    private final class Counting extends FilterInputStream {

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        @Override
        public long skip(long bytes) throws IOException {
            long skipped = super.skip(bytes);
            count(skipped);
            return skipped;
        }

        private void count(long bytes) {
            bytesRead.addAndGet(bytes);
        }
    }
}
