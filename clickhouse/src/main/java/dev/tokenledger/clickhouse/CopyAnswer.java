package dev.tokenledger.clickhouse;

import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.RecordCopy.Failure;
import dev.tokenledger.sql.engine.RecordCopy.Failure.Reason;
import dev.tokenledger.sql.rollups.Figures;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What ClickHouse answered to a {@link CopyQuestion}, in its form RowBinary: numbers from their lowest byte on. Used by one thread. */
final class CopyAnswer implements RecordCopy.Answer {

    private static final int BUFFER = 1 << 16;

    /** The longest value of an attribute is far below. */
    private static final int MAX_TEXT = BUFFER / 2;

    private final SpooledBytes bytes;
    private final int values;
    private final long entries;

    /**
     * An answer.
     *
     * @param bytes closed with it
     * @param values how many values of attributes each row has
     * @param entries how many rows the table has at least if it is the one that the ledger knows
     */
    CopyAnswer(SpooledBytes bytes, int values, long entries) {
        this.bytes = bytes;
        this.values = values;
        this.entries = entries;
    }

    @Override
    public void forEach(RecordCopy.RowSink sink) throws SQLException, Failure {
        try (InputStream in = bytes.open()) {
            new Reader(in, sink).readAll();
        } catch (EOFException e) {
            throw new Failure(Reason.ERROR, "its answer ends in the middle of a row", e);
        } catch (IOException e) {
            throw new Failure(Reason.ERROR, "its answer cannot be read again from a temporary file", e);
        }
    }

    /** Reads rows out of a buffer of its own: a stream's takes longer for each byte than the rest for a number. */
    private final class Reader {

        private final InputStream in;
        private final RecordCopy.RowSink sink;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
        private boolean isCounted;

        Reader(InputStream in, RecordCopy.RowSink sink) {
            this.in = in;
            this.sink = sink;
            buffer.limit(0);
        }

        void readAll() throws IOException, SQLException, Failure {
            while (buffer.hasRemaining() || fill()) {
                readRow();
            }
            if (!isCounted) {
                throw new Failure(Reason.ERROR, "its answer is not whole");
            }
        }

        /** Reads more behind what is left; false at the end. */
        private boolean fill() throws IOException {
            buffer.compact();
            int read = in.read(buffer.array(), buffer.position(), buffer.remaining());
            buffer.position(buffer.position() + Math.max(0, read)).flip();
            return read >= 0;
        }

        private ByteBuffer have(int length) throws IOException {
            while (buffer.remaining() < length) {
                if (!fill()) {
                    throw new EOFException();
                }
            }
            return buffer;
        }

        private void readRow() throws IOException, SQLException, Failure {
            have(16);
            long occurred = buffer.getLong();
            int combination = buffer.getInt();
            long thread = buffer.getInt();
            List<String> named = values == 0 ? List.of() : new ArrayList<>(values);
            for (int i = 0; i < values; i++) {
                named.add(text());
            }
            have(4 + 8 * Figures.DOUBTFUL);
            long rareFields = buffer.getInt();
            long[] figures = new long[Figures.SIZE];
            for (int i = 0; i < Figures.DOUBTFUL; i++) {
                figures[i] = buffer.getLong();
            }
            if (combination != CopyQuestion.COUNT) {
                sink.row(new RecordCopy.Row(occurred, combination, thread, named, rareFields, figures));
                return;
            }
            if (isCounted) {
                throw new Failure(Reason.ERROR, "its answer counts the rows of its table twice");
            }
            isCounted = true;
            if (occurred < entries) {
                throw new Failure(
                        Reason.UNFIT, "its table has " + occurred + " rows, and " + entries + " were written to it");
            }
        }

        /** A text behind its length in bytes, which has seven bits in each byte. */
        private String text() throws IOException, Failure {
            int length = 0;
            int shift = 0;
            int part;
            do {
                part = have(1).get();
                length |= (part & 0x7f) << shift;
                shift += 7;
            } while (part < 0 && shift < 21);
            if (length > MAX_TEXT) {
                throw new Failure(Reason.UNFIT, "its table has a text of an attribute that no record has");
            }
            have(length);
            String text = new String(buffer.array(), buffer.position(), length, StandardCharsets.UTF_8);
            buffer.position(buffer.position() + length);
            return text;
        }
    }

    @Override
    public void close() {
        bytes.close();
    }
}
