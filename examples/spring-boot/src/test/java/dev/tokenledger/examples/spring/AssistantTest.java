package dev.tokenledger.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
class AssistantTest {

    @TempDir
    Path folder;

    @Test
    void bothTeamsCalls_areInTheLedger() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Assistant.run(folder.resolve("usage.db"), new PrintStream(out, true, StandardCharsets.UTF_8));
        // (24 × 3 + 3,800 × 0.30 + 12 × 15) USD per million
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .contains(
                        "search: 1 calls, 3800 tokens from the cache, 0.001392 USD",
                        "support: 1 calls, 3800 tokens from the cache, 0.001392 USD");
    }
}
