package dev.tokenledger.clickhouse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** Rows in ClickHouse's format of that name: values one after the other, numbers little-endian, texts with their length before them. */
final class RowBinary {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void int8(int value) {
        bytes.write(value);
    }

    void int32(int value) {
        little(value, Integer.BYTES);
    }

    void int64(long value) {
        little(value, Long.BYTES);
    }

    /** A number of 16 bytes. */
    void int128(long value) {
        little(value, Long.BYTES);
        little(value >> 63, Long.BYTES);
    }

    /** What stands before a value that may be absent. */
    void isNull(boolean absent) {
        bytes.write(absent ? 1 : 0);
    }

    void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        length(utf8.length);
        bytes.writeBytes(utf8);
    }

    void texts(Collection<String> texts) {
        length(texts.size());
        texts.forEach(this::text);
    }

    private void length(int length) {
        int rest = length;
        while (rest >= 0x80) {
            bytes.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes.write(rest);
    }

    private void little(long value, int width) {
        for (int shift = 0; shift < 8 * width; shift += 8) {
            bytes.write((int) (value >> shift));
        }
    }

    int size() {
        return bytes.size();
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    /** The rows of another one after these. */
    void append(RowBinary other) {
        bytes.writeBytes(other.toByteArray());
    }
}
