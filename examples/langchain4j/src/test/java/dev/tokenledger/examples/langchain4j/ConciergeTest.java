package dev.tokenledger.examples.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
class ConciergeTest {

    @TempDir
    Path folder;

    @Test
    void bothRoundsOfEachGuest_areInTheLedger() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Concierge.run(folder.resolve("usage.db"), new PrintStream(out, true, StandardCharsets.UTF_8));
        // Twice (300 × 0.40 + 1,200 × 0.10 + 40 × 1.60) USD per million
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .contains(
                        "Amara: There is a table for four at eight.",
                        "Amara: 2 calls, 2400 tokens from the cache, 0.000608 USD",
                        "Bente: 2 calls, 2400 tokens from the cache, 0.000608 USD");
    }
}
