package dev.tokenledger.sql.rollups;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cells that are being added up, by page and within it by pair and combination. Used by one thread.
 *
 * <p>As a <i>delta</i> it holds pages of one level, those without an attribute first: by {@link Level#QUARTER}, the form
 * in which a commit's cells wait to be folded into the pages of all levels.
 */
public final class CellTable {

    private final TreeMap<Long, Map<Long, long[]>> pages = new TreeMap<>();
    private long lastPage = -1;
    private Map<Long, long[]> lastCells = Map.of();

    /** Adds figures to the cell. */
    public void add(long page, int pair, int combination, long[] figures) {
        add(page, Cells.key(pair, combination), figures);
    }

    private void add(long page, long key, long[] figures) {
        if (page != lastPage) {
            lastCells = pages.computeIfAbsent(page, absent -> new HashMap<>());
            lastPage = page;
        }
        long[] sums = lastCells.get(key);
        if (sums == null) {
            lastCells.put(key, figures.clone());
        } else {
            Figures.add(sums, figures);
        }
    }

    public boolean isEmpty() {
        return pages.isEmpty();
    }

    /** How many cells there are in all pages. */
    public int count() {
        int count = 0;
        for (Map<Long, long[]> cells : pages.values()) {
            count += cells.size();
        }
        return count;
    }

    /** The first period that any page is of; 0 if there are no pages. */
    public long firstPeriod() {
        return pages.keySet().stream().mapToLong(Level::periodOfPage).min().orElse(0);
    }

    /** The last period that any page is of; 0 if there are no pages. */
    public long lastPeriod() {
        return pages.keySet().stream().mapToLong(Level::periodOfPage).max().orElse(0);
    }

    /** The pages in order. */
    public Iterable<Long> pages() {
        return pages.keySet();
    }

    /** A page's cells as {@link Cells} packs them. */
    public byte[] packed(long page, Cells.Output output) {
        Map<Long, long[]> cells = pages.getOrDefault(page, Map.of());
        long[] keys = sortedKeys(cells);
        output.start(Level.attributeOfPage(page) != 0);
        for (long key : keys) {
            output.cell((int) (key >> 32), (int) key, cells.getOrDefault(key, new long[Figures.SIZE]));
        }
        return output.take();
    }

    /** A page's cells together with those that were packed before. */
    public byte[] merged(long page, byte[] before, Cells.Output output) {
        Map<Long, long[]> cells = pages.getOrDefault(page, Map.of());
        long[] keys = sortedKeys(cells);
        boolean pairs = Level.attributeOfPage(page) != 0;
        int[] at = {0};
        output.start(pairs);
        Cells.decode(before, 0, before.length, pairs, (pair, combination, figures) -> {
            long key = Cells.key(pair, combination);
            while (at[0] < keys.length && keys[at[0]] < key) {
                write(output, cells, keys[at[0]++]);
            }
            if (at[0] < keys.length && keys[at[0]] == key) {
                Figures.add(figures, cells.getOrDefault(key, figures));
                at[0]++;
            }
            output.cell(pair, combination, figures);
        });
        while (at[0] < keys.length) {
            write(output, cells, keys[at[0]++]);
        }
        return output.take();
    }

    private static void write(Cells.Output output, Map<Long, long[]> cells, long key) {
        output.cell((int) (key >> 32), (int) key, cells.getOrDefault(key, new long[Figures.SIZE]));
    }

    private static long[] sortedKeys(Map<Long, long[]> cells) {
        long[] keys = new long[cells.size()];
        int i = 0;
        for (long key : cells.keySet()) {
            keys[i++] = key;
        }
        Arrays.sort(keys);
        return keys;
    }

    /** Every page packed, each with its number and length before it. */
    public byte[] packedDelta(Cells.Output pageOutput, Cells.Output output) {
        for (long page : pages.keySet()) {
            byte[] cells = packed(page, pageOutput);
            output.header(page);
            output.header(cells.length);
            output.append(cells);
        }
        return output.take();
    }

    /** Takes the pages of a packed delta. */
    public interface DeltaSink {
        /**
         * One page.
         *
         * @return whether to go on
         */
        boolean page(long page, byte[] bytes, int from, int to);
    }

    public static void unpackDelta(byte[] bytes, DeltaSink sink) {
        Cells.Input input = new Cells.Input(bytes, 0);
        while (input.at < bytes.length) {
            long page = input.next();
            int length = Math.toIntExact(input.next());
            int from = input.at;
            if (!sink.page(page, bytes, from, from + length)) {
                return;
            }
            input.at = from + length;
        }
    }

    /** Adds the pages of a packed delta. */
    public void addDelta(byte[] delta) {
        unpackDelta(delta, (page, bytes, from, to) -> {
            Cells.decode(
                    bytes,
                    from,
                    to,
                    Level.attributeOfPage(page) != 0,
                    (pair, combination, figures) -> add(page, pair, combination, figures));
            return true;
        });
    }

    /** The same cells in the pages of a longer level. */
    public CellTable above(Level above) {
        CellTable table = new CellTable();
        pages.forEach((page, cells) -> {
            long instant = Level.periodOfPage(page) * Level.ofPage(page).micros;
            long target = above.page(Level.attributeOfPage(page), above.period(instant));
            cells.forEach((key, figures) -> table.add(target, key, figures));
        });
        return table;
    }

    /** Adds all cells of another table. */
    public void addAll(CellTable other) {
        other.pages.keySet().forEach(page -> copyPage(page, other));
    }

    /** Adds the cells of one page of another table. */
    public void copyPage(long page, CellTable other) {
        other.pages.getOrDefault(page, Map.of()).forEach((key, figures) -> add(page, key, figures));
    }

    /** What the cells count of records with doubts, and nothing else; cells without any are left out. */
    public CellTable doubts() {
        CellTable table = new CellTable();
        pages.forEach((page, cells) -> cells.forEach((key, figures) -> {
            if (figures[Figures.DOUBTFUL] != 0
                    || figures[Figures.OUTPUT_INCOMPLETE] != 0
                    || figures[Figures.CACHE_SPLIT_MISSING] != 0) {
                long[] counts = figures.clone();
                Figures.keepDoubts(counts);
                table.add(page, key, counts);
            }
        }));
        return table;
    }

    /** Forgets what the cells count of records with doubts. */
    public void dropDoubts() {
        pages.values().forEach(cells -> cells.values().forEach(Figures::dropDoubts));
    }

    /** Leaves out the pages of one attribute key. */
    public void drop(long attribute) {
        pages.keySet().removeIf(page -> Level.attributeOfPage(page) == attribute);
        lastPage = -1;
    }
}
