package dev.tokenledger.postgres;

import dev.tokenledger.sql.records.Combination;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All combinations that were committed so far, by number. They never change, so that only new ones are read: those beyond the
 * highest number, and those of lower numbers that were not there yet, because numbers are drawn before they are committed. Safe for
 * use by many threads.
 */
final class KnownCombinations {

    /** Numbers that may still come; a number that a lost race has drawn never does. */
    private static final int MAX_GAPS = 1_024;

    /** Of what is not known yet; its parameters are those of {@link Asked#set}. */
    static final String SELECT =
            "SELECT id, " + Combination.COLUMNS + " FROM {combinations} WHERE id > ? OR id = ANY (?) ORDER BY id";

    /** By number; null where none is known. */
    private @Nullable Combination[] known = new @Nullable Combination[1];

    /** The combinations that a reader's transaction sees, at least; numbers that none has stand for empty values. */
    Combination[] read(Database database) throws SQLException {
        Asked asked = ask();
        return database.query(SELECT, statement -> asked.set(statement, 1), asked::read);
    }

    /** What is asked for beyond what is known now. */
    Asked ask() {
        return new Asked(known());
    }

    /** One question for what is not known. */
    final class Asked {

        private final @Nullable Combination[] before;
        private final List<Long> gaps = new ArrayList<>();

        private Asked(@Nullable Combination[] before) {
            this.before = before;
            for (int i = 1; i < before.length && gaps.size() < MAX_GAPS; i++) {
                if (before[i] == null) {
                    gaps.add((long) i);
                }
            }
        }

        /** Sets the two parameters, and gives the place after them. */
        int set(PreparedStatement statement, int first) throws SQLException {
            statement.setInt(first, gaps.size() < MAX_GAPS ? before.length - 1 : 0);
            Database.setLongs(statement, first + 1, gaps.toArray(Long[]::new));
            return first + 2;
        }

        /** The combinations with those of the answer. */
        Combination[] read(ResultSet row) throws SQLException {
            @Nullable Combination[] all = before.clone();
            while (row.next()) {
                int id = row.getInt(1);
                if (id >= all.length) {
                    all = Arrays.copyOf(all, id + 1 + all.length / 4);
                }
                all[id] = Combination.read(row, 2);
            }
            int end = all.length;
            while (end > 1 && all[end - 1] == null) {
                end--;
            }
            all = Arrays.copyOf(all, end);
            keep(all);
            Combination[] filled = new Combination[end];
            for (int i = 0; i < end; i++) {
                Combination one = all[i];
                filled[i] = one == null ? Combination.NONE : one;
            }
            return filled;
        }
    }

    private synchronized @Nullable Combination[] known() {
        return known;
    }

    private synchronized void keep(@Nullable Combination[] all) {
        if (all.length >= known.length) {
            known = all;
        }
    }
}
