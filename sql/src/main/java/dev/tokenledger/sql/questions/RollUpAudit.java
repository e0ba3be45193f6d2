package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.PageReader.Delta;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Recomputes all roll-ups from the records, day by day, and compares them with what is stored, byte by byte: equal cells have one
 * packed form. Reads alone, in one transaction.
 */
public final class RollUpAudit {

    private final ReadSession session;
    private final Consumer<String> differences;
    private final Cells.Output output = new Cells.Output();
    private final DayCells days;
    private final boolean countsDoubts;

    private RollUpAudit(ReadSession session, Consumer<String> differences) throws SQLException {
        this.session = session;
        this.differences = differences;
        days = new DayCells(session);
        countsDoubts = session.countsDoubts();
    }

    /** Compares everything, and tells each difference in a sentence. */
    public static void run(ReadSession session, Consumer<String> differences) throws SQLException {
        try {
            new RollUpAudit(session, differences).check();
        } catch (IndexOutOfBoundsException
                | ArithmeticException
                | NullPointerException
                | IllegalArgumentException
                | IllegalStateException e) {
            // What a damaged page gives for a value may be of any kind, or none.
            differences.accept("a roll-up cannot be read: " + e.getMessage());
        }
    }

    private void check() throws SQLException {
        List<Delta> stored = session.pages().deltas();
        CellTable deltas = new CellTable();
        for (Delta delta : stored) {
            check(delta);
            deltas.addDelta(delta.cells());
        }
        days.wide().forEach(deltas::drop);
        Map<Long, CellTable> deltasByDay = byDay(deltas);
        TreeSet<Long> all = new TreeSet<>(deltasByDay.keySet());
        all.addAll(session.records().days());
        addPageDays(all);
        long block = -1;
        CellTable expectedBlock = new CellTable();
        CellTable blockDeltas = new CellTable();
        for (long day : all) {
            session.checkLimit();
            long itsBlock = day * Level.DAY.micros / Level.DAYS_32.micros;
            if (itsBlock != block && block >= 0) {
                compare(Level.DAYS_32, block, block + 1, expectedBlock, blockDeltas);
                expectedBlock = new CellTable();
                blockDeltas = new CellTable();
            }
            block = itsBlock;
            CellTable expected = days.of(day);
            if (!countsDoubts) {
                expected.dropDoubts();
            }
            CellTable pending = deltasByDay.getOrDefault(day, new CellTable());
            for (Level level = Level.QUARTER; level != Level.DAYS_32; level = level.above()) {
                long first = day * (Level.DAY.micros / level.micros);
                compare(level, first, first + Level.DAY.micros / level.micros, expected, pending);
                expected = expected.above(level.above());
                pending = pending.above(level.above());
            }
            expectedBlock.addAll(expected);
            blockDeltas.addAll(pending);
        }
        if (block >= 0) {
            compare(Level.DAYS_32, block, block + 1, expectedBlock, blockDeltas);
        }
    }

    /** Compares what a delta says of itself with its cells. */
    private void check(Delta delta) throws SQLException {
        CellTable cells = new CellTable();
        cells.addDelta(delta.cells());
        // What was taken back in the same commit leaves no cells.
        boolean spans = cells.isEmpty() || (delta.first() <= cells.firstPeriod() && delta.last() >= cells.lastPeriod());
        boolean sum = !delta.large()
                || Arrays.equals(delta.whole(), cells.above(Level.DAYS_32).packedDelta(new Cells.Output(), output));
        if (!spans || !sum) {
            differences.accept("delta " + delta.id() + " is not the sum of its cells");
        }
    }

    /** Compares the stored pages of a level and some periods, deltas added, with what the records say. */
    private void compare(Level level, long first, long end, CellTable expected, CellTable deltas) throws SQLException {
        Set<Long> attributes = new TreeSet<>();
        attributes.add(0L);
        attributes.addAll(days.attributes());
        for (long attribute : attributes) {
            if (level.ordinal() < Level.first(attribute).ordinal()) {
                continue;
            }
            TreeMap<Long, byte[]> stored = new TreeMap<>();
            session.pages()
                    .read(
                            List.of(new PageReader.KeyRange(level.page(attribute, first), level.page(attribute, end))),
                            stored::put);
            TreeSet<Long> all = new TreeSet<>(stored.keySet());
            for (long page : expected.pages()) {
                if (Level.attributeOfPage(page) == attribute) {
                    all.add(page);
                }
            }
            for (long page : all) {
                byte[] is = deltas.merged(page, stored.getOrDefault(page, new byte[0]), output);
                if (!Arrays.equals(is, expected.packed(page, output))) {
                    differences.accept(
                            "the roll-up of " + (attribute == 0 ? "" : "attribute " + days.name(attribute) + " and ")
                                    + level.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " from "
                                    + Values.instant(Level.periodOfPage(page) * level.micros)
                                    + " differs from its records");
                }
            }
        }
    }

    private static Map<Long, CellTable> byDay(CellTable quarters) {
        Map<Long, CellTable> byDay = new HashMap<>();
        for (long page : quarters.pages()) {
            byDay.computeIfAbsent(
                            Level.periodOfPage(page) * Level.QUARTER.micros / Level.DAY.micros, day -> new CellTable())
                    .copyPage(page, quarters);
        }
        return byDay;
    }

    private void addPageDays(Set<Long> all) throws SQLException {
        session.pages().keys(page -> {
            int level = (int) (page >> 32) & 15;
            if (level >= Level.values().length) {
                differences.accept("a roll-up of no known level");
            } else {
                all.add(Level.periodOfPage(page) * Level.ofPage(page).micros / Level.DAY.micros);
            }
        });
    }
}
