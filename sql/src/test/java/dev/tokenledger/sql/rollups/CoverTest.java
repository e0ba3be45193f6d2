package dev.tokenledger.sql.rollups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoverTest {

    private static final long QUARTER = Level.QUARTER.micros;
    private static final int QUARTERS = 96 * 100;

    @Test
    void terms_addUpToExactlyTheSpan() {
        Seeds.run(300, random -> {
            long from = random.nextInt(QUARTERS);
            long to = from + random.nextInt(QUARTERS);
            assertThat(covered(plan(from, to))).isEqualTo(span(from, to));
        });
    }

    @Test
    void emptySpan_needsNoPage() {
        assertThat(plan(100, 100)).isEmpty();
    }

    @Test
    void wholeDay_isOnePage() {
        assertThat(plan(96, 192)).containsExactly(new Cover.Term(Level.DAY, 1, 2, 1));
    }

    @Test
    void mostOfADay_isTheDayLessTheRest() {
        assertThat(plan(96 + 4, 192))
                .containsExactlyInAnyOrder(new Cover.Term(Level.DAY, 1, 2, 1), new Cover.Term(Level.HOUR, 24, 25, -1));
    }

    @Test
    void anySpanOfYears_isSomeDozenPages() {
        Seeds.run(100, random -> {
            long from = random.nextInt(QUARTERS);
            long to = from + 96 * 3_000 + random.nextInt(QUARTERS);
            long ragged = plan(from, to).stream()
                    .filter(term -> term.level() != Level.DAYS_32)
                    .mapToLong(term -> term.end() - term.first())
                    .sum();
            assertThat(ragged).isLessThan(2 * (16 + 13 + 3));
        });
    }

    @Test
    void coverOfHours_usesNoQuarters() {
        List<Cover.Term> terms = new ArrayList<>();
        new Cover(Level.HOUR).plan(5 * Level.HOUR.micros, 47 * Level.HOUR.micros, terms);
        assertThat(terms).isNotEmpty().noneMatch(term -> term.level() == Level.QUARTER);
    }

    private static List<Cover.Term> plan(long fromQuarter, long toQuarter) {
        List<Cover.Term> terms = new ArrayList<>();
        new Cover(Level.QUARTER).plan(fromQuarter * QUARTER, toQuarter * QUARTER, terms);
        return terms;
    }

    /** How often each quarter is counted, up to the last that counts. */
    private static List<Integer> covered(List<Cover.Term> terms) {
        int[] counts = new int[3 * QUARTERS];
        for (Cover.Term term : terms) {
            long each = term.level().micros / QUARTER;
            for (long quarter = term.first() * each; quarter < term.end() * each; quarter++) {
                counts[(int) quarter] += term.sign();
            }
        }
        return list(counts);
    }

    private static List<Integer> span(long from, long to) {
        int[] counts = new int[3 * QUARTERS];
        for (long quarter = from; quarter < to; quarter++) {
            counts[(int) quarter] = 1;
        }
        return list(counts);
    }

    private static List<Integer> list(int[] counts) {
        List<Integer> list = new ArrayList<>();
        for (int count : counts) {
            list.add(count);
        }
        return list;
    }
}
