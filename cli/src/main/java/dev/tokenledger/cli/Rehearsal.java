package dev.tokenledger.cli;

import dev.tokenledger.server.TokenledgerServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The usual commands, run once on a ledger of their own. The launcher starts this class, in place of {@link Main}, while
 * the JVM notes what it loads for the archive from which later starts take their classes ready-made. A command that is
 * missing here still works; it only starts more slowly. What serves and what people ask most have archives of their own,
 * because the JVM links all classes of one at every start.
 */
final class Rehearsal {

    private static final String RECORD = """
            {"id":"imported","timestamp":"2026-10-01T09:38:09.192+02:00","model":"eu/claude-sonnet-5",\
            "provider":"anthropic","input_tokens":14,"output_tokens":1067,"cache_creation_input_tokens":12224,\
            "cache_creation_1h_input_tokens":12224,"role":"interactive","session_id":"s-1",\
            "attributes":{"project":"household"},"web_search_calls":1,"duration_ms":13351}
            """;

    private static final String TRANSCRIPT = """
            {"type":"user","message":{"role":"user","content":"hello"},"timestamp":"2026-10-01T07:38:01.192Z"}
            {"type":"assistant","timestamp":"2026-10-01T07:38:09.192Z","requestId":"req_1","sessionId":"s-1",\
            "cwd":"/home","gitBranch":"main","version":"2.0.14","isSidechain":false,"uuid":"u-1",\
            "message":{"id":"msg_1","model":"claude-sonnet-4-5","stop_reason":null,"usage":{"input_tokens":4,\
            "cache_creation_input_tokens":30,"cache_read_input_tokens":40,"cache_creation":\
            {"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":0},"output_tokens":20,"service_tier":"standard"}}}
            """;

    private static final String PRICES = """
            prices:
              - provider: ollama
                model: local
                usd_per_million: { input: 0, output: 0 }
            """;

    private static final String BUDGETS = """
            budgets:
              - { name: All, period: month, usd: 1000000 }
              - { name: Household, where: { attribute.project: household }, period: day, usd: 1e6, zone: Europe/Berlin }
            """;

    /** More files than are looked up in the ledger one by one. */
    private static final int SESSIONS = 20;

    /** Each is split at its blanks; {@code @} stands for the folder of the rehearsal, {@code %} for the ledger's name. */
    static final List<String> COMMANDS = List.of(
            "--help",
            "summary --help",
            "record --id recorded --model claude-sonnet-4-5 --input-tokens 1200 --output-tokens 300 --role scheduled"
                    + " --attribute project=household --cache-read-input-tokens 100",
            "record --model local --provider ollama --input-tokens 5 --output-tokens 6 --json",
            "--prices @/prices.yaml import ndjson @/records.ndjson",
            "import ndjson --json @/records.ndjson",
            "import --show",
            "import claude-code @/projects",
            "import claude-code --json @/projects",
            "summary",
            "summary --by model",
            "summary --period month --by provider,role --every day --zone Europe/Berlin",
            "summary --from 2026-10-01 --to 2026-11-01 --where role=interactive --format json",
            "summary --by attribute.project --limit 1 --format csv",
            "records",
            "records --period today --format json",
            "records --format ndjson",
            "records --format csv",
            "explain recorded",
            "whatif --map claude-sonnet-4-5=claude-haiku-4-5",
            "cost @/records.ndjson",
            "prices list sonnet",
            "prices show claude-sonnet-4-5",
            "prices check @/prices.yaml",
            "prices diff bundled @/prices.yaml",
            "budget check --budgets @/budgets.yaml",
            "budget check --budgets @/budgets.yaml --json",
            "budget notify --budgets @/budgets.yaml",
            "reconcile --help",
            "statement --help",
            "reverse imported --reason rehearsed",
            "reprice --reason rehearsed",
            "close --before 2026-11-01 --reason rehearsed",
            "reopen --reason rehearsed",
            "verify",
            "rebuild",
            "backup @/%.copy",
            "copy @/%.copy @/%.second",
            "clickhouse --help",
            "restore @/%.copy",
            "recover",
            "migrate",
            "keys create rehearsed --scope read",
            "keys list",
            "keys spend",
            "completion");

    /** What people ask most, of a ledger that the others have made. */
    static final List<String> QUESTIONS = COMMANDS.stream()
            .filter(command -> command.matches("(summary|records|explain) (?!--help).*|summary|records"))
            .toList();

    /** What serves others until it is stopped. */
    static final List<String> SERVERS = List.of("serve --port 0 --grpc-port 0", "mcp");

    /** What a server is asked while it is there. */
    private static final List<String> REQUESTS = List.of(
            "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /v1/summary?period=month&group_by=model HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n"
                    + "Content-Length: " + RECORD.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + RECORD);

    private Rehearsal() {}

    private static void ask(TokenledgerServer.Builder builder, Consumer<TokenledgerServer> started) {
        try (TokenledgerServer server = builder.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            started.accept(server);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(String.join("", REQUESTS).getBytes(StandardCharsets.UTF_8));
            // The last of them has the server close the connection.
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Rehearses; exits with 1 if a command failed.
     *
     * @param args a folder, and {@code commands}, {@code questions} or {@code serve}; an empty folder for the first
     */
    public static void main(String[] args) throws IOException {
        Main.prepare();
        List<String> failed = run(Path.of(args[0]), part(args[1]));
        if (!failed.isEmpty()) {
            System.err.println("failed: " + failed);
            System.exit(1);
        }
    }

    private static List<String> part(String name) {
        return switch (name) {
            case "questions" -> QUESTIONS;
            case "serve" -> SERVERS;
            default -> COMMANDS;
        };
    }

    /** Rehearses in a folder, which is empty but for what other rehearsals left there, for a terminal and for a file; returns the commands that failed. */
    static List<String> run(Path folder, List<String> commands) throws IOException {
        Files.writeString(folder.resolve("records.ndjson"), RECORD);
        Files.writeString(folder.resolve("prices.yaml"), PRICES);
        Files.writeString(folder.resolve("budgets.yaml"), BUDGETS);
        for (String projects : List.of("projects", ".claude/projects")) {
            Files.createDirectories(folder.resolve(projects));
            for (int session = 0; session < SESSIONS; session++) {
                Files.writeString(folder.resolve(projects).resolve(session + ".jsonl"), TRANSCRIPT);
            }
        }
        List<String> failed = new ArrayList<>();
        for (boolean terminal : new boolean[] {false, true}) {
            String ledger = terminal + ".db";
            Map<String, String> variables = Map.of(
                    "HOME", folder.toString(),
                    "TOKENLEDGER_LEDGER", folder.resolve(ledger).toString());
            Environment process = Environment.ofProcess();
            Environment environment = new Environment(
                    InputStream.nullInputStream(),
                    OutputStream.nullOutputStream(),
                    OutputStream.nullOutputStream(),
                    variables,
                    InstantSource.system(),
                    ZoneId::systemDefault,
                    Terminal.of(terminal, terminal, Map.of("LANG", "C.UTF-8")),
                    process.ledgers(),
                    Rehearsal::ask);
            for (String command : commands) {
                String[] words = command.split(" ", -1);
                Arrays.setAll(
                        words, i -> words[i].replace("@", folder.toString()).replace("%", ledger));
                if (Program.run(words, environment) != 0) {
                    failed.add(command);
                }
            }
        }
        return failed;
    }
}
