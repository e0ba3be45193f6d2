package dev.tokenledger.recorder;

import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;

/** A record as a line of a spool: a checksum in eight hexadecimal digits, a blank, the record as JSON, a line end. */
final class SpoolLine {

    private static final int CHECKSUM = 8;

    private SpoolLine() {}

    static byte[] write(UsageRecord record) {
        String json = RecordJson.write(record, true);
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        byte[] line = new byte[CHECKSUM + 1 + content.length + 1];
        byte[] checksum = checksum(content, 0, content.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, line, 0, CHECKSUM);
        line[CHECKSUM] = ' ';
        System.arraycopy(content, 0, line, CHECKSUM + 1, content.length);
        line[line.length - 1] = '\n';
        return line;
    }

    /** A record as a line that imports read. */
    static byte[] plain(UsageRecord record) {
        return (RecordJson.write(record) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The record of a line without its line end; empty if the line is damaged. */
    static Optional<UsageRecord> read(byte[] bytes, int from, int to) {
        int content = from + CHECKSUM + 1;
        if (to < content || bytes[content - 1] != ' ') {
            return Optional.empty();
        }
        String stated = new String(bytes, from, CHECKSUM, StandardCharsets.US_ASCII);
        if (!stated.equals(checksum(bytes, content, to - content))) {
            return Optional.empty();
        }
        try {
            return Optional.of(RecordJson.parseExact(new String(bytes, content, to - content, StandardCharsets.UTF_8)));
        } catch (RecordFormatException e) {
            return Optional.empty();
        }
    }

    private static String checksum(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
