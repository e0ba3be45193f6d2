package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PricesUpdateCommandTest {

    private static final Instant LATER = TestProgram.NOW.plus(Duration.ofDays(7));

    @TempDir
    Path folder;

    private TestProgram program;
    private ListServer server;
    private Path kept;

    @BeforeEach
    void setUp() throws Exception {
        program = new TestProgram(folder);
        server = new ListServer(folder);
        kept = folder.resolve(".config/tokenledger/prices-updated.yaml");
    }

    @AfterEach
    void tearDown() {
        server.close();
    }

    private static String list(String input, String output) {
        return "{\"acme/rocket-1\":{\"litellm_provider\":\"acme\",\"mode\":\"chat\",\"input_cost_per_token\":" + input
                + ",\"output_cost_per_token\":" + output + "}}";
    }

    private String cost(String time) {
        return program.in("{\"model\":\"rocket-1\",\"provider\":\"acme\",\"timestamp\":\"" + time
                        + "\",\"input_tokens\":1000000,\"output_tokens\":0}")
                .succeed("cost", "-");
    }

    private Result update(String... more) {
        String[] arguments = new String[more.length + 4];
        System.arraycopy(new String[] {"prices", "update", "--url", server.url("/list.json")}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return program.run(arguments);
    }

    @Test
    void twoUpdatesAWeekApart_leaveLastWeeksPriceForLastWeeksCalls() {
        server.serves(list("1e-06", "2e-06"), "\"one\"");
        assertThat(update().out())
                .contains("fetched   " + server.url("/list.json") + "\n")
                .containsPattern("sha256    [0-9a-f]{64}\n")
                .contains("read      1 prices\n", "new       1\n");
        assertThat(cost("2026-11-22T12:00:00Z")).contains("\"cost_usd\":1,");

        program.at(LATER);
        server.serves(list("3e-06", "2e-06"), "\"two\"");
        assertThat(update().out()).contains("changed   1\n").contains("  acme/rocket-1: input 1 -> 3\n");

        assertThat(cost("2026-11-29T11:59:59Z")).contains("\"cost_usd\":1,");
        assertThat(cost("2026-11-29T12:00:00Z")).contains("\"cost_usd\":3,");
        assertThat(server.asked()).containsExactly("null", "\"one\"");
        assertThat(program.succeed("prices", "check", kept.toString())).endsWith("2 prices, no mistakes\n");
        assertThat(program.succeed("prices", "list", "rocket").lines().filter(line -> line.startsWith("acme")))
                .hasSize(2);
    }

    @Test
    void aBundledPrice_keepsWhatTheListDoesNotState_andItsPastPrice() {
        // The book's rates for input and output, another for cache reads, and nothing about batches or searches.
        server.serves("""
                {"claude-opus-4-8":{"litellm_provider":"anthropic","input_cost_per_token":5e-06,
                 "output_cost_per_token":2.5e-05,"cache_read_input_token_cost":6e-07}}
                """, "\"one\"");

        assertThat(update().out()).contains("anthropic/claude-opus-4-8: cache_read 0.5 -> 0.6\n");

        String shown = program.succeed("prices", "show", "claude-opus-4-8");
        String updated = shown.substring(0, shown.indexOf("# in: bundled"));
        assertThat(updated)
                .contains("cache_read: 0.6", "cache_write_1h: 10", "batch: { multiplier: 0.5 }", "web_search: 0.01");
        assertThat(updated).contains("LiteLLM (2026-11-22)");
    }

    @Test
    void otherBaseRates_leaveOnlyWhatTheListStates() {
        server.serves("""
                {"claude-opus-4-8":{"litellm_provider":"anthropic","input_cost_per_token":4e-06,
                 "output_cost_per_token":2.5e-05}}
                """, "\"one\"");

        update();

        String shown = program.succeed("prices", "show", "claude-opus-4-8");
        assertThat(shown.substring(0, shown.indexOf("# in: bundled")))
                .contains("input: 4")
                .doesNotContain("cache_write", "batch", "web_search");
    }

    @Test
    void whatIsUnchanged_isNotFetchedAgain_butKnownToBeSo() throws IOException {
        server.serves(list("1e-06", "2e-06"), "\"one\"");
        update();
        String before = Files.readString(kept);

        program.at(LATER);
        assertThat(update().out()).startsWith("the list is as it was, sha256 ");

        assertThat(Files.readString(kept))
                .isEqualTo(before.replace("# fetched: 2026-11-22T12:00:00Z", "# fetched: 2026-11-29T12:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "not json",
                "{\"data\":[]}",
                "[]",
                "\u0000\u0001",
                "{\"acme/rocket-1\":{\"litellm_provider\":"
            })
    void aBrokenList_changesNothing(String broken) throws IOException {
        server.serves(list("1e-06", "2e-06"), "\"one\"");
        update();
        String before = Files.readString(kept);

        server.serves(broken, "\"two\"");
        Result result = update();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("cannot update prices from " + server.url("/list.json") + ": ")
                .endsWith("; nothing was changed\n");
        assertThat(Files.readString(kept)).isEqualTo(before);
    }

    @Test
    void aListThatIsCut_TooLarge_OrNotThere_changesNothing() {
        byte[] whole = list("1e-06", "2e-06").getBytes(StandardCharsets.UTF_8);
        server.answers(exchange -> {
            exchange.sendResponseHeaders(200, whole.length + 100);
            exchange.getResponseBody().write(whole);
        });
        assertThat(update().code()).isEqualTo(1);

        server.answers(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] blanks = new byte[1 << 16];
                for (int i = 0; i < 200; i++) {
                    out.write(blanks);
                }
            }
        });
        assertThat(update().err()).contains("it is larger than 8388608 bytes; nothing was changed");

        server.answers(exchange -> exchange.sendResponseHeaders(503, -1));
        assertThat(update().err()).contains("the server answered with status 503; nothing was changed");
        assertThat(kept).doesNotExist();
    }

    @Test
    void anAddressThatIsNotHttps_orLeadsAwayFromIt_isRefused() {
        server.answers(exchange -> {
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:9/list.json");
            exchange.sendResponseHeaders(302, -1);
        });
        assertThat(update().err()).contains("status 302; nothing was changed");
        assertThat(program.run("prices", "update", "--url", "http://example.org/list.json"))
                .isEqualTo(new Result(
                        2,
                        "",
                        program.run("prices", "update", "--url", "http://example.org/list.json")
                                .err()))
                .satisfies(result -> assertThat(result.err()).contains("begins with https://"));
        assertThat(program.run("prices", "update", "--from", "portkey").err()).contains("--url: Portkey");
        assertThat(program.run("prices", "update", "--from", "nobody").err())
                .contains("--from: expected one of litellm");
    }

    @Test
    void anUnknownCertificate_isRefused() {
        server.serves(list("1e-06", "2e-06"), "\"one\"");
        server.isNotTrusted();

        Result result = update();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("nothing was changed");
        assertThat(server.asked()).isEmpty();
        assertThat(kept).doesNotExist();
    }

    @Test
    void theUsersOwnPrices_goBeforeUpdatedOnes() {
        server.serves(list("1e-06", "2e-06"), "\"one\"");
        update();
        program.file(".config/tokenledger/prices.yaml", """
                prices:
                  - { provider: acme, model: rocket-1, usd_per_million: { input: 7, output: 7 } }
                """);
        assertThat(cost("2026-11-22T12:00:00Z")).contains("\"cost_usd\":7,");
    }

    @Test
    void oldPrices_areToldOnce_untilAnUpdate() {
        program.file("one.ndjson", "{\"id\":\"a\",\"model\":\"rocket-1\",\"provider\":\"acme\",\"input_tokens\":1}\n");
        program.succeed("import", "ndjson", folder.resolve("one.ndjson").toString());
        assertThat(program.run("summary").err()).doesNotContain("prices update");

        program.at(Instant.parse("2027-03-01T00:00:00Z"));
        assertThat(program.run("summary").err())
                .containsOnlyOnce("days ago; 'tokenledger prices update' fetches newer prices\n");
        assertThat(program.run("prices", "list", "sonnet").err()).containsOnlyOnce("'tokenledger prices update'");

        server.serves(list("1e-06", "2e-06"), "\"one\"");
        update();
        assertThat(program.run("summary").err()).doesNotContain("prices update");
    }
}
