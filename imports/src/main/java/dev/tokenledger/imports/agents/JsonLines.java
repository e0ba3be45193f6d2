package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportProblem;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.ImportedCall;
import dev.tokenledger.imports.agents.JsonScanner.BrokenException;
import dev.tokenledger.imports.agents.JsonScanner.Token;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a file with a JSON object on each line, and tells of every line what became of it.
 *
 * <p>A line may hold several objects. A line that is no JSON is skipped as {@code invalid_json}, or {@code invalid_utf8} if that
 * is why; one with an impossible figure as {@code invalid_record}; one above 16 MiB as {@code line_too_long}. A last line
 * without an end may still grow: it is read again at the next import, and if it is no whole object yet it is skipped as {@code
 * incomplete_line} for now, which is nothing wrong.
 */
final class JsonLines {

    static final String INVALID_JSON = "invalid_json";
    static final String INVALID_RECORD = "invalid_record";

    static final String INVALID_UTF8 = "invalid_utf8";
    static final String LINE_TOO_LONG = "line_too_long";
    private static final int LINES_BETWEEN_STATES = 256;
    private static final byte[] ANY = {};

    /** Makes the text of a file's bytes, as they are read. */
    @FunctionalInterface
    interface Decoder {
        InputStream decode(InputStream in) throws IOException;
    }

    private static final Decoder PLAIN = in -> in;

    /** Says what a row means. Made anew for every file. */
    interface Rows {

        /**
         * Reads a row.
         *
         * @throws IllegalArgumentException if a figure cannot be; the message begins with the field's name
         */
        void read(Fields row, Found found);

        /** What must be known to go on behind the rows read so far. */
        default String carry() {
            return "";
        }
    }

    /** Takes a row from a scanner, for logs so large that the members of a row are not worth keeping. */
    interface Scanned {

        /**
         * Reads the object that a scanner stands on the beginning of.
         *
         * @throws IllegalArgumentException if a figure cannot be; what is left of the object is then passed over
         */
        void read(JsonScanner json, Found found);
    }

    /** Reads what stands on a line. */
    private interface Objects {

        /** What every line has that says anything: a whole line without it that looks like an object is passed over unread. */
        default byte[] sought() {
            return ANY;
        }

        /**
         * Reads all objects.
         *
         * @throws JacksonException if the bytes are not JSON
         * @throws BrokenException if the bytes are not JSON
         */
        void read(byte[] bytes, int offset, int length, Found found);

        /** What must be known to go on behind the rows read so far. */
        String carry();
    }

    /** What one line, or whatever stands for one, has given. */
    static final class Found {

        private final ImportSink sink;
        private long line;
        private boolean used;

        Found(ImportSink sink) {
            this.sink = sink;
        }

        /** Reads what stands for a line of its own. */
        void read(long number, Runnable reading) {
            begin(number);
            try {
                reading.run();
            } catch (IllegalArgumentException e) {
                refuse(INVALID_RECORD, String.valueOf(e.getMessage()));
            }
            end();
        }

        private void begin(long number) {
            line = number;
            used = false;
        }

        /** A copy of a call stands here. */
        void call(ImportedCall call) {
            if (used) {
                sink.further(line, call);
            } else {
                sink.call(line, call);
                used = true;
            }
        }

        /** Nothing came of it, for a reason. */
        void refuse(String reason, String message) {
            if (used) {
                sink.problem(line, reason, message);
            } else {
                sink.skip(line, reason, message);
                used = true;
            }
        }

        /** What gave nothing was about something else. */
        private void end() {
            if (!used) {
                sink.ignore(line);
            }
        }
    }

    private final Lines lines;
    private final Objects objects;
    private final Found found;

    private JsonLines(Lines lines, Objects objects, ImportSink sink) {
        this.lines = lines;
        this.objects = objects;
        found = new Found(sink);
    }

    /**
     * Reads a file from where it was left off.
     *
     * @param names the members that {@code rows} asks for
     */
    static void read(ImportFile file, ImportSink sink, Set<String> names, Rows rows) throws IOException {
        read(file, sink, PLAIN, new ParsedRows(names, rows));
    }

    /**
     * Reads a compressed file as a whole.
     *
     * @param names the members that {@code rows} asks for
     */
    static void readCompressed(ImportFile file, ImportSink sink, Decoder decoder, Set<String> names, Rows rows)
            throws IOException {
        read(file, sink, decoder, new ParsedRows(names, rows));
    }

    /**
     * Reads a file from where it was left off.
     *
     * @param sought a text of two ASCII characters or more that is in every row of interest; a line without it that begins
     *     and ends as an object does is passed over unread
     */
    static void read(ImportFile file, ImportSink sink, String sought, Scanned rows) throws IOException {
        read(file, sink, PLAIN, new ScannedRows(sought, rows));
    }

    private static void read(ImportFile file, ImportSink sink, Decoder decoder, Objects objects) throws IOException {
        try (InputStream in = file.open();
                Lines lines = new Lines(decoder.decode(in), Fields.MAX_BYTES, objects.sought(), file.buffers())) {
            JsonLines reading = new JsonLines(lines, objects, sink);
            long number = file.line();
            long offset = file.offset();
            String carry = objects.carry();
            while (lines.next()) {
                if (!lines.terminated()) {
                    // Told of, but not remembered: what is known before it is remembered instead.
                    carry = objects.carry();
                    reading.line(number + 1);
                    sink.reached(offset, number, carry);
                    return;
                }
                reading.line(++number);
                offset = file.offset() + lines.position();
                if (number % LINES_BETWEEN_STATES == 0) {
                    sink.reached(offset, number, objects.carry());
                }
            }
            sink.reached(offset, number, objects.carry());
        }
    }

    private void line(long number) {
        found.begin(number);
        if (lines.tooLong()) {
            found.refuse(LINE_TOO_LONG, "longer than " + Fields.MAX_BYTES + " bytes");
        } else if (!lines.terminated() || lines.holdsSought() || !lines.looksLikeObject()) {
            objects();
        }
        found.end();
    }

    private void objects() {
        try {
            objects.read(lines.bytes(), lines.offset(), lines.length(), found);
        } catch (JacksonException e) {
            broken(column(e));
        } catch (BrokenException e) {
            broken(e.column());
        }
    }

    /** Rows by Jackson's parser, of which the members of interest are kept. */
    private record ParsedRows(Set<String> names, Rows rows) implements Objects {

        @Override
        public void read(byte[] bytes, int offset, int length, Found found) {
            try (JsonParser parser = Fields.parser(bytes, offset, length)) {
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    if (token == JsonToken.START_OBJECT) {
                        object(parser, found);
                    } else {
                        parser.skipChildren();
                    }
                }
            }
        }

        /** Reads an object to its end, so that what stands behind it on the line is read whatever is wrong with it. */
        private void object(JsonParser parser, Found found) {
            try {
                rows.read(Fields.read(parser, names), found);
            } catch (IllegalArgumentException e) {
                found.refuse(INVALID_RECORD, String.valueOf(e.getMessage()));
                while (!parser.streamReadContext().inRoot()) {
                    parser.nextToken();
                }
            }
        }

        @Override
        public String carry() {
            return rows.carry();
        }
    }

    /** Rows by our own scanner, which needs nothing from line to line. */
    private static final class ScannedRows implements Objects {

        private final JsonScanner json = new JsonScanner();
        private final byte[] sought;
        private final Scanned rows;

        ScannedRows(String sought, Scanned rows) {
            this.sought = sought.getBytes(StandardCharsets.US_ASCII);
            this.rows = rows;
        }

        @Override
        public byte[] sought() {
            return sought;
        }

        @Override
        public void read(byte[] bytes, int offset, int length, Found found) {
            json.start(bytes, offset, length);
            for (Token token = json.next(); token != Token.END; token = json.next()) {
                if (token == Token.OBJECT) {
                    object(found);
                } else {
                    json.skip();
                }
            }
        }

        private void object(Found found) {
            try {
                rows.read(json, found);
            } catch (IllegalArgumentException e) {
                found.refuse(INVALID_RECORD, String.valueOf(e.getMessage()));
                json.leave(0);
            }
        }

        @Override
        public String carry() {
            return "";
        }
    }

    private void broken(long column) {
        if (!lines.terminated()) {
            found.refuse(
                    ImportProblem.INCOMPLETE_LINE,
                    "the last line has no end and is no whole object; it is read again at the next import");
        } else if (!isUtf8()) {
            found.refuse(INVALID_UTF8, "not valid UTF-8");
        } else {
            found.refuse(INVALID_JSON, "not valid JSON near column " + column);
        }
    }

    private boolean isUtf8() {
        try {
            Utf8.decode(lines.bytes(), lines.offset(), lines.length());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    static long column(JacksonException e) {
        return e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getColumnNr());
    }
}
