package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.Combination;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;

/** All combinations that were committed so far, by number. They are never changed, so that only new ones are read. */
final class Combinations {

    private static final String SELECT =
            "SELECT id, " + Combination.COLUMNS + " FROM combinations WHERE id > ? ORDER BY id";

    private Combination[] known = new Combination[0];

    /** The combinations that a reader's transaction sees, at least; numbers that none has stand for empty values. */
    Combination[] read(Handle handle) throws SQLException {
        Combination[] all = known();
        int end = all.length;
        PreparedStatement select = handle.statement(SELECT);
        select.setLong(1, end - 1L);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                int id = row.getInt(1);
                if (id >= all.length) {
                    int length = all.length;
                    all = Arrays.copyOf(all, Math.max(id + 1, length * 2));
                    Arrays.fill(all, length, all.length, Combination.NONE);
                }
                all[id] = Combination.read(row, 2);
                end = id + 1;
            }
        }
        return keep(end == all.length ? all : Arrays.copyOf(all, end));
    }

    private synchronized Combination[] known() {
        return known;
    }

    private synchronized Combination[] keep(Combination[] all) {
        if (all.length > known.length) {
            known = all;
        }
        return all;
    }
}
