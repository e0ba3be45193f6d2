package dev.tokenledger.sqlite;

import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reader's side of {@code deltas}: cells that were committed and not yet folded into pages. Used by one thread, in
 * one transaction.
 *
 * <p>A delta that lies in a span as a whole is added by its sum over time, if it holds one, else by its quarters. The
 * small ones are read at once, the parts of large ones when a span needs them.
 */
final class Deltas {

    /** The cells of one period in a delta. */
    static final class Page {
        final long page;
        final byte[] bytes;
        final int from;
        final int to;

        private Page(long page, byte[] bytes, int from, int to) {
            this.page = page;
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }
    }

    private static final class Delta {
        final long id;
        final long first;
        final long last;
        /** Whether it holds its sum over time. */
        final boolean large;

        @Nullable
        List<Page> whole;

        @Nullable
        List<Page> quarters;

        Delta(long id, long first, long last, boolean large) {
            this.id = id;
            this.first = first;
            this.last = last;
            this.large = large;
        }
    }

    private static final String SELECT =
            "SELECT id, first, last, whole IS NOT NULL, CASE WHEN whole IS NULL THEN cells END FROM deltas";

    private final Handle handle;
    private final long attribute;
    private final List<Delta> deltas = new ArrayList<>();

    /** @param attribute the attribute key whose pages are wanted besides those without; 0 for none */
    Deltas(Handle handle, long attribute) throws SQLException {
        this.handle = handle;
        this.attribute = attribute;
        try (ResultSet row = handle.statement(SELECT).executeQuery()) {
            while (row.next()) {
                Delta delta = new Delta(row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4));
                if (!delta.large) {
                    delta.quarters = unpack(row.getBytes(5));
                }
                deltas.add(delta);
            }
        }
    }

    /** The pages that make up the quarters from one to before another. */
    List<Page> between(long firstQuarter, long endQuarter) throws SQLException {
        List<Page> pages = new ArrayList<>();
        for (Delta delta : deltas) {
            if (delta.first >= endQuarter || delta.last < firstQuarter) {
                continue;
            }
            boolean inside = delta.first >= firstQuarter && delta.last < endQuarter;
            if (inside && delta.large) {
                pages.addAll(whole(delta));
            } else if (inside) {
                pages.addAll(quarters(delta));
            } else {
                for (Page page : quarters(delta)) {
                    long quarter = Level.periodOfPage(page.page);
                    if (quarter >= firstQuarter && quarter < endQuarter) {
                        pages.add(page);
                    }
                }
            }
        }
        return pages;
    }

    private List<Page> whole(Delta delta) throws SQLException {
        List<Page> whole = delta.whole;
        if (whole == null) {
            whole = read("SELECT whole FROM deltas WHERE id = ?", delta);
            delta.whole = whole;
        }
        return whole;
    }

    private List<Page> quarters(Delta delta) throws SQLException {
        List<Page> quarters = delta.quarters;
        if (quarters == null) {
            quarters = read("SELECT cells FROM deltas WHERE id = ?", delta);
            delta.quarters = quarters;
        }
        return quarters;
    }

    private List<Page> read(String sql, Delta delta) throws SQLException {
        PreparedStatement select = handle.statement(sql);
        select.setLong(1, delta.id);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? unpack(row.getBytes(1)) : List.of();
        }
    }

    private List<Page> unpack(byte[] packed) throws SQLException {
        List<Page> pages = new ArrayList<>();
        try {
            CellTable.unpackDelta(packed, (page, bytes, from, to) -> {
                long of = Level.attributeOfPage(page);
                if (of == 0 || of == attribute) {
                    pages.add(new Page(page, bytes, from, to));
                }
                return of <= attribute;
            });
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw RollUps.unreadable(e);
        }
        return pages;
    }
}
