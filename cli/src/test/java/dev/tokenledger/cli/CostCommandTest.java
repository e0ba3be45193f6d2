package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CostCommandTest {

    private static final String LINE = """
            {"model":"claude-sonnet-4-5","provider":"anthropic","timestamp":"2026-01-05T10:00:00Z",\
            "input_tokens":1000,"output_tokens":100,"cache_read_input_tokens":0,"cache_creation_input_tokens":0,\
            "cache_creation_5m_input_tokens":0,"cache_creation_1h_input_tokens":0,"service_tier":"standard"}
            """;

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
    }

    @Test
    void cost_exampleOfTheDocumentation() {
        assertThat(program.in(LINE).succeed("cost"))
                .startsWith(
                        "{\"cost_usd\":0.0045,\"pricing_status\":\"priced\",\"price_id\":\"anthropic/claude-sonnet-4-5@")
                .contains("\"unpriced_tokens\":{},\"notes\":[],\"input_tokens\":1000,\"output_tokens\":100,")
                .hasLineCount(1);
    }

    @Test
    void cost_providersPayload_isNormalised() {
        String line = "{\"model\":\"gpt-5\",\"format\":\"openai-chat\",\"usage\":{\"prompt_tokens\":1000,"
                + "\"completion_tokens\":100,\"total_tokens\":1100,\"prompt_tokens_details\":{\"cached_tokens\":400}}}\n";

        assertThat(program.in(line).succeed("cost"))
                .contains("\"input_tokens\":600,")
                .contains("\"cache_read_input_tokens\":400,");
    }

    @Test
    void cost_badLines_giveOneAnswerEachInOrder() {
        String long1 = "{\"model\":\"" + "x".repeat(2_000_000) + "\"}\n";
        Result result = program.in(LINE + "nonsense\n\n" + long1 + LINE).run("cost", "-");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines().map(line -> line.startsWith("{\"cost_usd\":0.0045,")))
                .containsExactly(true, false, false, false, true);
        assertThat(result.out().lines().skip(1).limit(3))
                .allMatch(line -> line.startsWith("{\"error\":\""))
                .element(2)
                .asString()
                .endsWith(",\"line\":4}");
    }

    @Test
    void cost_unpricedModel_costsNothingKnown() {
        assertThat(program.in("{\"model\":\"house-model:7b\",\"input_tokens\":5,\"cache_read_input_tokens\":7}\n")
                        .succeed("cost"))
                .startsWith("{\"cost_usd\":0,\"pricing_status\":\"unpriced\",\"price_id\":\"\",\"unpriced_tokens\":"
                        + "{\"input\":5,\"cache_read\":7},");
    }

    @Test
    void cost_ofAFile_storesNothing() {
        assertThat(program.succeed("cost", program.file("usage.ndjson", LINE + LINE)))
                .hasLineCount(2);
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void cost_withPricesOfOnesOwn() {
        String prices = program.file(
                "p.yaml", "pricing:\n  claude-sonnet-4-5: { input_per_million: 1000, output_per_million: 0 }\n");

        assertThat(program.in(LINE).succeed("cost", "--prices", prices)).startsWith("{\"cost_usd\":1,");
    }

    @Test
    void cost_missingFile_isSaid() {
        String missing = folder.resolve("missing").toString();

        assertThat(program.run("cost", missing))
                .isEqualTo(new Result(1, "", "cannot read " + missing + ": there is no such file\n"));
    }

    @Test
    @Timeout(60)
    void cost_answersBeforeItWaitsForMore() throws Exception {
        PipedOutputStream questions = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(questions, 1 << 16);
        PipedInputStream answers = new PipedInputStream(1 << 16);
        PipedOutputStream out = new PipedOutputStream(answers);
        Thread thread = new Thread(() -> program.in(in).runInto(out, "cost"));
        thread.start();
        questions.write(LINE.getBytes(StandardCharsets.UTF_8));
        questions.flush();

        // Were the answer held back until the end of the input, this would never return.
        byte[] first = answers.readNBytes(18);

        assertThat(new String(first, StandardCharsets.UTF_8)).isEqualTo("{\"cost_usd\":0.0045");
        questions.close();
        thread.join();
    }
}
