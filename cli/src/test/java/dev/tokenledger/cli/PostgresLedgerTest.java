package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a ledger in PostgreSQL, beside those on a file. */
class PostgresLedgerTest {

    private static final String CALLS = """
            {"id":"a","timestamp":"2026-10-01T10:07:00Z","model":"claude-sonnet-4-5","input_tokens":1000,"output_tokens":10,"session_id":"s1","attributes":{"team":"red"}}
            {"id":"b","timestamp":"2026-10-01T10:08:00Z","model":"claude-sonnet-4-5","input_tokens":2000,"output_tokens":20,"session_id":"s2","attributes":{"team":"blue"}}
            {"id":"c","timestamp":"2026-10-02T23:59:59.999999Z","model":"nobody-knows","input_tokens":5,"output_tokens":7}
            {"id":"0198c0de-1234-7abc-8def-001122334455","timestamp":"2026-10-03T00:00:00Z","model":"gpt-5","input_tokens":9,"output_tokens":11}
            """;

    private final PostgresServer server = PostgresServer.shared(Version.NEWEST);
    private final String schema = server.newSchemaName();
    private final String address = server.address() + "?schema=" + schema;

    @TempDir
    Path folder;

    private TestProgram onFile;
    private TestProgram program;

    @BeforeEach
    void name() {
        onFile = new TestProgram(folder);
        program = new TestProgram(folder).variable("TOKENLEDGER_LEDGER", address);
    }

    @AfterEach
    void drop() {
        server.dropSchema(schema);
    }

    @Test
    void questions_areAnsweredAsByAFile() {
        String calls = program.file("calls.ndjson", CALLS);
        for (TestProgram each : List.of(onFile, program)) {
            each.succeed("import", "ndjson", calls);
            each.succeed("reverse", "b", "--reason", "a mistake");
            each.succeed(
                    "record",
                    "--id",
                    "d",
                    "--model",
                    "claude-sonnet-4-5",
                    "--input-tokens",
                    "77",
                    "--output-tokens",
                    "1");
        }
        for (List<String> question : List.of(
                List.of("summary", "--format", "json", "--period", "all"),
                List.of("summary", "--format", "json", "--period", "all", "--by", "model,provider", "--every", "day"),
                List.of("summary", "--format", "json", "--period", "all", "--by", "attribute.team"),
                List.of(
                        "summary",
                        "--format",
                        "json",
                        "--period",
                        "all",
                        "--by",
                        "session",
                        "--zone",
                        "Asia/Kathmandu",
                        "--every",
                        "day"),
                List.of(
                        "summary",
                        "--format",
                        "json",
                        "--from",
                        "2026-10-01T10:07:30Z",
                        "--to",
                        "2026-10-03T00:00:00Z",
                        "--by",
                        "model"),
                List.of("summary", "--format", "csv", "--period", "all", "--where", "session=s1"),
                List.of("records", "--format", "json", "--limit", "100"),
                List.of("explain", "a"))) {
            String[] arguments = question.toArray(String[]::new);
            assertThat(program.run(arguments)).as("%s", question).isEqualTo(onFile.run(arguments));
        }
        assertThat(program.succeed("verify")).contains("all is as it should be");
        assertThat(program.succeed("import", "ndjson", calls)).containsPattern("duplicates +4");
        program.succeed("rebuild");
        assertThat(program.succeed("verify")).contains("all is as it should be");
    }

    @Test
    void emptyDatabase_isNoLedgerToReadFrom() {
        Result result = program.run("summary");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("cannot open postgresql://postgres@127.0.0.1")
                .contains("there is no ledger");
    }

    @Test
    void backup_saysWhatToUseInstead() {
        program.succeed("record", "--model", "claude-sonnet-4-5", "--input-tokens", "1");
        for (List<String> command : List.of(
                List.of("backup", folder.resolve("x").toString()),
                List.of("restore", folder.resolve("x").toString()),
                List.of("recover"))) {
            Result result = program.run(command.toArray(String[]::new));
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("pg_dump");
        }
    }

    @Test
    void password_isNeverShown_andWarnedOfWhereOthersSeeIt() {
        String named = address.replace("postgres@", "postgres:s3cret@");
        Result result = program.run("--ledger", named, "record", "--model", "gpt-5", "--input-tokens", "1");
        assertThat(result.code()).isZero();
        assertThat(result.out() + result.err()).doesNotContain("s3cret").contains("list of processes");

        Result nobodyThere = program.run("--ledger", "postgresql://ann:s3cret@127.0.0.1:1/usage", "summary");
        assertThat(nobodyThere.code()).isEqualTo(1);
        assertThat(nobodyThere.err()).contains("the server cannot be reached").doesNotContain("s3cret");

        Result misspelt = program.run("--ledger", "postgresql://ann:s3cret@127.0.0.1:port/usage", "summary");
        assertThat(misspelt.code()).isEqualTo(2);
        assertThat(misspelt.err()).startsWith("--ledger: ").doesNotContain("s3cret");
    }
}
