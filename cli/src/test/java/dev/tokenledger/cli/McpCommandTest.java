package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class McpCommandTest {

    /** For a JVM to start on a machine that has much else to do. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @Test
    void process_answersAnAgent(@TempDir Path folder) {
        Path ledger = folder.resolve("ledger.db");
        new TestProgram(folder)
                .succeed("record", "--model", "claude-sonnet-4-5", "--provider", "anthropic", "--input-tokens", "1000");
        ServerParameters program = ServerParameters.builder(JAVA)
                .args(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--ledger",
                        ledger.toString(),
                        "mcp")
                .build();
        try (McpSyncClient client = McpClient.sync(new StdioClientTransport(program, McpJsonDefaults.getMapper()))
                .initializationTimeout(PATIENCE)
                .requestTimeout(PATIENCE)
                .build()) {
            assertThat(client.initialize().serverInfo().name()).isEqualTo("tokenledger");
            CallToolResult result = client.callTool(CallToolRequest.builder("cost_summary")
                    .arguments(Map.of("period", "all", "group_by", "model"))
                    .build());
            assertThat(((TextContent) result.content().get(0)).text())
                    .startsWith("All time: $0.003 for 1 call\n")
                    .endsWith("- claude-sonnet-4-5: $0.003 for 1 call");
        }
    }

    @Test
    @SuppressWarnings("JdkObsolete") // An enumeration is what streams one after the other are taken from.
    void startedBeforeTheLedgerIsThere_answersFromItOnceItIs(@TempDir Path folder) {
        TestProgram program = new TestProgram(folder);
        String question = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":"
                + "{\"name\":\"cost_summary\",\"arguments\":{\"period\":\"all\"}}}\n";
        Iterator<Supplier<String>> input = List.<Supplier<String>>of(() -> INITIALIZE + question, () -> {
                    program.succeed("record", "--model=m", "--cost-usd=0.25");
                    return question + question;
                })
                .iterator();
        InputStream agent = new SequenceInputStream(new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return input.hasNext();
            }

            @Override
            public InputStream nextElement() {
                return new ByteArrayInputStream(input.next().get().getBytes(StandardCharsets.UTF_8));
            }
        });

        assertThat(new TestProgram(folder).in(agent).succeed("mcp").lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"serverInfo\""),
                        line -> assertThat(line)
                                .contains("there is no ledger at " + folder.resolve("ledger.db") + " yet")
                                .contains("\"isError\":true"),
                        line -> assertThat(line).contains("All time: $0.25 for 1 call"),
                        line -> assertThat(line).contains("All time: $0.25 for 1 call"));
    }

    /** What an agent reads line by line must hold nothing else, and the process must end with its input. */
    @Test
    void process_writesNothingButTheProtocol_andEndsWithItsInput(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path in = Files.writeString(folder.resolve("in"), INITIALIZE + "garbage\n");
        Process process = new ProcessBuilder(
                        JAVA,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--ledger",
                        folder.resolve("none.db").toString(),
                        "mcp")
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isZero();
        List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
        assertThat(lines)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("{").contains("\"serverInfo\":{\"name\":\"tokenledger\""),
                        line -> assertThat(line).startsWith("{").contains("\"code\":-32700"));
        assertThat(folder.resolve("err")).content(StandardCharsets.UTF_8).doesNotContain("ERROR", "Exception");
        assertThat(folder.resolve("none.db")).doesNotExist();
    }
}
