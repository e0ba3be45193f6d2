package dev.tokenledger.imports.ledgers;

import dev.tokenledger.usage.RecordId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Derives ids from the lines of one file, and counts equal lines by an open hash table of 12 bytes a place, for a file can have
 * many millions of lines.
 *
 * <p>The table goes by 64 bits of the digest. Should two lines share them, the later one gets a number that it would not have
 * needed: still unique by the digest in the id, and still the same when the file is read again.
 */
final class LineIds {

    private static final int DIGEST_BYTES = 16;

    private final MessageDigest sha256;
    private long[] keys = new long[1 << 10];
    private int[] counts = new int[keys.length];
    private int size;

    LineIds() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The id of a line, which is the next of its content in the file. */
    RecordId next(byte[] bytes, int offset, int length) {
        int from = offset;
        int to = offset + length;
        while (from < to && isBlank(bytes[from])) {
            from++;
        }
        while (to > from && isBlank(bytes[to - 1])) {
            to--;
        }
        sha256.update(bytes, from, to - from);
        byte[] digest = sha256.digest();
        int ordinal = count(ByteBuffer.wrap(digest).getLong());
        String hex = HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        return RecordId.of("line-" + hex + (ordinal == 1 ? "" : "-" + ordinal));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }

    private int count(long key) {
        if (size * 2 >= keys.length) {
            grow();
        }
        int place = place(keys, counts, key);
        if (counts[place] == 0) {
            keys[place] = key;
            size++;
        }
        return ++counts[place];
    }

    private void grow() {
        long[] largerKeys = new long[keys.length * 2];
        int[] largerCounts = new int[largerKeys.length];
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] > 0) {
                int place = place(largerKeys, largerCounts, keys[i]);
                largerKeys[place] = keys[i];
                largerCounts[place] = counts[i];
            }
        }
        keys = largerKeys;
        counts = largerCounts;
    }

    /** The key's place, or the free one where it belongs. The keys are digests, so their low bits are spread already. */
    private static int place(long[] keys, int[] counts, long key) {
        int mask = keys.length - 1;
        int place = (int) key & mask;
        while (counts[place] > 0 && keys[place] != key) {
            place = (place + 1) & mask;
        }
        return place;
    }
}
