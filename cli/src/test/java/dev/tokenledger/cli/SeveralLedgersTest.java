package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code --ledger} given several times. */
class SeveralLedgersTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @TempDir
    Path folder;

    private TestProgram program;
    private String eu;
    private String us;
    private String both;

    @BeforeEach
    void fill() {
        program = new TestProgram(folder);
        eu = folder.resolve("eu.db").toString();
        us = folder.resolve("us.db").toString();
        both = folder.resolve("both.db").toString();
        record(eu, "e1", "gpt-5", "6", "2026-11-03T10:00:00Z");
        record(eu, "e2", "house-eu", "10", "2026-11-04T10:00:00Z");
        record(us, "u1", "gpt-5", "6.5", "2026-11-05T10:00:00Z");
        record(us, "u2", "house-us", "9", "2026-11-06T10:00:00Z");
    }

    /** Into a ledger, and into the one that has all. */
    private void record(String ledger, String id, String model, String usd, String time) {
        for (String each : List.of(ledger, both)) {
            program.succeed(
                    "--ledger",
                    each,
                    "record",
                    "--id",
                    id,
                    "--model",
                    model,
                    "--cost-usd",
                    usd,
                    "--timestamp",
                    time,
                    "--input-tokens",
                    "100",
                    "--output-tokens",
                    "10");
        }
    }

    private Result ask(List<String> ledgers, String... command) {
        List<String> arguments = new ArrayList<>();
        ledgers.forEach(ledger -> arguments.addAll(List.of("--ledger", ledger)));
        arguments.addAll(Arrays.asList(command));
        return program.run(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "summary",
                "summary --by model",
                "summary --by model --limit 1 --format json",
                "summary --by model,source --every day --format csv",
                "summary --as-of 2026-11-30 --format json",
                "records --limit 3 --format json",
                "keys spend",
                "whatif --tier batch",
                "explain u1",
                "verify"
            })
    void commandsThatRead_answerAsOfOneLedgerWithAll(String command) {
        Result whole = ask(List.of(both), command.split(" "));
        Result sum = ask(List.of(eu, us), command.split(" "));
        assertThat(sum.err()).isEqualTo(whole.err());
        assertThat(sum.code()).isEqualTo(whole.code()).isZero();
        assertThat(comparable(sum.out())).isEqualTo(comparable(whole.out()));
        assertThat(sum.out()).isNotBlank();
    }

    /** Without what each ledger has of its own: when a record was written, and its place among others. */
    private static String comparable(String text) {
        return text.replaceAll("\"sequence\":\\d+", "\"sequence\":0")
                .replaceAll("\"next\":\"[^\"]*\"", "\"next\":\"\"")
                .replaceAll(",\"ledger\":\"(eu|us)\"|ledger    us\n", "")
                .replaceAll("; (schema version \\d+|in eu, us)", "");
    }

    @Test
    void entries_sayWhichLedgerTheyAreIn() throws Exception {
        String table = ask(List.of(eu, us), "records").out();
        assertThat(table.lines().toList().get(0)).contains("cost", "ledger", "id");
        assertThat(table).containsPattern("gpt-5 .* us  *u1\n").containsPattern("house-eu .* eu  *e2\n");
        String csv = ask(List.of(eu, us), "records", "--format", "csv").out();
        assertThat(csv.lines().map(line -> line.substring(line.lastIndexOf(',') + 1)))
                .containsExactly("ledger", "us", "us", "eu", "eu");
        JsonNode json = JSON.readTree(
                ask(List.of(eu, us), "records", "--format", "json").out());
        assertThat(json.get("records")
                        .valueStream()
                        .map(entry -> entry.get("ledger").asString()))
                .containsExactly("us", "us", "eu", "eu");
        assertThat(ask(List.of(eu, us), "explain", "u1").out()).contains("\nledger    us\n");
        String lines = ask(List.of(eu, us), "records", "--format", "ndjson", "--history")
                .out();
        assertThat(lines.lines()).hasSize(4).allMatch(line -> line.contains("\"ledger\":"));
        // What was exported of several ledgers becomes one.
        String copy = folder.resolve("copy.db").toString();
        program.succeed("--ledger", copy, "import", "ndjson", program.file("all.ndjson", lines));
        assertThat(ask(List.of(copy), "summary", "--by", "model").out())
                .isEqualTo(ask(List.of(both), "summary", "--by", "model").out());
        assertThat(ask(List.of(copy), "records", "--format", "json").out()).doesNotContain("\"ledger\"");
    }

    @Test
    void firstOfTheSum_isTheFirstOfNeither() throws Exception {
        JsonNode answer =
                JSON.readTree(ask(List.of(eu, us), "summary", "--by", "model", "--limit", "1", "--format", "json")
                        .out());
        assertThat(answer.at("/groups/0/key").asString()).isEqualTo("gpt-5");
        assertThat(answer.at("/groups/0/summary/total_cost_usd").decimalValue()).isEqualByComparingTo("12.5");
        assertThat(answer.at("/groups/1/other").asBoolean()).isTrue();
        assertThat(answer.at("/groups/1/summary/total_cost_usd").decimalValue())
                .isEqualByComparingTo(new BigDecimal("19"));
        assertThat(answer.has("missing_ledgers")).isFalse();
    }

    @Test
    void pages_goOnBehindTheLast() throws Exception {
        List<String> ids = new ArrayList<>();
        List<String> command = new ArrayList<>(List.of("records", "--limit", "1", "--format", "json"));
        JsonNode page;
        do {
            page = JSON.readTree(
                    ask(List.of(eu, us), command.toArray(String[]::new)).out());
            page.get("records").forEach(entry -> ids.add(entry.get("id").asString()));
            command.removeIf(word -> command.indexOf(word) > 4);
            command.addAll(List.of("--after", page.get("next").asString("")));
        } while (!page.get("next").isNull());
        assertThat(ids).containsExactly("u2", "u1", "e2", "e1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "record --model m",
                "import ndjson x.ndjson",
                "reverse e1 --reason why",
                "reprice --reason why",
                "close --before 2026-11-01 --reason why",
                "rebuild",
                "migrate",
                "backup copy.db",
                "copy a.db b.db",
                "budget notify"
            })
    void commandsThatWrite_takeOneLedger(String command) {
        Result result = ask(List.of(eu, us), command.split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("works on one ledger, and 2 are named; nothing was done");
        assertThat(ask(List.of(eu, us), "records", "--format", "ndjson").out().lines())
                .hasSize(4);
    }

    @Test
    void bookingABill_takesOneLedger() {
        String bill = program.file("bill.csv", "date,model,amount\n2026-11-03,gpt-5,7\n");
        Result result = ask(List.of(eu, us), "reconcile", "csv", bill, "--book", "--reason", "why");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("works on one ledger");
        Result compared = ask(List.of(eu, us), "reconcile", "csv", bill);
        assertThat(compared.out())
                .isEqualTo(ask(List.of(both), "reconcile", "csv", bill).out());
        assertThat(compared.code()).isEqualTo(1);
    }

    @Test
    void budgetsAndStatements_areOfAll() throws Exception {
        String budgets = program.file(
                "budgets.yaml",
                "budgets:\n  - name: Everything\n    period: month\n    usd: 20\n  - name: Ours\n    period: month\n    usd: 20\n"
                        + "    where: { model: gpt-5 }\n");
        String[] check = {"budget", "check", "--budgets", budgets, "--json"};
        // Neither ledger alone exceeds what both together do.
        assertThat(ask(List.of(eu), check).code()).isZero();
        assertThat(ask(List.of(us), check).code()).isZero();
        Result together = ask(List.of(eu, us), check);
        assertThat(together.code()).isEqualTo(1);
        assertThat(together.out()).isEqualTo(ask(List.of(both), check).out());
        assertThat(ask(List.of(eu, folder.resolve("gone.db").toString()), check).err())
                .startsWith("the ledger gone did not answer");
        for (String out : List.of("of-sum", "of-one")) {
            List<String> ledgers = out.equals("of-sum") ? List.of(eu, us) : List.of(both);
            Result made = ask(
                    ledgers,
                    "statement",
                    "--by",
                    "model",
                    "--out",
                    folder.resolve(out).toString());
            assertThat(made.code()).isZero();
        }
        assertThat(Files.readString(folder.resolve("of-sum/gpt-5.csv")))
                .isEqualTo(Files.readString(folder.resolve("of-one/gpt-5.csv")));
    }

    @Test
    void sameLedgerTwice_isRefused_byWhateverName() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), Path.of(eu));
        Path hard = Files.createLink(folder.resolve("hard.db"), Path.of(eu));
        String dots = folder.resolve("x/../eu.db").toString();
        Files.createDirectory(folder.resolve("x"));
        for (String other : List.of(eu, "b=" + eu, link.toString(), hard.toString(), dots)) {
            Result result = ask(List.of(eu, us, other), "summary");
            assertThat(result.code()).as(other).isEqualTo(2);
            assertThat(result.err()).as(other).contains("is named twice").contains("would count twice");
        }
    }

    @Test
    void names_areFilesOrStated_andDiffer() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Path copy = Files.copy(Path.of(us), other.resolve("eu.db"));
        Result result = ask(List.of(eu, copy.toString()), "summary");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("would both be called eu; name them, as in --ledger eu=");
        assertThat(ask(List.of("first=" + eu, "second=" + copy), "verify").out())
                .contains("in first, second");
        assertThat(ask(List.of(eu, us, "", "x"), "summary").err()).contains("--ledger: names no file");
    }

    @Test
    void missingLedger_failsTheQuestion_orMarksTheAnswer() throws Exception {
        String gone = folder.resolve("gone.db").toString();
        Result whole = ask(List.of(eu, gone), "summary");
        assertThat(whole.code()).isEqualTo(1);
        assertThat(whole.out()).isEmpty();
        assertThat(whole.err())
                .isEqualTo("the ledger gone did not answer: cannot open " + gone + ": there is no ledger\n");
        assertThat(Files.exists(Path.of(gone))).isFalse();

        Result table = ask(List.of(eu, gone), "summary", "--by", "model", "--partial", "60");
        assertThat(table.code()).isZero();
        assertThat(table.out()).contains("house-eu").contains("Partial: gone cannot be read");
        assertThat(table.err()).startsWith("warning: the answer is partial: the ledger gone did not answer");

        for (String command : List.of("summary", "records")) {
            Result answer = ask(List.of(eu, gone), command, "--format", "json", "--partial", "60");
            assertThat(answer.code()).isZero();
            JsonNode marked = JSON.readTree(answer.out()).get("missing_ledgers");
            assertThat(marked.size()).isEqualTo(1);
            assertThat(marked.at("/0/name").asString()).isEqualTo("gone");
            assertThat(marked.at("/0/reason").asString()).isEqualTo("cannot be read");
        }
        assertThat(ask(List.of(eu, gone), "records", "--partial", "60").out()).contains("Partial: gone");
        Result none = ask(List.of(gone, folder.resolve("away.db").toString()), "summary", "--partial", "60");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("the ledger gone did not").contains("the ledger away did not");
    }

    @Test
    void formatsWithoutAPlaceForIt_takeNoPartialAnswers() {
        for (String[] command : List.of(
                new String[] {"summary", "--format", "csv"},
                new String[] {"records", "--format", "csv"},
                new String[] {"records", "--format", "ndjson"})) {
            List<String> words = new ArrayList<>(List.of(command));
            words.addAll(List.of("--partial", "1"));
            Result result = ask(List.of(eu, us), words.toArray(String[]::new));
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains("--partial goes without --format");
        }
        assertThat(ask(List.of(eu), "summary", "--partial", "1").err())
                .contains("--partial goes with several --ledger");
        assertThat(ask(List.of(eu, us), "summary", "--partial", "0").code()).isEqualTo(2);
    }

    /** Takes connections and says nothing. */
    @Test
    void ledgersThatHang_areWaitedForNoLongerThanSaid() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "postgresql://nobody@127.0.0.1:" + silent.getLocalPort() + "/";
            Result result = ask(
                    List.of("one=" + address + "one?sslmode=disable", "two=" + address + "two?sslmode=disable"),
                    "summary",
                    "--partial",
                    "1");
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.out()).isEmpty();
            for (String name : List.of("one", "two")) {
                assertThat(result.err())
                        .contains("the ledger " + name + " did not answer: cannot summarize it: no answer within PT1S");
            }
        }
    }

    @Test
    void fileAndDatabase_areAddedUp() throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        String schema = server.newSchemaName();
        String address = server.address() + "?schema=" + schema;
        try {
            program.succeed("copy", us, address);
            for (String format : List.of("json", "csv")) {
                assertThat(ask(List.of(eu, address), "summary", "--by", "model", "--format", format)
                                .out())
                        .isEqualTo(ask(List.of(both), "summary", "--by", "model", "--format", format)
                                .out());
            }
            Result twice = ask(List.of(address, "again=" + address), "summary");
            assertThat(twice.code()).isEqualTo(2);
            assertThat(twice.err()).contains("is named twice");
        } finally {
            server.dropSchema(schema);
        }
    }

    /** A process reads two files, into one of which another writes, and a third that is not there yet. */
    @Test
    void server_readsWhatOthersWrite_andALedgerThatComes() throws Exception {
        String asia = folder.resolve("asia.db").toString();
        try (ServerChild server = new ServerChild(List.of(eu, "america=" + us, asia), folder, "--partial", "60")) {
            String partial = get(server, "/v1/summary").body();
            assertThat(partial)
                    .contains("\"total_records\":4,")
                    .contains("\"missing_ledgers\":[{\"name\":\"asia\",\"reason\":\"cannot be read\"}]");
            record(eu, "e3", "gpt-5", "1", "2026-11-07T10:00:00Z");
            record(asia, "a1", "gpt-5", "2", "2026-11-08T10:00:00Z");
            assertThat(get(server, "/v1/summary?group_by=model").body())
                    .isEqualTo(ask(List.of(both), "summary", "--by", "model", "--format", "json")
                            .out()
                            .strip());
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
            assertThat(get(server, "/").body()).doesNotContain("Partial:");
            assertThat(get(server, "/v1/records/a1").body()).contains("\"ledger\":\"asia\"");
            assertThat(get(server, "/v1/records?where.model=house-us").body()).contains("\"ledger\":\"america\"");
            assertThat(get(server, "/calls?period=all").body())
                    .contains("<th scope=\"col\">Ledger</th>", "<bdi>america</bdi>");
            assertThat(get(server, "/call?id=a1").body()).contains("asia");
            HttpResponse<String> refused = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(server.address().resolve("/v1/records"))
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\"}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("it adds up the ledgers eu, america, asia");
        }
    }

    private static HttpResponse<String> get(ServerChild server, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.address().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void agents_areAnsweredOfAll_andToldWhatIsMissing() {
        String question = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":"
                + "{\"name\":\"cost_summary\",\"arguments\":{\"period\":\"all\"}}}\n";
        program.in(question);
        assertThat(ask(List.of(eu, us), "mcp").out()).contains("All time: $31.5 for 4 calls");
        String gone = folder.resolve("gone.db").toString();
        program.in(question);
        assertThat(ask(List.of(eu, gone), "mcp", "--partial", "60").out())
                .contains("Partial: gone cannot be read")
                .contains("All time: $16 for 2 calls");
        program.in(question);
        assertThat(ask(List.of(eu, gone), "mcp").out())
                .contains("the ledger gone cannot be read; ask again later")
                .contains("\"isError\":true");
    }

    @Test
    void versions_areThoseOfEach() {
        Result result = ask(List.of(eu, us), "--version", "--verbose");
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains(eu + ": schema version").contains(us + ": schema version");
    }
}
