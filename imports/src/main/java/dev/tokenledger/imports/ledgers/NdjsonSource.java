package dev.tokenledger.imports.ledgers;

import dev.tokenledger.formats.json.PeriodMarkJson;
import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.json.RecordLine;
import dev.tokenledger.formats.reprice.RepriceRun;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.UsageSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads files with one record object a line (NDJSON, also called JSON Lines), see {@link RecordJson} for the fields. A line of
 * an export is taken over as the entry that it is: with its cost, the price that the cost came from, the instant at which it was
 * recorded, and its reversal; and so are the runs of repricing and how far periods are closed, which the whole export of a ledger
 * states at its end.
 *
 * <p>Blank lines are ignored; a byte order mark and CRLF are fine. A line that is no record is skipped, with its reason: {@code
 * invalid_json}, {@code invalid_utf8}, {@code invalid_record}, {@code line_too_long} (above 1 MiB), {@code reversal} (a
 * reversal or reversed record that is no whole line of an export), or {@code truncated_line}: the last one, without an end and without the rest of its object, as
 * when the file is still being written.
 *
 * <p>A record without an id gets one derived from its line: {@code line-} and the first 32 hexadecimal digits of the SHA-256 of
 * the line's bytes without the blanks around them, and for the 2nd, 3rd, … equal line of the same file {@code -2}, {@code -3}, …
 * So importing a file again, moved or grown, adds only what is new; two files with an equal line, though, hold the same record.
 */
public final class NdjsonSource implements UsageSource {

    private static final String TRUNCATED_LINE = "truncated_line";
    private static final byte[] RUN = RepriceRun.LINE_BEGINNING.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSING = PeriodMarkJson.BEGINNING.getBytes(StandardCharsets.US_ASCII);

    @Override
    public String name() {
        return "ndjson";
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        LineIds ids = new LineIds();
        ExportedEntries entries = new ExportedEntries(sink::restore);
        try (Lines lines = new Lines(file.open(), RecordJson.MAX_BYTES)) {
            while (lines.next()) {
                if (lines.tooLong()) {
                    sink.skip(
                            lines.number(),
                            Reason.LINE_TOO_LONG.text(),
                            "longer than " + RecordJson.MAX_BYTES + " bytes");
                } else if (lines.blank()) {
                    sink.ignore(lines.number());
                } else {
                    read(lines, ids, entries, sink);
                }
            }
            entries.end();
        }
    }

    /** Whether the line states what a ledger remembers besides its entries. */
    private static boolean besides(Lines lines, ImportSink sink) {
        if (begins(lines, RUN)) {
            RepriceRun run = RepriceRun.ofLine(RecordJson.text(lines.bytes(), lines.offset(), lines.length()));
            sink.remember(lines.number(), run.key(), run.state());
            return true;
        }
        if (begins(lines, CLOSING)) {
            sink.close(
                    lines.number(),
                    PeriodMarkJson.parse(RecordJson.text(lines.bytes(), lines.offset(), lines.length())));
            return true;
        }
        return false;
    }

    private static boolean begins(Lines lines, byte[] beginning) {
        int offset = lines.offset();
        return lines.length() >= beginning.length
                && Arrays.equals(lines.bytes(), offset, offset + beginning.length, beginning, 0, beginning.length);
    }

    private static void read(Lines lines, LineIds ids, ExportedEntries entries, ImportSink sink) {
        byte[] bytes = lines.bytes();
        int offset = lines.offset();
        int length = lines.length();
        try {
            if (besides(lines, sink)) {
                return;
            }
            RecordLine line = RecordLine.parse(bytes, offset, length, () -> ids.next(bytes, offset, length));
            if (line.entry().isPresent()) {
                entries.add(lines.number(), line.entry().get(), line.prices());
            } else {
                entries.end();
                sink.append(lines.number(), line.record());
            }
        } catch (RecordFormatException e) {
            boolean torn =
                    !lines.terminated() && (e.reason() == Reason.INVALID_JSON || e.reason() == Reason.INVALID_UTF8);
            String message = String.valueOf(e.getMessage());
            if (torn) {
                sink.skip(
                        lines.number(),
                        TRUNCATED_LINE,
                        "the last line has no end and is no whole object (" + message
                                + "); import again once it is written");
            } else {
                sink.skip(lines.number(), e.reason().text(), message);
            }
        }
    }
}
