package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.usage.TokenCounts;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What says of a record's row whether it is what was stored. A flipped bit in a number that no index and no roll-up holds
 * leaves SQLite's own check satisfied: only a checksum finds it.
 *
 * <p>CRC-32C over all columns in the order of {@link #COLUMNS}, each with its type and length; for a reversal or an adjustment also over
 * its reason. Rows of schemas before version 3 have none. Used by one thread at a time.
 */
final class RecordChecksum {

    /** The columns of records {@code r}, and the reason of reversals {@code v} or adjustments {@code d}. */
    private static final String COLUMNS = "r.seq, r.occurred, r.combination, r.thread, r.kind, r.input, r.output,"
            + " r.cache_read, r.cache_creation, r.cache_creation_5m, r.cache_creation_1h, r.reasoning, r.cost, r.attributes,"
            + " r.circumstances, r.price, r.recorded, r.duration, r.reported_cost, r.extra, r.id, r.request_id,"
            + " r.upstream_request_id, coalesce(v.reason, d.reason)";

    private static final int COUNT = 24;

    private static final String ROWS =
            "SELECT " + COLUMNS + ", r.checksum FROM records r LEFT JOIN reversals v ON v.reversal = r.seq"
                    + " LEFT JOIN adjustments d ON d.adjustment = r.seq";

    private static final byte NULL = 0;
    private static final byte NUMBER = 1;
    private static final byte TEXT = 2;
    private static final byte BYTES = 3;

    private final CRC32C crc = new CRC32C();
    private byte[] buffer = new byte[1_024];
    private int length;

    /** Of a row that is about to be inserted as a usage record. */
    int of(PreparedRecord row) {
        TokenCounts tokens = row.record().tokens();
        length = 0;
        add(row.sequence());
        add(row.occurred());
        add(row.references().combination());
        add(row.references().thread());
        add(0);
        add(tokens.input());
        add(tokens.output());
        add(tokens.cacheRead());
        add(tokens.cacheCreation());
        add(tokens.cacheCreation5m());
        add(tokens.cacheCreation1h());
        add(tokens.reasoning());
        add(row.costPicos());
        add(row.references().attributesNumber());
        add(row.references().rareFields());
        add(row.references().price());
        add(row.recorded() - row.occurred());
        add(row.duration());
        add(row.reportedCost());
        add(row.extra());
        add(row.id());
        add(row.requestId());
        add(row.upstreamRequestId());
        add(null);
        return sum();
    }

    /** Gives a row that is stored, a reversal or adjustment with its link, the checksum of what it holds. */
    void store(Handle handle, long seq) throws SQLException {
        PreparedStatement select = handle.statement(ROWS + " WHERE r.seq = ?");
        select.setLong(1, seq);
        int sum;
        try (ResultSet row = select.executeQuery()) {
            row.next();
            sum = of(row);
        }
        PreparedStatement update = handle.statement("UPDATE records SET checksum = ? WHERE seq = ?");
        update.setInt(1, sum);
        update.setLong(2, seq);
        update.executeUpdate();
    }

    /** Receives the row number of a record that is not what was stored. */
    @FunctionalInterface
    interface Found {
        void record(long seq);
    }

    /** Checks all rows that have a checksum. */
    void check(Handle handle, Found found) throws SQLException {
        if (handle.number("SELECT count(*) FROM pragma_table_info('records') WHERE name = 'checksum'") == 0) {
            return;
        }
        try (ResultSet row =
                handle.statement(ROWS + " WHERE r.checksum IS NOT NULL").executeQuery()) {
            while (row.next()) {
                if (row.getInt(COUNT + 1) != of(row)) {
                    found.record(row.getLong(1));
                }
            }
        }
    }

    private int of(ResultSet row) throws SQLException {
        length = 0;
        for (int column = 1; column <= COUNT; column++) {
            add(row.getObject(column));
        }
        return sum();
    }

    private int sum() {
        crc.reset();
        crc.update(buffer, 0, length);
        return (int) crc.getValue();
    }

    private void add(@Nullable Object value) {
        if (value == null) {
            room(1);
            buffer[length++] = NULL;
        } else if (value instanceof Number number) {
            add(number.longValue());
        } else {
            add(value instanceof byte[] ? BYTES : TEXT, value instanceof byte[] bytes ? bytes : utf8(value));
        }
    }

    private static byte[] utf8(Object text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void add(byte type, byte[] bytes) {
        room(bytes.length + 10);
        buffer[length++] = type;
        add(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void add(long number) {
        room(9);
        buffer[length++] = NUMBER;
        for (int shift = 56; shift >= 0; shift -= 8) {
            buffer[length++] = (byte) (number >>> shift);
        }
    }

    private void room(int bytes) {
        if (buffer.length - length < bytes) {
            byte[] larger = new byte[Math.max(buffer.length * 2, length + bytes)];
            System.arraycopy(buffer, 0, larger, 0, length);
            buffer = larger;
        }
    }
}
