package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseCommandTest {

    private static final String SECRET = "very-secret";

    @TempDir
    Path folder;

    @Test
    void ledgerInAFile_hasNoCopy() {
        TestProgram program = new TestProgram(folder);
        program.succeed("record", "--model", "claude-sonnet-4-5", "--input-tokens", "1");
        for (String command : List.of("export", "status")) {
            Result result = program.run("clickhouse", command, "--to", "clickhouse://127.0.0.1/usage");
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("works on a ledger in a PostgreSQL database");
        }
    }

    @Test
    void addressesThatAreNone_areRefusedWithoutTheirPassword() {
        TestProgram program =
                new TestProgram(folder).variable("TOKENLEDGER_LEDGER", "postgresql://nobody@127.0.0.1:1/usage");
        for (List<String> each : List.of(
                List.of("clickhouse://u:" + SECRET + "@h/d", "holds a password"),
                List.of("ftp://h/d", "expected clickhouse://"),
                List.of("clickhouse://a,b/d", "several hosts and no cluster"),
                List.of("clickhouse://a,a/d?cluster=c", "stated twice"),
                List.of("clickhouse://h:99999/d", "the port is no number"),
                List.of("clickhouse://h/d?shard=1", "there is no parameter 'shard'"),
                List.of("clickhouse://h/%zz", "two hexadecimal digits"))) {
            Result result = program.run("clickhouse", "export", "--to", each.get(0));
            assertThat(result.code()).as(each.get(0)).isEqualTo(2);
            assertThat(result.err()).contains("--to: ").contains(each.get(1)).doesNotContain(SECRET);
        }
        assertThat(program.run("clickhouse", "export").err()).contains("--to is missing");
        assertThat(program.run("clickhouse", "export", "--to", "clickhouse://h/d", "--every", "5")
                        .code())
                .isEqualTo(2);
        assertThat(program.run("clickhouse", "export", "--to", "clickhouse://h/d", "--follow", "--every", "0")
                        .code())
                .isEqualTo(2);
    }

    @Tag("clickhouse")
    @Test
    void exportAndStatus_sayHowFarTheCopyIs() {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        ClickHouseServers copies = ClickHouseServers.shared();
        String schema = server.newSchemaName();
        String database = copies.newDatabase();
        String to = copies.address(database);
        try {
            TestProgram program = new TestProgram(folder)
                    .variable("TOKENLEDGER_LEDGER", server.address() + "?schema=" + schema + "&copy=" + to);
            for (String id : List.of("a", "b", "c")) {
                program.succeed("record", "--id", id, "--model", "claude-sonnet-4-5", "--input-tokens", "1000");
            }
            Result before = program.run("clickhouse", "status");
            assertThat(before.code()).isEqualTo(1);
            assertThat(before.out())
                    .contains("nothing copied")
                    .contains("3 entries wait")
                    .contains("problem: no copy");

            Result exported = program.run("clickhouse", "export");
            assertThat(exported.code()).as(exported.err()).isZero();
            Result status = program.run("clickhouse", "status", "--to", to);
            assertThat(status.code()).as(status.out()).isZero();
            assertThat(status.out()).contains("3 entries copied").contains("nothing is waiting");
            assertThat(copies.ask(0, "SELECT sum(records), sum(cost) FROM " + database + ".usage_records"))
                    .isEqualTo("3\t0.009");

            program.succeed("reverse", "b", "--reason", "a mistake");
            assertThat(program.succeed("clickhouse", "status", "--format", "json"))
                    .contains("\"sound\":true")
                    .contains("\"entries\":3,")
                    .contains("\"lag_entries\":1,")
                    .contains("\"problems\":[]");
            assertThat(program.run("clickhouse", "export", "--again").err()).contains("4 entries exported");
            assertThat(copies.ask(0, "SELECT sum(records), sum(cost) FROM " + database + ".usage_records"))
                    .isEqualTo("2\t0.006");
        } finally {
            server.dropSchema(schema);
            copies.dropDatabase(database);
        }
    }
}
