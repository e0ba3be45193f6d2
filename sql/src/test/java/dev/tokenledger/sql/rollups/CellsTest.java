package dev.tokenledger.sql.rollups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CellsTest {

    private static final long PAGE = Level.HOUR.page(0, 490_000);
    private static final long PAGE_OF_PAIRS = Level.HOUR.page(7, 490_000);

    private final Cells.Output output = new Cells.Output();

    @Test
    void packedCells_unpackToTheSame() {
        Seeds.run(100, random -> {
            for (long page : new long[] {PAGE, PAGE_OF_PAIRS}) {
                TreeMap<Long, List<Long>> model = new TreeMap<>();
                CellTable table = table(random, page, model);
                assertThat(unpacked(page, table.packed(page, output))).isEqualTo(model);
            }
        });
    }

    @Test
    void mergedCells_areTheSum_inTheFormOfCellsThatWereNeverApart() {
        Seeds.run(100, random -> {
            TreeMap<Long, List<Long>> model = new TreeMap<>();
            CellTable first = table(random, PAGE_OF_PAIRS, model);
            CellTable second = table(random, PAGE_OF_PAIRS, model);
            byte[] before = first.packed(PAGE_OF_PAIRS, output);
            byte[] merged = second.merged(PAGE_OF_PAIRS, before, output);
            first.addAll(second);
            assertThat(unpacked(PAGE_OF_PAIRS, merged)).isEqualTo(model);
            assertThat(merged).isEqualTo(first.packed(PAGE_OF_PAIRS, output));
        });
    }

    @Test
    void cellsThatComeToNothing_areLeftOut() {
        CellTable table = new CellTable();
        long[] figures = {1, 2, 3, 4, 9, 5, 1, 7, -1, 0xffff_fff0L, 1, 1, 0};
        long[] opposite = Arrays.stream(figures).map(figure -> -figure).toArray();
        table.add(PAGE, 0, 3, figures);
        table.add(PAGE, 0, 3, opposite);
        assertThat(table.packed(PAGE, output)).isEmpty();
    }

    @Test
    void bytesThatEndTooSoon_areNotTakenForCells() {
        CellTable table = new CellTable();
        table.add(PAGE, 0, 3, new long[] {1, 20_000, 3, 4, 9, 5, 1, 7, 0, 123_456, 1, 300, 0});
        byte[] packed = table.packed(PAGE, output);
        for (int length = 1; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> unpacked(PAGE, cut)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void delta_holdsEveryPage_andAddsUpOverTime() {
        Seeds.run(50, random -> {
            CellTable table = new CellTable();
            CellTable sums = new CellTable();
            for (int i = 0; i < 40; i++) {
                long attribute = random.nextInt(3);
                long quarter = 1_960_000L + random.nextInt(20_000);
                long[] figures = figures(random);
                int pair = attribute == 0 ? 0 : 1 + random.nextInt(4);
                table.add(Level.QUARTER.page(attribute, quarter), pair, 5, figures);
                sums.add(
                        Level.DAYS_32.page(attribute, Level.DAYS_32.period(quarter * Level.QUARTER.micros)),
                        pair,
                        5,
                        figures);
            }
            CellTable again = new CellTable();
            again.addDelta(table.packedDelta(new Cells.Output(), output));
            assertThat(again.packedDelta(new Cells.Output(), output))
                    .isEqualTo(table.packedDelta(new Cells.Output(), output));
            assertThat(table.above(Level.DAYS_32).packedDelta(new Cells.Output(), output))
                    .isEqualTo(sums.packedDelta(new Cells.Output(), output));
        });
    }

    private static CellTable table(RandomGenerator random, long page, Map<Long, List<Long>> model) {
        CellTable table = new CellTable();
        for (int i = random.nextInt(30); i > 0; i--) {
            int pair = page == PAGE ? 0 : random.nextInt(5);
            int combination = 1 + random.nextInt(300);
            long[] figures = figures(random);
            table.add(page, pair, combination, figures);
            long[] sums = figures.clone();
            List<Long> before = model.get(Cells.key(pair, combination));
            for (int j = 0; before != null && j < sums.length; j++) {
                sums[j] += before.get(j);
            }
            Figures.normalize(sums);
            model.put(Cells.key(pair, combination), list(sums));
        }
        return table;
    }

    /** Figures as records and their reversals have them, the higher part of the cost never 0. */
    private static long[] figures(RandomGenerator random) {
        long[] figures = new long[Figures.SIZE];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = random.nextLong(-1L << 40, 1L << 40);
        }
        figures[Figures.COST_HIGH] = 1L + random.nextInt(1_000);
        figures[Figures.COST_LOW] = random.nextLong(1L << 32);
        return figures;
    }

    private static Map<Long, List<Long>> unpacked(long page, byte[] bytes) {
        Map<Long, List<Long>> cells = new TreeMap<>();
        Cells.decode(
                bytes,
                0,
                bytes.length,
                page != PAGE,
                (pair, combination, figures) -> cells.put(Cells.key(pair, combination), list(figures)));
        return cells;
    }

    private static List<Long> list(long[] numbers) {
        List<Long> list = new ArrayList<>();
        for (long number : numbers) {
            list.add(number);
        }
        return list;
    }
}
