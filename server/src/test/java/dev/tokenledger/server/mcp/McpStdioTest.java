package dev.tokenledger.server.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the lines are, those that are requests are answered, and the end of the input is the end. */
@Timeout(60)
class McpStdioTest {

    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2024-11-05\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n";
    private static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n";
    private static final String PONG = "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}";

    private static List<String> answers(String input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled())) {
            McpStdio.serve(
                    new Questions(
                            () -> ledger,
                            List::of,
                            InstantSource.fixed(Instant.parse("2026-11-22T12:00:00Z")),
                            ZoneOffset.UTC),
                    "1",
                    new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                    out);
        }
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void lineThatIsNoMessage_getsAnError_andTheNextItsAnswer() {
        List<String> answers = answers(INITIALIZE + INITIALIZED + "garbage\n" + PING + "{\"id\":1}\n\n" + PING);
        assertThat(answers).hasSize(5);
        assertThat(answers.get(0))
                .contains("\"protocolVersion\":\"2024-11-05\"")
                .contains("\"capabilities\":{\"tools\":{\"listChanged\":false}}");
        assertThat(answers.get(1)).startsWith("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,");
        assertThat(answers.get(2)).isEqualTo(PONG);
        assertThat(answers.get(3)).startsWith("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,");
        assertThat(answers.get(4)).isEqualTo(PONG);
    }

    @Test
    void idBeyond64Bits_isRefused_andTheNextLineAnswered() {
        assertThat(answers("{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"ping\"}\n" + PING))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"),
                        line -> assertThat(line).isEqualTo(PONG));
    }

    @Test
    void lineWithoutAnEnd_isAnswered() {
        assertThat(answers(PING.strip())).containsExactly(PONG);
        assertThat(answers("")).isEmpty();
    }

    @Test
    void longLine_isRefusedAlone() {
        String tooLong = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + "x".repeat(McpStdio.MAX_BYTES) + "\"}\n";
        assertThat(answers(tooLong + PING))
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"id\":null,\"error\":{\"code\":-32600,"),
                        line -> assertThat(line).isEqualTo(PONG));
        String blank = " ".repeat(McpStdio.MAX_BYTES - PING.strip().length());
        assertThat(answers(blank + PING)).containsExactly(PONG);
    }

    @Test
    void batch_isAnswered_onceTheVersionWithBatchesIsNegotiated() {
        String batch = "[" + PING.strip() + "," + INITIALIZED.strip() + "]\n";
        String refused = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,";
        for (String version : List.of("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")) {
            List<String> answers = answers(batch + INITIALIZE.replace("2024-11-05", version) + batch);
            assertThat(answers.get(0)).startsWith(refused);
            assertThat(answers.get(1)).contains("\"protocolVersion\":\"" + version + "\"");
            if (version.equals("2025-03-26")) {
                assertThat(answers.get(2)).isEqualTo("[" + PONG + "]");
            } else {
                assertThat(answers.get(2)).startsWith(refused);
            }
        }
    }
}
