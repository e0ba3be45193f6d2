package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.engine.PageReader.Delta;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Level;
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
final class PendingDeltas {

    static final String DAMAGED = "a roll-up is corrupt; run 'tokenledger rebuild'";

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

    private static final class Known {
        final Delta delta;

        @Nullable
        List<Page> whole;

        @Nullable
        List<Page> quarters;

        Known(Delta delta) {
            this.delta = delta;
        }
    }

    private final ReadSession session;
    private final long attribute;
    private final List<Known> deltas = new ArrayList<>();

    /** @param attribute the attribute key whose pages are wanted besides those without; 0 for none */
    PendingDeltas(ReadSession session, long attribute) throws SQLException {
        this.session = session;
        this.attribute = attribute;
        for (Delta delta : session.pages().deltas()) {
            Known known = new Known(delta);
            if (!delta.large()) {
                known.quarters = unpack(delta.cells());
            }
            deltas.add(known);
        }
    }

    /** The pages that make up the quarters from one to before another. */
    List<Page> between(long firstQuarter, long endQuarter) throws SQLException {
        List<Page> pages = new ArrayList<>();
        for (Known known : deltas) {
            Delta delta = known.delta;
            if (delta.first() >= endQuarter || delta.last() < firstQuarter) {
                continue;
            }
            boolean inside = delta.first() >= firstQuarter && delta.last() < endQuarter;
            if (inside && delta.large()) {
                pages.addAll(whole(known));
            } else if (inside) {
                pages.addAll(quarters(known));
            } else {
                for (Page page : quarters(known)) {
                    long quarter = Level.periodOfPage(page.page);
                    if (quarter >= firstQuarter && quarter < endQuarter) {
                        pages.add(page);
                    }
                }
            }
        }
        return pages;
    }

    private List<Page> whole(Known known) throws SQLException {
        List<Page> whole = known.whole;
        if (whole == null) {
            whole = unpack(known.delta.whole());
            known.whole = whole;
        }
        return whole;
    }

    private List<Page> quarters(Known known) throws SQLException {
        List<Page> quarters = known.quarters;
        if (quarters == null) {
            quarters = unpack(known.delta.cells());
            known.quarters = quarters;
        }
        return quarters;
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
            throw session.corrupt(DAMAGED, e);
        }
        return pages;
    }
}
