package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BarsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10 | 10 | ██████████",
                "5 | 10 | █████",
                "1 | 10 | █",
                "0.5 | 10 | ▌",
                "0.0001 | 10 | ▏",
                "0 | 10 | ''",
                "3 | 0 | ''",
                "12 | 10 | ██████████"
            })
    void bar_fillsThePart(String part, String whole, String expected) {
        assertThat(Bars.bar(new BigDecimal(part), new BigDecimal(whole), 10, true))
                .isEqualTo(expected);
    }

    @Test
    void bar_withoutUnicode_isOfHashes() {
        assertThat(Bars.bar(new BigDecimal("3"), new BigDecimal("10"), 10, false))
                .isEqualTo("###");
        assertThat(Bars.bar(new BigDecimal("0.001"), new BigDecimal("10"), 10, false))
                .isEqualTo("#");
    }

    @Test
    void sparkline_tellsNothingFromSomething() {
        List<BigDecimal> values = decimals("0", "0.001", "4", "8");

        assertThat(Bars.sparkline(values, 10, true)).isEqualTo("▁▂▅█");
        assertThat(Bars.sparkline(values, 10, false)).isEqualTo("_.=#");
    }

    @Test
    void sparkline_ofNothing_isFlat() {
        assertThat(Bars.sparkline(decimals("0", "0"), 10, true)).isEqualTo("▁▁");
        assertThat(Bars.sparkline(List.of(), 10, true)).isEmpty();
    }

    @Test
    void sparkline_addsUpNeighboursWhereThereIsNoRoom() {
        List<BigDecimal> ones =
                IntStream.range(0, 90).mapToObj(i -> BigDecimal.ONE).toList();

        assertThat(Bars.sparkline(ones, 40, true)).hasSize(30).matches("█+");
    }

    private static List<BigDecimal> decimals(String... texts) {
        return List.of(texts).stream().map(BigDecimal::new).toList();
    }
}
