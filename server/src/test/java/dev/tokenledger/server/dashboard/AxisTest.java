package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AxisTest {

    @ParameterizedTest
    @CsvSource({
        "COST, 4.3, $5 $4 $3 $2 $1 $0",
        "COST, 2, $2.00 $1.50 $1.00 $0.50 $0.00",
        "COST, 0, $1.00 $0.80 $0.60 $0.40 $0.20 $0.00",
        "COST, 11, $12 $10 $8 $6 $4 $2 $0",
        "COST, 0.0003, $0.00030 $0.00025 $0.00020 $0.00015 $0.00010 $0.00005 $0.00000",
        "COST, 7900.5, '$8,000 $6,000 $4,000 $2,000 $0'",
        "TOKENS, 0, 1 0",
        "TOKENS, 3, 3 2 1 0",
        "TOKENS, 9, 10 8 6 4 2 0",
        "TOKENS, 9999, '10_K 8_K 6_K 4_K 2_K 0_K'",
        "TOKENS, 1400000, 1.50_M 1.25_M 1.00_M 0.75_M 0.50_M 0.25_M 0.00_M",
        "TOKENS, 2800000000000000, '3,000_T 2,500_T 2,000_T 1,500_T 1,000_T 500_T 0_T'",
        "CALLS, 1, 1 0",
        "CALLS, 2, 2 1 0",
        "CALLS, 13, 15 10 5 0",
        "CALLS, 5200, '6,000 5,000 4,000 3,000 2,000 1,000 0'"
    })
    void lines_areRound_andWrittenAlike(Measure measure, BigDecimal highest, String expected) {
        String labels = Axis.of(highest, measure).labels(measure).stream()
                .map(label -> label.replace('\u202f', '_'))
                .collect(Collectors.joining(" "));
        assertThat(labels).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void highestBar_reachesThreeFifthsOfTheHeightAndNoFurtherThanTheTop(Measure measure) {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 5_000; i++) {
            long value = i < 100 ? i + 1 : 1 + (long) Math.pow(10, random.nextDouble(15));
            BigDecimal highest = measure == Measure.COST ? BigDecimal.valueOf(value, 6) : BigDecimal.valueOf(value);
            Axis axis = Axis.of(highest, measure);
            assertThat(axis.top()).as("%s", highest).isGreaterThanOrEqualTo(highest);
            assertThat(highest).isGreaterThanOrEqualTo(axis.top().multiply(new BigDecimal("0.6")));
            assertThat(axis.steps()).as("%s", highest).isBetween(measure == Measure.COST || value > 2 ? 3 : 1, 6);
            assertThat(axis.labels(measure))
                    .as("%s", highest)
                    .hasSize(axis.steps() + 1)
                    .doesNotHaveDuplicates()
                    .extracting(AxisTest::afterThePoint)
                    .containsOnly(afterThePoint(axis.labels(measure).get(0)));
        }
    }

    /** A label's decimals as zeros, and its unit. */
    private static String afterThePoint(String label) {
        int point = label.indexOf('.');
        String end = point < 0 ? label.replaceAll("[$0-9,]", "") : label.substring(point);
        return end.replaceAll("[0-9]", "0");
    }
}
