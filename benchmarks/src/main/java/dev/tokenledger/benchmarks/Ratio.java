package dev.tokenledger.benchmarks;

/**
 * How two stores' times compare. A target is met if both parts meet it.
 *
 * @param rounds of the medians, round by round
 * @param fastest of the fastest of all rounds, which other work on the machine disturbs least
 */
record Ratio(Sample rounds, double fastest) {}
