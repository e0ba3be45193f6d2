package dev.tokenledger.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {

    @ParameterizedTest
    @CsvSource({"3, 3, 0", "0.30, 0.3, 1", "1e6, 1000000, 0", "0.000, 0, 0", "-0.0, 0, 0", "2.5E-3, 0.0025, 4"})
    void parse_givesThePlainNumber(String text, String plain, int scale) {
        BigDecimal number = Decimals.parse(text);
        assertThat(number.toPlainString()).isEqualTo(plain);
        assertThat(number).hasToString(plain);
        assertThat(number.scale()).isEqualTo(scale);
    }

    @Test
    void parse_saysWhatIsExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Decimals.parse("0,25"))
                .withMessage("expected a decimal number such as 0.25, found \"0,25\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Decimals.parse("9".repeat(63) + "\uD83D\uDCB8" + "9"))
                .withMessageNotContaining("\uD83D")
                .withMessageEndingWith("…\"");
    }

    @Test
    void plain_hasNoTrailingZerosAndNoExponent() {
        assertThat(Decimals.plain(new BigDecimal("1E+3"))).hasToString("1000");
        assertThat(Decimals.plain(new BigDecimal("100"))).hasToString("100");
        assertThat(Decimals.plain(new BigDecimal("0E-20"))).isSameAs(BigDecimal.ZERO);
    }
}
