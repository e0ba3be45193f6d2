package dev.tokenledger.cli;

import java.io.IOException;
import java.io.OutputStream;

/** A standard output that takes nothing. */
final class FailingStream extends OutputStream {

    private final String message;

    FailingStream(String message) {
        this.message = message;
    }

    @Override
    public void write(int b) throws IOException {
        throw new IOException(message);
    }
}
