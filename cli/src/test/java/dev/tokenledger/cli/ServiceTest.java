package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The program as a service: its settings, its log, its end. */
class ServiceTest {

    private static final Path DOCUMENT = Path.of("").toAbsolutePath().resolveSibling("docs/operations.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(--[a-z-]+)` \\| `([A-Z_]+)` \\|");

    @TempDir
    private Path folder;

    /** The table of the document: by option, its variable. */
    private static Map<String, String> documented() throws IOException {
        return ROW.matcher(Files.readString(DOCUMENT))
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1),
                        (MatchResult row) -> row.group(2),
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    @Test
    void everyOptionOfServe_isInTheTable_andTakesItsVariable() throws IOException {
        Map<String, String> table = documented();
        CommandLine serve = parsed(Map.of());
        for (OptionSpec option : serve.getCommandSpec().options()) {
            if (option.inherited() || option.usageHelp()) {
                continue;
            }
            String name = option.longestName();
            assertThat(table).as(name).containsEntry(name, VariableDefaults.name(name));
            Object untouched = option.getValue();
            String value = sample(name);
            OptionSpec set =
                    parsed(Map.of(table.get(name), value)).getCommandSpec().findOption(name);
            Object taken = set.getValue();
            assertThat(taken).as(name).isNotEqualTo(untouched).isNotNull();
            Object given = parsed(Map.of(table.get(name), value), name, other(name))
                    .getCommandSpec()
                    .findOption(name)
                    .getValue();
            if (set.arity().max() > 0) {
                assertThat(given).as(name + " given").isNotEqualTo(taken);
            }
            Object emptyValue = parsed(Map.of(table.get(name), ""))
                    .getCommandSpec()
                    .findOption(name)
                    .getValue();
            assertThat(emptyValue).as(name + " empty").isEqualTo(untouched);
        }
    }

    /** What the unit, the container's recipe and the compose file set is something that the program reads. */
    @ParameterizedTest
    @ValueSource(strings = {"Containerfile", "compose.yaml", "tokenledger.default", "tokenledger.service"})
    void variablesOfTheRecipes_areReadBySomething(String recipe) throws IOException {
        List<String> read = new ArrayList<>(documented().values());
        // The program's launcher's, and the database's.
        read.addAll(List.of("TOKENLEDGER_JAVA_OPTIONS", "TOKENLEDGER_LEDGER_PASSWORD_FILE"));
        List<String> set = Pattern.compile("TOKENLEDGER_[A-Z_]+")
                .matcher(Files.readString(DOCUMENT.resolveSibling("../dist/" + recipe)))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(set).isNotEmpty().isSubsetOf(read);
    }

    private static CommandLine parsed(Map<String, String> variables, String... options) {
        String[] arguments = new String[options.length == 0 || options[1].isEmpty() ? 1 : 3];
        arguments[0] = "serve";
        if (arguments.length == 3) {
            System.arraycopy(options, 0, arguments, 1, 2);
        }
        CommandLine commands = Commands.build(
                new RootCommand(), arguments, Terminal.of(false, false, Map.of()), new VariableDefaults(variables));
        return commands.parseArgs(arguments).subcommand().commandSpec().commandLine();
    }

    private static String sample(String option) {
        return switch (option) {
            case "--port", "--grpc-port" -> "0";
            case "--partial" -> "10";
            case "--path-prefix" -> "/below";
            case "--currency" -> "EUR";
            case "--users" -> "hash";
            case "--zone" -> "Asia/Kathmandu";
            case "--log-format" -> "json";
            case "--require-keys", "--insecure", "--access-log", "--metrics-as-records" -> "true";
            default -> "/tmp/from-a-variable";
        };
    }

    private static String other(String option) {
        return switch (option) {
            case "--port", "--grpc-port" -> "1";
            case "--partial" -> "20";
            case "--path-prefix" -> "/other";
            case "--currency" -> "GBP";
            case "--users" -> "leave_out";
            case "--zone" -> "UTC";
            case "--log-format" -> "text";
            case "--require-keys", "--insecure", "--access-log", "--metrics-as-records" -> "";
            default -> "/tmp/given";
        };
    }

    @Test
    void variablesOfEveryCommand_areTaken() throws IOException {
        assertThat(documented()).containsKeys("--ledger", "--prices", "--zone");
        TestProgram program = new TestProgram(folder);
        String prices = program.file("own.yaml", """
                prices:
                  - provider: house
                    model: blend-1
                    from: 2026-01-01
                    usd_per_million: {input: 2}
                """);
        program.variable("TOKENLEDGER_PRICES", prices).variable("TOKENLEDGER_ZONE", "Asia/Kathmandu");
        program.succeed("record", "--model", "blend-1", "--provider", "house", "--input-tokens", "1000000");
        assertThat(program.succeed("summary", "--period", "today"))
                .contains("$2.00")
                .contains("Asia/Kathmandu");
        assertThat(program.succeed("summary", "--period", "today", "--zone", "UTC"))
                .contains("UTC");
        program.variable("TOKENLEDGER_ZONE", "Middle/Earth");
        TestProgram.Result wrong = program.run("summary", "--period", "today");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("TOKENLEDGER_ZONE: ");
    }

    @Test
    void wrongVariable_isNamed() {
        TestProgram.Result result =
                new TestProgram(folder).variable("TOKENLEDGER_PORT", "many").run("serve");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("from $TOKENLEDGER_PORT").contains("expected a port");
        assertThat(new TestProgram(folder)
                        .variable("TOKENLEDGER_INSECURE", "maybe")
                        .run("serve")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void keysOfTheNamedFile_areThoseThatServeAsksFor() {
        TestProgram program = new TestProgram(folder)
                .variable("TOKENLEDGER_KEYS_FILE", folder.resolve("k.yaml").toString());
        program.succeed("keys", "create", "x", "--scope", "read");
        assertThat(folder.resolve("k.yaml")).exists();
        assertThat(program.run("serve", "--require-keys").code()).isZero();
        assertThat(program.run(
                                "serve",
                                "--require-keys",
                                "--keys-file",
                                folder.resolve("other.yaml").toString())
                        .code())
                .isEqualTo(1);
    }

    @Test
    void certificateAndKey_goTogether() {
        TestProgram.Result result = new TestProgram(folder).run("serve", "--tls-certificate", "c.pem");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--tls-certificate and --tls-key go together");
        TestProgram.Result absent =
                new TestProgram(folder).run("serve", "--tls-certificate", "c.pem", "--tls-key", "k.pem");
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).contains("c.pem: there is no such file");
    }

    @Test
    void log_isAnObjectALine_withARequestInEach() throws Exception {
        TestProgram.Result result = new TestProgram(folder)
                .serving((builder, started) -> {
                    try (var server = builder.port(0).start()) {
                        started.accept(server);
                        get(server.address().resolve("/v1/summary?where.session=secret"));
                    }
                })
                .run("serve", "--log-format", "json", "--access-log");
        assertThat(result.code()).isZero();
        assertThat(result.err()).doesNotContain("secret");
        String[] lines = result.err().split("\n");
        assertThat(lines).hasSize(2);
        assertThat(members(lines[0])).containsKeys("time", "level", "message");
        assertThat(members(lines[1]))
                .containsKeys("time", "level", "message", "remote", "bytes", "duration_microseconds")
                .doesNotContainKey("key");
        assertThat(lines[1]).contains("\"method\":\"GET\",\"path\":\"/v1/summary\",\"status\":200");
    }

    private static Map<String, Node> members(String line) {
        return ((Node.Mapping) Documents.readJson(line)).members();
    }

    @Test
    void accessLog_isALineForPeople() {
        TestProgram.Result result = new TestProgram(folder)
                .serving((builder, started) -> {
                    try (var server = builder.port(0).start()) {
                        get(server.address().resolve("/healthz"));
                    }
                })
                .run("serve", "--access-log");
        assertThat(result.err()).matches("\\S+Z 127\\.0\\.0\\.1 - \"GET /healthz\" 200 [0-9]+ [0-9]+\\.[0-9]ms\n");
    }

    private static void get(URI address) {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A pipe does not know its length or where one stands in it. */
    @Test
    void standardInput_mayBeAPipe() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "prices",
                        "import",
                        "litellm",
                        "-")
                .redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        try (OutputStream out = process.getOutputStream()) {
            out.write(("{\"house-1\": {\"litellm_provider\": \"openai\", \"mode\": \"chat\","
                            + " \"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 2e-06}}")
                    .getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("house-1");
    }

    @Test
    void sigterm_endsTheServerWithZero() throws Exception {
        try (ServerChild server = new ServerChild(folder.resolve("ledger.db"), folder)) {
            get(server.address().resolve("/readyz"));
            assertThat(server.stop()).isZero();
        }
    }
}
