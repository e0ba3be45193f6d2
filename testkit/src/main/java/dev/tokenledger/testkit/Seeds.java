package dev.tokenledger.testkit;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Runs a random check many times, each from a seed of its own, and names the seed when one fails.
 *
 * <p>The seeds are the same in every build. The system property {@value #PROPERTY} runs every check from that one seed
 * instead: {@code mvn test -Dtokenledger.seed=42}.
 */
public final class Seeds {

    /** The system property that holds the one seed to run. */
    public static final String PROPERTY = "tokenledger.seed";

    private Seeds() {}

    /** A check that draws all its choices from one source. */
    @FunctionalInterface
    public interface Check {

        /** Checks once. */
        void run(RandomGenerator random) throws Exception;
    }

    /**
     * Runs a check from seeds 1 to {@code runs}, or from the seed of the system property alone.
     *
     * @throws AssertionError if a check fails; its message names the seed, its cause is the failure
     */
    public static void run(int runs, Check check) {
        Long only = Long.getLong(PROPERTY);
        if (only != null) {
            run(only.longValue(), check);
            return;
        }
        for (long seed = 1; seed <= runs; seed++) {
            run(seed, check);
        }
    }

    private static void run(long seed, Check check) {
        try {
            check.run(new SplittableRandom(seed));
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "with seed " + seed + " (run it alone with -D" + PROPERTY + "=" + seed + "): " + e.getMessage(), e);
        }
    }
}
