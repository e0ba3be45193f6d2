package dev.tokenledger.cli;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Standard output, in UTF-8 whatever the locale. Every failure to write comes as a {@link FailedException}, whichever
 * library was writing, so that it is never taken for a failure of the ledger.
 */
final class Output {

    private final Writer writer;

    Output(OutputStream out) {
        writer = new BufferedWriter(new OutputStreamWriter(new Guarded(out), StandardCharsets.UTF_8), 1 << 14);
    }

    /** Standard output could not be written. */
    static final class FailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String said;

        FailedException(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
            said = String.valueOf(cause.getMessage());
        }

        /** Whether the reader has left, as {@code head} does when it has seen enough. */
        boolean readerHasLeft() {
            String message = said.toLowerCase(Locale.ROOT);
            return message.contains("broken pipe") || message.contains("pipe is being closed");
        }
    }

    /** Writes a text. */
    void text(String text) {
        try {
            writer.write(text);
        } catch (IOException e) {
            throw new FailedException(e);
        }
    }

    /** Writes a text and ends the line. */
    void line(String text) {
        text(text);
        text("\n");
    }

    void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            throw new FailedException(e);
        }
    }

    private static final class Guarded extends FilterOutputStream {

        Guarded(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw new FailedException(e);
            }
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                throw new FailedException(e);
            }
        }
    }
}
