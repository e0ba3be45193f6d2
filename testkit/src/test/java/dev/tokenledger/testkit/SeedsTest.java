package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void failure_namesItsSeed_andHowToRunItAlone() {
        Assumptions.assumeTrue(Long.getLong(Seeds.PROPERTY) == null, "somebody runs one seed alone");
        long third = new SplittableRandom(3).nextLong();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() ->
                        Seeds.run(5, random -> assertThat(random.nextLong()).isNotEqualTo(third)))
                .withMessageStartingWith("with seed 3 (run it alone with -Dtokenledger.seed=3): ")
                .withCauseInstanceOf(AssertionError.class);
    }

    @Test
    void equalSeeds_drawEqualRecords() {
        List<UsageRecord> first = records(7);
        assertThat(records(7)).isEqualTo(first);
        assertThat(records(8)).isNotEqualTo(first);
    }

    private static List<UsageRecord> records(long seed) {
        RecordGenerator generator = new RecordGenerator(new SplittableRandom(seed));
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            records.add(generator.next());
        }
        return records;
    }
}
