package dev.tokenledger.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/** A clock that stands still until it is told otherwise. Safe for use by many threads. */
public final class SettableClock implements InstantSource {

    private volatile Instant now;

    /** A clock that shows this instant. */
    public SettableClock(Instant now) {
        this.now = Objects.requireNonNull(now, "now");
    }

    /** Shows another instant from now on, an earlier one too. */
    public synchronized void set(Instant instant) {
        now = Objects.requireNonNull(instant, "instant");
    }

    /** Moves by so much, back when it is negative. */
    public synchronized void advance(Duration duration) {
        now = now.plus(duration);
    }

    @Override
    public Instant instant() {
        return now;
    }
}
