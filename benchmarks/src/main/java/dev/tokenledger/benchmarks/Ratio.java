package dev.tokenledger.benchmarks;

import java.util.List;

/**
 * How two stores' times compare, round by round. A target is met if the medians of both meet it.
 *
 * @param wall by the clock on the wall
 * @param processor by what was used of a processor, which other work on the machine hardly disturbs
 */
record Ratio(Sample wall, Sample processor) {

    /** How many times as long one store took as another, by the medians of each round. */
    static Ratio of(List<Times> ones, List<Times> others) {
        double[] wall = new double[ones.size()];
        double[] processor = new double[wall.length];
        for (int i = 0; i < wall.length; i++) {
            wall[i] = ones.get(i).wall().median() / others.get(i).wall().median();
            processor[i] =
                    ones.get(i).processor().median() / others.get(i).processor().median();
        }
        return new Ratio(Sample.of(wall), Sample.of(processor));
    }
}
