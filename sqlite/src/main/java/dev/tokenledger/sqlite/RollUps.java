package dev.tokenledger.sqlite;

import dev.tokenledger.sql.engine.PackedDelta;
import dev.tokenledger.sql.engine.PageWriter;
import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The writer's side of {@code pages} and {@code deltas}. */
final class RollUps implements PageWriter {

    /** How many pages are replaced together. */
    private static final int BATCH = 256;

    private final Supplier<Handle> writing;

    /** @param writing the connection of the transaction under way */
    RollUps(Supplier<Handle> writing) {
        this.writing = writing;
    }

    @Override
    public void addDelta(PackedDelta delta) throws SQLException {
        PreparedStatement insert = writing.get()
                .statement("INSERT INTO deltas (count, first, last, whole, totals) VALUES (?, ?, ?, ?, ?)");
        insert.setLong(1, delta.count());
        insert.setLong(2, delta.first());
        insert.setLong(3, delta.last());
        Handle.bind(insert, 4, delta.whole());
        insert.setBytes(5, delta.cells());
        insert.executeUpdate();
    }

    @Override
    public Waiting waiting() throws SQLException {
        return new Waiting(
                writing.get().number("SELECT count(*) FROM deltas"),
                writing.get().number("SELECT coalesce(sum(count), 0) FROM deltas"));
    }

    @Override
    public void takeDeltas(Consumer<byte[]> sink) throws SQLException {
        try (ResultSet rows =
                writing.get().statement("SELECT totals FROM deltas").executeQuery()) {
            while (rows.next()) {
                sink.accept(rows.getBytes(1));
            }
        }
        writing.get().run("DELETE FROM deltas");
    }

    @Override
    public Set<Long> wideAttributes() throws SQLException {
        Set<Long> attributes = new HashSet<>();
        try (ResultSet wide = writing.get()
                .statement("SELECT id FROM attribute_keys WHERE wide")
                .executeQuery()) {
            while (wide.next()) {
                attributes.add(wide.getLong(1));
            }
        }
        return attributes;
    }

    @Override
    public void merge(SortedSet<Long> pages, PageMerge merge) throws SQLException {
        PreparedStatement select = writing.get().statement("SELECT totals FROM pages WHERE key = ?");
        PreparedStatement replace = writing.get().statement("INSERT OR REPLACE INTO pages (key, totals) VALUES (?, ?)");
        try {
            int batched = 0;
            for (long page : pages) {
                select.setLong(1, page);
                byte @Nullable [] before;
                try (ResultSet row = select.executeQuery()) {
                    before = row.next() ? row.getBytes(1) : null;
                }
                replace.setLong(1, page);
                replace.setBytes(2, merge.merged(page, before));
                replace.addBatch();
                if (++batched % BATCH == 0) {
                    replace.executeBatch();
                }
            }
            replace.executeBatch();
        } catch (RuntimeException e) {
            replace.clearBatch();
            throw e;
        }
    }

    @Override
    public SQLException damaged(RuntimeException cause) {
        return StoredRow.damaged("a roll-up is corrupt; run 'tokenledger rebuild'", cause);
    }

    /** Marks an attribute key as having too many values to be rolled up, and drops its roll-ups. */
    static void widen(Handle handle, long attribute) throws SQLException {
        handle.number("UPDATE attribute_keys SET wide = 1 WHERE id = ? RETURNING id", attribute);
        PreparedStatement delete = handle.statement("DELETE FROM pages WHERE key >= ? AND key < ?");
        delete.setLong(1, Level.QUARTER.page(attribute, 0));
        delete.setLong(2, Level.QUARTER.page(attribute + 1, 0));
        delete.executeUpdate();
        PreparedStatement pairs = handle.statement("DELETE FROM attribute_pairs WHERE attribute = ?");
        pairs.setLong(1, attribute);
        pairs.executeUpdate();
    }
}
