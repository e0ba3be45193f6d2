package dev.tokenledger.capture;

import dev.tokenledger.payloads.ResponseTap;

/**
 * Hands the payloads of AWS's binary event stream on: each frame has a head of 12 bytes with its own length and that of its
 * headers, the headers, a payload, and a checksum of 4 bytes. Checksums are the client's to check.
 */
final class EventStreamFrames {

    private static final int PRELUDE = 12;
    private static final int CHECKSUM = 4;

    private final ResponseTap tap;
    private long at;
    private long total;
    private long headers;
    private boolean broken;

    EventStreamFrames(ResponseTap tap) {
        this.tap = tap;
    }

    void bytes(byte[] bytes, int offset, int count) {
        int i = offset;
        int end = offset + count;
        while (i < end && !broken) {
            if (at < PRELUDE) {
                prelude(bytes[i] & 0xff);
                i++;
                at++;
                continue;
            }
            long payload = PRELUDE + headers;
            long checksum = total - CHECKSUM;
            if (at < payload) {
                int skipped = (int) Math.min(end - i, payload - at);
                i += skipped;
                at += skipped;
            } else if (at < checksum) {
                int passed = (int) Math.min(end - i, checksum - at);
                tap.bytes(bytes, i, passed);
                i += passed;
                at += passed;
            } else {
                i++;
                at++;
            }
            if (at == total) {
                at = 0;
            }
        }
    }

    private void prelude(int b) {
        if (at == 0) {
            total = 0;
            headers = 0;
        }
        if (at < 4) {
            total = total << 8 | b;
        } else if (at < 8) {
            headers = headers << 8 | b;
        }
        broken = at == PRELUDE - 1 && (total < PRELUDE + headers + CHECKSUM);
    }
}
