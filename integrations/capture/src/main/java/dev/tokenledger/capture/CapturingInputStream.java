package dev.tokenledger.capture;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Shows the bytes that are read to a call. Closing before the end is leaving. */
final class CapturingInputStream extends FilterInputStream {

    private final Exchange exchange;

    CapturingInputStream(InputStream in, Exchange exchange) {
        super(in);
        this.exchange = exchange;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = super.read(bytes, offset, length);
        } catch (IOException | RuntimeException e) {
            exchange.failed();
            throw e;
        }
        if (count < 0) {
            exchange.complete();
        } else {
            exchange.body(bytes, offset, count);
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        // What is skipped is of the answer too.
        byte[] skipped = new byte[(int) Math.min(Math.max(count, 0), 8_192)];
        return skipped.length == 0 ? 0 : Math.max(0, read(skipped, 0, skipped.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() throws IOException {
        exchange.left();
        super.close();
    }
}
