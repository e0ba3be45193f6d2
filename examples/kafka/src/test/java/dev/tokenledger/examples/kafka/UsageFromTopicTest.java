package dev.tokenledger.examples.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what its page says. */
@Tag("kafka")
class UsageFromTopicTest {

    @TempDir
    Path folder;

    @Test
    void callsOfAMonth_areInTheLedger() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        UsageFromTopic.month(
                folder.resolve("usage.db"),
                Path.of("../october.ndjson"),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .startsWith("615 messages: 610 calls stored, 5 known already")
                .contains("claude-opus-5: 64 calls, 3.45029425 USD");
    }
}
