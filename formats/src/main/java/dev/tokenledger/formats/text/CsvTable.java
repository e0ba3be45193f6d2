package dev.tokenledger.formats.text;

import dev.tokenledger.formats.text.DocumentException.Mistake;
import dev.tokenledger.text.Decimals;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A table of comma-separated values as RFC 4180 has them, read row by row: the first one names the columns, which are found by
 * name whatever their order. Lines end with LF, CR LF or CR; a byte order mark is passed over; a row shorter than the header has
 * empty cells, and a row of nothing but empty cells is none. A gzip file is read as what it holds. Not safe for use by several
 * threads.
 */
public final class CsvTable implements Closeable {

    /** The most characters of one row. */
    public static final int MAX_ROW_LENGTH = 1 << 20;

    /** The most columns. */
    public static final int MAX_COLUMNS = 2_000;

    private final String file;
    private final BufferedReader in;
    private final Map<String, Integer> columns = new HashMap<>();
    private List<String> cells = List.of();
    private long line = 1;
    private long start = 1;
    private int pushedBack = -2;

    /**
     * Begins a table, and reads the names of its columns.
     *
     * @param file the file's name, for messages
     * @param in is closed with the table
     * @param largest the most bytes that are read, unpacked
     * @throws DocumentException if the text is no table
     * @throws IOException if reading fails
     */
    public CsvTable(String file, InputStream in, long largest) throws IOException {
        this.file = file;
        this.in = new BufferedReader(
                new InputStreamReader(
                        new Limited(unpacked(in), largest),
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)),
                1 << 16);
        int first = read();
        if (first != '\ufeff') {
            pushedBack = first;
        }
        if (!record()) {
            throw mistake("", "the table is empty; its first line names the columns");
        }
        for (int i = 0; i < cells.size(); i++) {
            columns.putIfAbsent(key(cells.get(i)), i);
        }
    }

    /** A file is longer than it may be. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long largest) {
            super("it is larger than " + largest + " bytes");
        }
    }

    private static final class Limited extends FilterInputStream {

        private final long largest;
        private long left;

        Limited(InputStream in, long largest) {
            super(in);
            this.largest = largest;
            left = largest;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) throws IOException {
            left -= read;
            if (left < 0) {
                throw new TooLargeException(largest);
            }
        }
    }

    private static InputStream unpacked(InputStream in) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
        buffered.mark(2);
        boolean packed = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        return packed ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }

    /** Whether there is a column of this name, case and surrounding blanks aside. */
    public boolean has(String column) {
        return columns.containsKey(key(column));
    }

    /** The columns' names, in their own order, case aside. */
    public List<String> columns() {
        List<String> names = new ArrayList<>(columns.keySet());
        names.sort((one, other) -> Integer.compare(columns.getOrDefault(one, 0), columns.getOrDefault(other, 0)));
        return names;
    }

    /**
     * Checks that columns are there.
     *
     * @throws DocumentException if one is not; the message names it
     */
    public void require(String... names) {
        for (String name : names) {
            if (!has(name)) {
                throw new DocumentException(
                        file,
                        List.of(new Mistake(
                                1, 1, "", "there is no column \"" + name + "\"; found " + shown(columns()))));
            }
        }
    }

    private static String shown(List<String> names) {
        List<String> some = names.stream().limit(12).map(Names::shown).toList();
        return String.join(", ", some) + (names.size() > some.size() ? ", …" : "");
    }

    /**
     * Goes on to the next row that is not empty.
     *
     * @return whether there is one
     * @throws DocumentException if the text is no table
     * @throws IOException if reading fails
     */
    public boolean next() throws IOException {
        while (record()) {
            for (String cell : cells) {
                if (!cell.isBlank()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The row's cell in a column, without blanks around it; empty if there is no such column. */
    public String text(String column) {
        Integer index = columns.get(key(column));
        return index == null || index >= cells.size() ? "" : cells.get(index).strip();
    }

    /** The row's cells in their own order. */
    public List<String> cells() {
        return cells;
    }

    /**
     * The row's number in a column; null if the cell is empty.
     *
     * @throws DocumentException if it is no decimal number
     */
    public @Nullable BigDecimal decimal(String column) {
        String text = text(column);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Decimals.parse(text);
        } catch (IllegalArgumentException e) {
            throw mistake(column, String.valueOf(e.getMessage()));
        }
    }

    /** The line that the row begins in, from 1. */
    public long line() {
        return start;
    }

    /**
     * What is wrong with the row.
     *
     * @param column where; empty for the row as a whole
     */
    public DocumentException mistake(String column, String problem) {
        int at = (int) Math.min(start, Integer.MAX_VALUE);
        return new DocumentException(file, List.of(new Mistake(at, 1, column, problem)));
    }

    private static String key(String column) {
        return column.strip().toLowerCase(Locale.ROOT);
    }

    /** Reads one row, empty or not. */
    private boolean record() throws IOException {
        start = line;
        int c = read();
        if (c < 0) {
            return false;
        }
        List<String> row = new ArrayList<>(Math.max(cells.size(), 8));
        StringBuilder cell = new StringBuilder();
        int length = 0;
        boolean quoted = false;
        boolean closed = false;
        while (true) {
            if (++length > MAX_ROW_LENGTH) {
                throw mistake("", "the row is longer than " + MAX_ROW_LENGTH + " characters; is a quote missing?");
            }
            if (quoted) {
                if (c < 0) {
                    throw mistake("", "a quote is opened here and never closed");
                }
                if (c == '"') {
                    int after = read();
                    if (after == '"') {
                        cell.append('"');
                    } else {
                        quoted = false;
                        closed = true;
                        pushedBack = after;
                    }
                } else {
                    cell.append((char) c);
                }
            } else if (c == '"' && cell.toString().isBlank() && !closed) {
                cell.setLength(0);
                quoted = true;
            } else if (c == ',' || c == '\n' || c == '\r' || c < 0) {
                row.add(cell.toString());
                if (row.size() > MAX_COLUMNS) {
                    throw mistake("", "there are more than " + MAX_COLUMNS + " columns");
                }
                cell.setLength(0);
                closed = false;
                if (c != ',') {
                    cells = row;
                    return true;
                }
            } else {
                cell.append((char) c);
            }
            c = read();
        }
    }

    /** One character; an end of line always as a line feed, and counted. */
    private int read() throws IOException {
        int c;
        if (pushedBack != -2) {
            c = pushedBack;
            pushedBack = -2;
            return c;
        }
        try {
            c = in.read();
        } catch (CharacterCodingException e) {
            throw new DocumentException(
                    file,
                    List.of(new Mistake(
                            (int) Math.min(line, Integer.MAX_VALUE), 1, "", "it is not UTF-8 text from here on")));
        }
        if (c == '\r') {
            in.mark(1);
            if (in.read() != '\n') {
                in.reset();
            }
            c = '\n';
        }
        if (c == '\n') {
            line++;
        }
        return c;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
