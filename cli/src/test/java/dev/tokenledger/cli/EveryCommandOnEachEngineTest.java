package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.server.TokenledgerServer;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every command by the examples that its help prints, and every route by those of the server's OpenAPI, on a file and on PostgreSQL. */
class EveryCommandOnEachEngineTest {

    /** These are for files, and say what to use instead. */
    private static final Set<String> FOR_FILES = Set.of("backup", "restore", "recover", "migrate");

    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    private final PostgresServer server = PostgresServer.shared(Version.NEWEST);
    private final String schema = server.newSchemaName();
    private final String address = server.address() + "?schema=" + schema;

    @TempDir
    Path folder;

    @AfterEach
    void drop() {
        server.dropSchema(schema);
    }

    @Test
    void commands_sayTheSame() throws Exception {
        TestProgram onFile = new TestProgram(Files.createDirectory(folder.resolve("file")));
        TestProgram onDatabase =
                new TestProgram(Files.createDirectory(folder.resolve("base"))).variable("TOKENLEDGER_LEDGER", address);
        HelpExamples.prepare(onFile);
        HelpExamples.prepare(onDatabase);
        List<String> ran = new ArrayList<>();
        HelpExamples.commands()
                .filter(words -> !HelpExamples.needsMore(words))
                .forEach(words -> HelpExamples.of(onFile, words).forEach(example -> {
                    if (example.startsWith("--ledger ")) {
                        // It names a file of its own.
                        return;
                    }
                    Result file = onFile.run(HelpExamples.arguments(onFile, example));
                    Result database = onDatabase.run(HelpExamples.arguments(onDatabase, example));
                    if (FOR_FILES.contains(words.get(0))) {
                        assertThat(database.code()).as(example).isEqualTo(1);
                        assertThat(database.out()).as(example).isEmpty();
                        assertThat(database.err()).as(example).contains("pg_dump");
                    } else {
                        assertThat(database.code()).as(example).isEqualTo(file.code());
                        assertThat(plain(database.out())).as(example).isEqualTo(plain(file.out()));
                        assertThat(plain(database.err())).as(example).isEqualTo(plain(file.err()));
                    }
                    ran.add(example);
                }));
        assertThat(ran).hasSizeGreaterThan(25);
    }

    /** What differs from run to run, or is the ledger's own name, put alike. */
    private String plain(String text) {
        return text.replaceAll("(?m)^warning: .* fsync = off.*\n", "")
                .replaceAll(UUID, "<id>")
                .replaceAll("schema version \\d+", "schema version <own>")
                .replaceAll("(?m)^seconds +[0-9.]+$", "seconds")
                .replaceAll("tl_[-0-9A-Za-z_]+", "<key>")
                .replaceAll("\\b[0-9a-f]{8}\\b", "<key id>")
                .replaceAll("http://127\\.0\\.0\\.1:\\d+", "<address>")
                .replace(folder.resolve("file").resolve("ledger.db").toString(), "<ledger>")
                .replace(address.substring(0, address.indexOf('?')), "<ledger>")
                .replace("?schema=" + schema, "")
                .replace(folder.resolve("file").toString(), "<folder>")
                .replace(folder.resolve("base").toString(), "<folder>");
    }

    @Test
    void routes_answerTheSame() throws Exception {
        List<List<String>> answers = new ArrayList<>();
        for (String place : List.of(folder.resolve("usage.db").toString(), address)) {
            try (Ledger ledger = EnginesChild.open(place);
                    TokenledgerServer served = TokenledgerServer.of(ledger)
                            .port(0)
                            .insecure()
                            .clock(InstantSource.fixed(Samples.NOW))
                            .zone(ZoneId.of("UTC"))
                            .start()) {
                for (int i = 0; i < 30; i++) {
                    ledger.append(Samples.builder("call-" + i)
                            .timestamp(Samples.NOW.minusSeconds(3_000L * (i / 2)))
                            .sessionId("s" + i % 3)
                            .attribute("team", i % 2 == 0 ? "red" : "blue")
                            .build());
                }
                ledger.reverse(RecordId.of("call-7"), "a mistake");
                ledger.append(Samples.record("call-1"));
                answers.add(answers(served.address()));
            }
        }
        assertThat(answers.get(0)).hasSizeGreaterThan(12);
        for (int i = 0; i < answers.get(0).size(); i++) {
            String file = answers.get(0).get(i);
            String database = answers.get(1).get(i);
            int same = Arrays.mismatch(file.toCharArray(), database.toCharArray());
            if (same >= 0) {
                throw new AssertionError(file.substring(0, Math.min(80, file.length())) + "…: the file says …"
                        + part(file, same) + "…, PostgreSQL …" + part(database, same) + "…");
            }
        }
    }

    private static String part(String text, int at) {
        return text.substring(Math.max(0, at - 100), Math.min(text.length(), at + 100));
    }

    /** The answer of every route, asked as its own description has it, and without what it need not have. */
    private static List<String> answers(URI address) throws Exception {
        List<String> answers = new ArrayList<>();
        JsonNode paths = JsonMapper.shared()
                .readTree(ask(address, "/openapi.json").body())
                .get("paths");
        for (var path : paths.properties()) {
            for (var method : path.getValue().properties()) {
                String shortest = path.getKey();
                StringBuilder query = new StringBuilder();
                for (JsonNode parameter : method.getValue().path("parameters")) {
                    String name = parameter.get("name").asString();
                    String value = encoded(parameter.path("example").asString(""));
                    if (parameter.get("in").asString().equals("path")) {
                        shortest = shortest.replace("{" + name + "}", value);
                    } else if (!value.isEmpty()) {
                        query.append(query.isEmpty() ? '?' : '&')
                                .append(name)
                                .append('=')
                                .append(value);
                    }
                }
                if (method.getKey().equals("get")
                        && !shortest.equals("/metrics")
                        && !shortest.equals("/openapi.json")) {
                    answers.add(said(address, shortest));
                    answers.add(said(address, shortest + query));
                }
            }
        }
        return answers;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String said(URI address, String path) throws Exception {
        HttpResponse<String> response = ask(address, path);
        return path + ": " + response.statusCode() + " "
                + response.body()
                        .replace(Integer.toString(address.getPort()), "<port>")
                        .replaceAll(UUID, "<id of a reversal>")
                        .replaceAll("nonce[-=\"A-Za-z0-9+/_]+", "<nonce>");
    }

    private static HttpResponse<String> ask(URI address, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
