package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileKind;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/**
 * What a provider's files state together. Immutable.
 *
 * @param format whose files they are
 * @param start the first instant that they cover, empty days included
 * @param end the instant behind the last one
 * @param lines their figures, in the order of the files
 */
public record Bill(BillFormat format, Instant start, Instant end, List<BillLine> lines) {

    /** The most lines of all files together. */
    public static final int MAX_LINES = 2_000_000;

    /** The largest CSV file or file of JSON lines, in bytes, unpacked. */
    public static final long MAX_STREAM_BYTES = 4L << 30;

    /** The largest file of one JSON document, in bytes. */
    public static final int MAX_DOCUMENT_BYTES = 8 << 20;

    static final FileKind KIND = new FileKind("bill", MAX_DOCUMENT_BYTES);

    /** Copies its list. */
    public Bill {
        lines = List.copyOf(lines);
    }

    /**
     * Reads files of one provider that belong together: pages of an answer, usage and costs.
     *
     * @param zone of days that a file states without one; what providers write has UTC days
     * @throws DocumentException if a file cannot be read, or is not what its format has, or two files state the same figure
     */
    public static Bill read(BillFormat format, List<Path> files, ZoneId zone) {
        BillSink sink = new BillSink(zone);
        for (Path file : files) {
            format.read(file, sink);
        }
        sink.refuseRepetition();
        if (!sink.covers()) {
            throw KIND.unusable(files.isEmpty() ? "" : files.get(0).toString(), "it has no days at all");
        }
        return new Bill(format, sink.start(), sink.end(), sink.lines());
    }
}
