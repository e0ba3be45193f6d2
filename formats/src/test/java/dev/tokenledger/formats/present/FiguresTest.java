package dev.tokenledger.formats.present;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.money.Usd;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "999 | 999",
                "1000 | 1,000",
                "1234567 | 1,234,567",
                "-1234567 | -1,234,567",
                "9223372036854775807 | 9,223,372,036,854,775,807",
                "-9223372036854775808 | -9,223,372,036,854,775,808"
            })
    void count_hasSeparators(long count, String expected) {
        assertThat(Figures.count(count)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "9999 | 9,999",
                "10000 | 10.0K",
                "12345 | 12.3K",
                "99950 | 100K",
                "123456 | 123K",
                "999499 | 999K",
                "999500 | 1.00M",
                "1234567 | 1.23M",
                "12345678 | 12.3M",
                "999999999 | 1.00B",
                "1234567890123 | 1.23T",
                "9223372036854775807 | 9,220,000T",
                "-12345 | -12.3K"
            })
    void tokens_haveThreeDigitsFromTenThousandOn(long tokens, String expected) {
        assertThat(Figures.tokens(tokens)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0 bytes",
                "1 | 1 byte",
                "9999 | 9,999 bytes",
                "10000 | 10.0 kB",
                "350123456 | 350 MB",
                "1139999999 | 1.14 GB",
                "9223372036854775807 | 9,220,000 TB"
            })
    void bytes_haveThreeDigitsFromTenThousandOn(long bytes, String expected) {
        assertThat(Figures.bytes(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 2 | $0.00",
                "0.009999 | 2 | <$0.01",
                "0.000000000001 | 2 | <$0.01",
                "0.01 | 2 | $0.01",
                "0.125 | 2 | $0.12",
                "0.135 | 2 | $0.14",
                "1234567.891 | 2 | $1,234,567.89",
                "0.1605 | 4 | $0.1605",
                "0.00001 | 4 | <$0.0001",
                "-0.00001 | 4 | -<$0.0001",
                "-2.5 | 2 | -$2.50"
            })
    void usd_neverShowsNothingForSomething(String amount, int decimals, String expected) {
        assertThat(Figures.usd(Usd.parse(amount), decimals)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0 | $0.00", "22.5 | $22.50", "0.001615 | $0.001615", "1234.5 | $1,234.50", "-0.0525 | -$0.0525"})
    void exactUsd_hasAllDigits(String amount, String expected) {
        assertThat(Figures.exactUsd(Usd.parse(amount))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 3 | 33%",
                "2 | 3 | 67%",
                "1 | 1000 | <1%",
                "0 | 5 | 0%",
                "199 | 200 | >99%",
                "99.999999 | 100 | >99%",
                "99.4 | 100 | 99%",
                "5 | 5 | 100%",
                "100.4 | 100 | 100%",
                "0 | 0 | -"
            })
    void percent_whatIsNeitherNothingNorAll_neverLooksLikeIt(String part, String whole, String expected) {
        assertThat(Figures.percent(new BigDecimal(part), new BigDecimal(whole))).isEqualTo(expected);
    }

    @Test
    void decimals_areFourBelowOneDollar() {
        assertThat(Figures.decimals(Usd.parse("0.999999"))).isEqualTo(4);
        assertThat(Figures.decimals(Usd.parse("1"))).isEqualTo(2);
        assertThat(Figures.decimals(Usd.parse("-12"))).isEqualTo(2);
    }
}
