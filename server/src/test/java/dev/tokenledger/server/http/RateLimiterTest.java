package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    private static final Caller NOBODY = new Caller(Optional.empty(), false);

    private final AtomicLong nanos = new AtomicLong();
    private final RateLimiter allowance = new RateLimiter(10, nanos::get);

    @Test
    void burst_isTwoSecondsWorth() {
        for (int i = 0; i < 20; i++) {
            allowance.count(NOBODY, "a");
        }
        assertThatThrownBy(() -> allowance.count(NOBODY, "a"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(429));
    }

    @Test
    void bucket_fillsWithTime() {
        for (int i = 0; i < 20; i++) {
            allowance.count(NOBODY, "a");
        }
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        assertThatCode(() -> allowance.count(NOBODY, "a")).doesNotThrowAnyException();
        assertThatThrownBy(() -> allowance.count(NOBODY, "a")).isInstanceOf(Problem.class);
    }

    @Test
    void callers_areCountedApart() {
        Caller known = new Caller(
                Optional.of(
                        ApiKey.create("k", Set.of(Scope.READ), Instant.EPOCH).key()),
                true);
        for (int i = 0; i < 20; i++) {
            allowance.count(NOBODY, "a");
        }
        assertThatCode(() -> allowance.count(NOBODY, "b")).doesNotThrowAnyException();
        assertThatCode(() -> allowance.count(known, "a")).doesNotThrowAnyException();
    }

    @Test
    void memory_isBounded() {
        for (int i = 0; i < 50_000; i++) {
            allowance.count(NOBODY, "address " + i);
        }
        assertThat(allowance.remembered()).isEqualTo(10_000);
    }
}
