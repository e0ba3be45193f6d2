package dev.tokenledger.imports;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;

/** A file that is to be read, and where reading it begins. */
public final class LogFile {

    private final Path path;
    private final long size;
    private final long offset;
    private final long line;
    private final String carry;
    private final LongAdder bytesRead;

    LogFile(Path path, long size, long offset, long line, String carry, LongAdder bytesRead) {
        this.path = path;
        this.size = size;
        this.offset = offset;
        this.line = line;
        this.carry = carry;
        this.bytesRead = bytesRead;
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** Its size in bytes when it was found; it may have grown since. */
    public long size() {
        return size;
    }

    /** Where reading begins, in bytes: 0, or what {@link LogSink#reached} said at the last import. */
    public long offset() {
        return offset;
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
        InputStream in = Files.newInputStream(path);
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
