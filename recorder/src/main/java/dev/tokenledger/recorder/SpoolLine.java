package dev.tokenledger.recorder;

import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A record as a line of a spool: a checksum in eight hexadecimal digits, a blank, the record as JSON, a line end. The name of a
 * reservation that the record settles stands before the JSON, in Base64 with a blank behind it.
 */
final class SpoolLine {

    private static final int CHECKSUM = 8;

    private SpoolLine() {}

    static byte[] write(Outgoing call) {
        String json = RecordJson.write(call.record(), true);
        String settles = call.reservation().isEmpty()
                ? ""
                : Base64.getEncoder().encodeToString(call.reservation().getBytes(StandardCharsets.UTF_8)) + " ";
        byte[] content = (settles + json).getBytes(StandardCharsets.UTF_8);
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
    static Optional<Outgoing> read(byte[] bytes, int from, int to) {
        int content = from + CHECKSUM + 1;
        if (to < content || bytes[content - 1] != ' ') {
            return Optional.empty();
        }
        String stated = new String(bytes, from, CHECKSUM, StandardCharsets.US_ASCII);
        if (!stated.equals(checksum(bytes, content, to - content))) {
            return Optional.empty();
        }
        try {
            String text = new String(bytes, content, to - content, StandardCharsets.UTF_8);
            int json = text.indexOf('{');
            String settles = json <= 0
                    ? ""
                    : new String(Base64.getDecoder().decode(text.substring(0, json - 1)), StandardCharsets.UTF_8);
            return Optional.of(new Outgoing(RecordJson.parseExact(text.substring(Math.max(0, json))), settles));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String checksum(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
