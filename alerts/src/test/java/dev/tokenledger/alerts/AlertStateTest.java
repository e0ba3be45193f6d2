package dev.tokenledger.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.alerts.AlertState.Delivery;
import dev.tokenledger.alerts.AlertState.Event;
import dev.tokenledger.alerts.AlertState.Standing;
import dev.tokenledger.alerts.AlertState.Status;
import dev.tokenledger.formats.budgets.BudgetPolicy;
import dev.tokenledger.formats.budgets.Channel;
import dev.tokenledger.formats.budgets.Threshold;
import dev.tokenledger.money.Usd;
import dev.tokenledger.testkit.Seeds;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlertStateTest {

    /** What a reader's state can hold. */
    private static final int MAX_STATE = 65_536;

    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    @Test
    void text_isReadBackAsItWas() {
        Seeds.run(500, random -> {
            AlertState state = state(random, random.nextInt(4), random.nextInt(4));
            assertThat(AlertState.parse(state.text())).isEqualTo(state);
        });
    }

    /** Deliveries are given up after two days, so at most four days have some. */
    @Test
    void text_ofTheMostThatThereCanBe_isAState() {
        RandomGenerator random = new SplittableRandom(1);
        AlertState state = state(random, 4 * BudgetPolicy.MAX_THRESHOLDS, Channel.MAX_CHANNELS);
        Duration all = AlertLog.DELAYS.stream().reduce(Duration.ZERO, Duration::plus);

        assertThat(state.text().length()).isLessThan(MAX_STATE);
        assertThat(all).isBetween(Duration.ofHours(47), Duration.ofHours(49));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2 0 1\n",
                "1 0\n",
                "1 0 x\n",
                "1 0 1\nx\n",
                "1 0 1\ne 0.5 0 1 0 1\n",
                "1 0 1\nd hook p 0 0 - -\n",
                "1 0 1\ne 0.5 0 1 0 1 - 1 0 0 --\nd hook x 0 0 - -\n"
            })
    void textOfAnotherVersion_isRefused(String text) {
        assertThatThrownBy(() -> AlertState.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private static AlertState state(RandomGenerator random, int events, int channels) {
        List<Event> all = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            Threshold threshold = switch (random.nextInt(4)) {
                case 0 -> Threshold.FORECAST;
                case 1 -> Threshold.UNPRICED;
                default -> new Threshold(Threshold.Kind.SHARE, BigDecimal.valueOf(1 + random.nextInt(99_999), 4));
            };
            List<Delivery> deliveries = new ArrayList<>();
            for (int j = 0; j < channels; j++) {
                deliveries.add(new Delivery(
                        (j + "x".repeat(64)).substring(0, 64),
                        Status.values()[random.nextInt(4)],
                        random.nextInt(13),
                        START.plusMillis(random.nextInt()),
                        random.nextBoolean() ? "" : "0123456789abcdef",
                        random.nextBoolean() ? "" : "no_such_host"));
            }
            all.add(new Event(
                    threshold,
                    START,
                    START.plus(Duration.ofDays(30)),
                    new Standing(
                            START.plusMillis(i),
                            Usd.ofPicos(random.nextLong(Long.MAX_VALUE)),
                            random.nextBoolean() ? Optional.empty() : Optional.of(Usd.ofPicos(random.nextInt(99))),
                            random.nextLong(1L << 40),
                            random.nextInt(9),
                            random.nextInt(9)),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    deliveries));
        }
        return new AlertState(START, START.plus(Duration.ofDays(30)), all);
    }
}
