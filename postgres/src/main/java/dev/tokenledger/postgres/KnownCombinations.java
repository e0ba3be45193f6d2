package dev.tokenledger.postgres;

import dev.tokenledger.sql.records.Combination;
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

    private static final String SELECT =
            "SELECT id, " + Combination.COLUMNS + " FROM {combinations} WHERE id > ? OR id = ANY (?) ORDER BY id";

    /** By number; null where none is known. */
    private @Nullable Combination[] known = new @Nullable Combination[1];

    /** The combinations that a reader's transaction sees, at least; numbers that none has stand for empty values. */
    Combination[] read(Database database) throws SQLException {
        @Nullable Combination[] before = known();
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < before.length && gaps.size() < MAX_GAPS; i++) {
            if (before[i] == null) {
                gaps.add((long) i);
            }
        }
        int from = gaps.size() < MAX_GAPS ? before.length : 1;
        @Nullable
        Combination[] all = database.query(
                SELECT,
                statement -> {
                    statement.setInt(1, from - 1);
                    Database.setLongs(statement, 2, gaps.toArray(Long[]::new));
                },
                row -> {
                    @Nullable Combination[] read = before.clone();
                    while (row.next()) {
                        int id = row.getInt(1);
                        if (id >= read.length) {
                            read = Arrays.copyOf(read, id + 1 + read.length / 4);
                        }
                        read[id] = Combination.read(row, 2);
                    }
                    int end = read.length;
                    while (end > 1 && read[end - 1] == null) {
                        end--;
                    }
                    return Arrays.copyOf(read, end);
                });
        keep(all);
        Combination[] filled = new Combination[all.length];
        for (int i = 0; i < all.length; i++) {
            Combination one = all[i];
            filled[i] = one == null ? Combination.NONE : one;
        }
        return filled;
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
