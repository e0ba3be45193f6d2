package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What version 0.1 stored from every source is known when it is imported again: as a duplicate, or corrected where a later
 * version reads more of it, never as a second record. The ledger in the test's resources was written by 0.1 from the logs beside
 * it, and its readers' states were taken out, as if the logs had been moved.
 */
class KnownAgainTest {

    private static final List<String> SOURCES = List.of(
            "claude-code logs/claude-code",
            "codex logs/codex",
            "gemini-cli logs/gemini-cli",
            "opencode logs/opencode",
            "amp logs/amp",
            "pi logs/pi",
            "litellm logs/litellm.ndjson",
            "thane logs/thane.db",
            "ndjson logs/records.ndjson");

    /** Calls of the logs that 0.1 did not know to be any: an adviser's, one behind a relay, a compaction. */
    private static final int NEWLY_KNOWN = 3;

    @TempDir
    private Path folder;

    private TestProgram program;

    @BeforeEach
    void prepare() throws IOException, SQLException {
        Path resources = Path.of("src/test/resources/earlier");
        try (Stream<Path> files = Files.walk(resources.resolve("logs"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(resources.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("logs/thane.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(Files.readString(folder.resolve("logs/thane.sql")));
        }
        program = new TestProgram(folder);
    }

    private void ledgerOfVersionOne() throws IOException {
        ledgerOfVersionOne("/earlier/ledger.db.gz");
    }

    private void ledgerOfVersionOne(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(KnownAgainTest.class.getResourceAsStream(resource));
                GZIPInputStream plain = new GZIPInputStream(in)) {
            Files.copy(plain, folder.resolve("ledger.db"));
        }
    }

    private List<String> importAll() {
        List<String> reports = new ArrayList<>();
        for (String source : SOURCES) {
            String[] words = source.split(" ");
            reports.add(
                    program.succeed("import", words[0], folder.resolve(words[1]).toString(), "--json"));
        }
        return reports;
    }

    /** All records in force, but for when and in what order they were written, and the ids that are only numbers. */
    private List<String> records() {
        return program.succeed("records", "--format", "ndjson")
                .lines()
                .map(line ->
                        line.replaceAll("\"(sequence|recorded|id|price_id|price_entry)\":(\"[^\"]*\"|[0-9]+),?", ""))
                .sorted()
                .toList();
    }

    @Test
    void ledgerOfVersionOne_hasTheTotalsItHad() throws IOException {
        ledgerOfVersionOne();
        assertThat(program.succeed("summary", "--format", "csv").lines().skip(1).findFirst())
                .hasValueSatisfying(line -> assertThat(line).startsWith("19,6036,1401,"));
        assertThat(program.succeed("verify")).contains("19");
    }

    @Test
    void logsOfVersionOne_areKnownAgain() throws IOException {
        ledgerOfVersionOne();
        List<String> reports = importAll();

        for (String report : reports) {
            assertThat(report).contains("\"conflicts\":0").contains("\"skipped\":0");
        }
        assertThat(program.succeed("summary", "--format", "csv").lines().skip(1).findFirst())
                .hasValueSatisfying(line -> assertThat(line).startsWith(19 + NEWLY_KNOWN + ","));
        for (String report : importAll()) {
            assertThat(report).contains("\"appended\":0").contains("\"corrected\":0");
        }
    }

    /** So nobody who upgrades has to begin anew to get what a later version reads better. */
    @Test
    void logsImportedAgain_giveWhatANewLedgerGets() throws IOException {
        importAll();
        List<String> expected = records();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("ledger.db"))
                    .toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ledgerOfVersionOne();
        importAll();

        assertThat(withoutLaterNames(records())).isEqualTo(withoutLaterNames(expected));
    }

    /** Posts the spans and events that the ledger of telemetry was written from. */
    private void postTelemetry() {
        program.serving((builder, started) -> TestProgram.startAndStop(builder, server -> {
            for (String signal : List.of("traces", "logs")) {
                try {
                    HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + "/v1/" + signal))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofFile(
                                    Path.of("src/test/resources/earlier/telemetry/" + signal + ".json")))
                            .build();
                    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
                    assertThat(answer.body()).isEqualTo("{}");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
        }));
        program.succeed("serve");
    }

    private String importTranscript() {
        return program.succeed(
                "import", "claude-code", "src/test/resources/earlier/telemetry/transcript.jsonl", "--json");
    }

    private long count() {
        return program.succeed("records", "--format", "ndjson").lines().count();
    }

    /** Every form of spans and events that 0.1 read, and a transcript of a call that an event had told of. */
    @Test
    void telemetryOfVersionOne_isKnownAgain() throws IOException {
        ledgerOfVersionOne("/earlier/telemetry/ledger.db.gz");
        assertThat(count()).isEqualTo(17);
        postTelemetry();
        assertThat(count()).isEqualTo(17);
        List<String> once = records();
        postTelemetry();
        assertThat(records()).isEqualTo(once);

        assertThat(importTranscript()).contains("\"appended\":0").contains("\"conflicts\":0");
        // The two records that 0.1 made of one call are one.
        assertThat(count()).isEqualTo(16);
        List<String> joined = records();
        postTelemetry();
        importTranscript();
        assertThat(records()).isEqualTo(joined);
    }

    @Test
    void telemetrySentAgain_givesWhatANewLedgerGets() throws IOException {
        program.succeed("import", "claude-code", "src/test/resources/earlier/telemetry/transcript.jsonl");
        postTelemetry();
        List<String> expected = records();
        assertThat(expected).hasSize(16);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("ledger.db"))
                    .toList()) {
                Files.delete(file);
            }
        }
        ledgerOfVersionOne("/earlier/telemetry/ledger.db.gz");
        postTelemetry();
        importTranscript();

        assertThat(withoutCosts(withoutLaterNames(records()))).isEqualTo(withoutCosts(withoutLaterNames(expected)));
    }

    /** What the same telling cost stays what it was stored with: a price may have been missing then. */
    private static List<String> withoutCosts(List<String> records) {
        return records.stream()
                .map(line -> line.replaceAll(",\"cost_usd\".*", ""))
                .toList();
    }

    /** A record that its id alone makes known keeps the provider's name, and so the cost, that it was stored with. */
    private static List<String> withoutLaterNames(List<String> records) {
        return records.stream()
                .map(line -> line.replaceAll(
                        "\"provider\":\"(ollama|aws\\.bedrock|vertex_ai|gcp\\.vertex_ai)\".*", "named otherwise"))
                .toList();
    }
}
