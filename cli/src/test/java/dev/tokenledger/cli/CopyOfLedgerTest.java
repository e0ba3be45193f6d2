package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.clickhouse.ClickHouseAddress;
import dev.tokenledger.clickhouse.ClickHouseExporter;
import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.server.TokenledgerServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger whose address names its copy: commands and the server ask it, and go on without it. */
class CopyOfLedgerTest {

    /** As many as a copy is asked for. */
    private static final int RECORDS = 50_000;

    private static final List<String> BY_SESSION =
            List.of("summary", "--by", "session", "--period", "all", "--limit", "5", "--format", "json");

    @TempDir
    Path folder;

    @Test
    void addressOfNoCopy_isRefused_andPasswordsAreNotShown() {
        TestProgram program = new TestProgram(folder)
                .variable("TOKENLEDGER_LEDGER", "postgresql://u@127.0.0.1:1/d?copy=redis://host/secret");
        Result result = program.run("summary");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("TOKENLEDGER_LEDGER: copy's address: expected clickhouse://");
        assertThat(result.err()).doesNotContain("secret");
    }

    @Test
    @Tag("clickhouse")
    void commandsAndServer_answerAlikeWithTheCopyAndWithout() {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        ClickHouseServers clickhouse = ClickHouseServers.start(1);
        String schema = server.newSchemaName();
        String database = clickhouse.newDatabase();
        String ledger = server.address() + "?schema=" + schema;
        try (clickhouse) {
            TestProgram alone = new TestProgram(folder).variable("TOKENLEDGER_LEDGER", ledger);
            TestProgram copied = new TestProgram(folder)
                    .variable("TOKENLEDGER_LEDGER", ledger + "&copy=" + clickhouse.address(database));
            alone.succeed("import", "ndjson", alone.file("calls.ndjson", calls()));
            ClickHouseAddress address = ClickHouseAddress.parse(clickhouse.address(database), Map.of(), warning -> {});
            try (ClickHouseExporter exporter =
                    ClickHouseExporter.of(server.dataSource(), schema, "the ledger", address)) {
                long exported = 0;
                while (exported < RECORDS) {
                    exported += exporter.step();
                }
            }
            String[] question = BY_SESSION.toArray(String[]::new);
            Result expected = succeeded(alone, question);

            Result answer = succeeded(copied, question);
            assertThat(answer).isEqualTo(expected);
            assertThat(served(copied))
                    .contains("tokenledger_copy_questions_total{outcome=\"answered\"} 1.0")
                    .contains("tokenledger_copy_answers 1.0");
            assertThat(served(alone)).doesNotContain("tokenledger_copy");

            clickhouse.kill(0);
            Result without = succeeded(copied, question);
            assertThat(without.out()).isEqualTo(expected.out());
            assertThat(without.err()).contains("the copy gives no answer").contains("slower");
            assertThat(served(copied))
                    .contains("tokenledger_copy_questions_total{outcome=\"answered\"} 0.0")
                    .contains("tokenledger_copy_questions_total{outcome=\"away\"} 1.0")
                    .contains("tokenledger_copy_answers 0.0");
        } finally {
            server.dropSchema(schema);
        }
    }

    private static Result succeeded(TestProgram program, String... arguments) {
        Result result = program.run(arguments);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private static String calls() {
        Instant first = Instant.parse("2026-10-01T00:00:00Z");
        return IntStream.range(0, RECORDS)
                .mapToObj(i -> "{\"id\":\"c" + i + "\",\"timestamp\":\"" + first.plusSeconds(17L * i)
                        + "\",\"model\":\"gpt-5\",\"input_tokens\":" + i % 1_000
                        + ",\"output_tokens\":7,\"session_id\":\"s"
                        + i % 77 + "\"}\n")
                .collect(Collectors.joining());
    }

    /** A server's metrics, after a question by session. */
    private static String served(TestProgram program) {
        AtomicReference<String> metrics = new AtomicReference<>("");
        program.serving((builder, started) -> {
                    try (TokenledgerServer running = builder.port(0).start()) {
                        get(running.address().resolve("/v1/summary?group_by=session&period=all&limit=5"));
                        metrics.set(get(running.address().resolve("/metrics")));
                    }
                })
                .succeed("serve");
        return metrics.get();
    }

    private static String get(URI uri) {
        try {
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
