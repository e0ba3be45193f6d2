package dev.tokenledger.imports.agents;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Zstandard, decoded as it is read: memory is bounded by the window, which is at most 8 MiB. */
final class Zstd {

    private Zstd() {}

    /** The text of compressed bytes; reading it throws an {@link IOException} where they are damaged. */
    static InputStream decode(InputStream in) {
        return new FilterInputStream(new ZstdInputStream(in)) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int from, int length) throws IOException {
                try {
                    return super.read(buffer, from, length);
                } catch (IOException | MalformedInputException | IndexOutOfBoundsException e) {
                    throw new IOException("cannot decode it as Zstandard: " + e.getMessage(), e);
                }
            }
        };
    }
}
