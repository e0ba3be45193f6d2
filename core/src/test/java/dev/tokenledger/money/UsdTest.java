package dev.tokenledger.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsdTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.000, 0",
        "1.50, 1.5",
        "0.001615, 0.001615",
        "1000000, 1000000",
        "0.000000000001, 0.000000000001",
        "-2.5, -2.5",
        "1e3, 1000",
        "1E-12, 0.000000000001",
        "+7, 7",
        "9000000, 9000000"
    })
    void parse_readsADecimalNumberExactly_andPrintsItPlainly(String text, String plain) {
        assertThat(Usd.parse(text)).hasToString(plain);
        assertThat(Usd.parse(plain)).isEqualTo(Usd.parse(text));
        assertThat(Usd.parse(text).toBigDecimal()).isEqualByComparingTo(new BigDecimal(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "1,5", "$1", "1.", ".5", "NaN", "Infinity", "0x1", "1e999", "1 ", "١", "--1", "1_000"})
    void parse_refusesWhatIsNoDecimalNumber(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Usd.parse(text))
                .withMessageContaining("\"" + text + "\"");
    }

    @Test
    void parse_refusesWhatIsFinerThanAPicodollar_orEndless() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Usd.parse("0.0000000000001"))
                .withMessageContaining("12 digits");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Usd.parse("1".repeat(129)))
                .withMessageEndingWith("…\"");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0000000000005, 0", "0.0000000000015, 0.000000000002", "0.0000000000025, 0.000000000002",
        "0.00000000000250000001, 0.000000000003", "0.0000000000035, 0.000000000004", "-0.0000000000005, 0",
        "0.00000000000149999999, 0.000000000001"
    })
    void rounded_goesToTheNearest_andTiesToTheEvenDigit(String exact, String rounded) {
        assertThat(Usd.rounded(new BigDecimal(exact))).hasToString(rounded).isEqualTo(Usd.parse(rounded));
    }

    @Test
    void tenMillionTimesATenMillionth_isExactlyOne() {
        Usd sum = Usd.ZERO;
        Usd share = Usd.parse("0.0000001");
        for (int i = 0; i < 10_000_000; i++) {
            sum = sum.plus(share);
        }
        assertThat(sum).isEqualTo(Usd.parse("1")).hasToString("1");
    }

    @Test
    void sums_areTheSameInEveryOrder_andBeyondALong() {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            List<Usd> amounts = new ArrayList<>();
            BigInteger expected = BigInteger.ZERO;
            for (int i = 0; i < 50; i++) {
                long picos = random.nextBoolean() ? random.nextLong() : random.nextInt(100);
                amounts.add(Usd.ofPicos(picos));
                expected = expected.add(BigInteger.valueOf(picos));
            }
            Usd sum = amounts.stream().reduce(Usd.ZERO, Usd::plus);
            Collections.shuffle(amounts, random);
            assertThat(amounts.stream().reduce(Usd.ZERO, Usd::plus))
                    .as("seed %d", seed)
                    .isEqualTo(sum);
            assertThat(sum.toBigDecimal().movePointRight(Usd.SCALE).toBigIntegerExact())
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void parts_giveTheSameSumAsWholeAmounts() {
        for (long seed = 1; seed <= 500; seed++) {
            Random random = new Random(seed);
            long high = 0;
            long low = 0;
            Usd sum = Usd.ZERO;
            for (int i = random.nextInt(40); i >= 0; i--) {
                long picos = switch (random.nextInt(4)) {
                    case 0 -> random.nextLong();
                    case 1 -> Usd.RECORD_LIMIT.picos();
                    case 2 -> -random.nextInt(10);
                    default -> random.nextInt();
                };
                high += picos >> 32;
                low += picos & 0xffff_ffffL;
                sum = sum.plus(Usd.ofPicos(picos));
            }
            assertThat(Usd.ofParts(high, low)).as("seed %d", seed).isEqualTo(sum);
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                1L << 30,
                -(1L << 30),
                (1L << 30) - 1,
                1L << 61,
                -(1L << 61),
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void parts_neverOverflow(long one) {
        for (long other : new long[] {0, 1, -1, one, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThat(Usd.ofParts(one, other)
                            .toBigDecimal()
                            .movePointRight(Usd.SCALE)
                            .toBigIntegerExact())
                    .isEqualTo(BigInteger.valueOf(one).shiftLeft(32).add(BigInteger.valueOf(other)));
        }
    }

    @Test
    void picos_areExact_andRefusedBeyondALong() {
        assertThat(Usd.parse("1").picos()).isEqualTo(1_000_000_000_000L);
        assertThat(Usd.ofPicos(Long.MIN_VALUE).picos()).isEqualTo(Long.MIN_VALUE);
        assertThat(Usd.RECORD_LIMIT).hasToString("9000000");
        Usd twice = Usd.RECORD_LIMIT.plus(Usd.RECORD_LIMIT);
        assertThat(twice).hasToString("18000000");
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(twice::picos);
    }

    /** Written out, such a number would be millions of digits. */
    @ParameterizedTest
    @ValueSource(strings = {"1E+2000000000", "-1E+2000000000", "1E-2000000000", "1E+100"})
    void amountsBeyondAllBounds_areRefusedInFewWords(String number) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Usd.of(new BigDecimal(number)))
                .withMessageContaining(Decimals.shown(new BigDecimal(number)))
                .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(200));
    }

    @Test
    void amounts_areEqualByValue_andOrdered() {
        assertThat(Usd.of(new BigDecimal("1.50"))).isEqualTo(Usd.parse("1.5")).hasSameHashCodeAs(Usd.parse("1.5"));
        assertThat(Usd.of(new BigDecimal("1E+3"))).hasToString("1000");
        assertThat(Usd.ofPicos(0)).isSameAs(Usd.ZERO).isEqualTo(Usd.parse("0"));
        assertThat(Usd.ZERO.negated()).isEqualTo(Usd.ZERO);
        assertThat(Usd.parse("2").minus(Usd.parse("3")))
                .isEqualTo(Usd.parse("1").negated());
        assertThat(Usd.parse("-1").signum()).isNegative();
        assertThat(List.of(Usd.parse("10"), Usd.parse("9"), Usd.parse("-1")).stream()
                        .sorted())
                .containsExactly(Usd.parse("-1"), Usd.parse("9"), Usd.parse("10"));
        assertThat(Usd.parse("1").equals((Object) "1")).isFalse();
    }
}
