package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ThaneSourceTest extends LogTest {

    private static final String OLDEST = """
            create table usage_records (id text primary key, timestamp text not null, request_id text, session_id text,
            conversation_id text, model text not null, provider text not null, input_tokens integer not null,
            output_tokens integer not null, cost_usd real not null, role text not null, task_name text)""";
    private final ThaneSource source = new ThaneSource();

    private void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("thane.db"));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String row(String id, String model, String provider, String input, String cost) {
        return """
                insert into usage_records (id, timestamp, request_id, session_id, conversation_id, model, provider,
                input_tokens, output_tokens, cost_usd, role, task_name) values ('%s', '2026-01-05T10:00:00Z', 'r', 's', 'c',
                '%s', '%s', %s, 500, %s, 'interactive', 'email_poll')""".formatted(id, model, provider, input, cost);
    }

    private ImportReport read() {
        ImportReport report = Importer.into(ledger).build().run(source, ImportFile.of(folder.resolve("thane.db")));
        assertThat(report.lines()).isEqualTo(report.used() + report.ignored() + report.skipped());
        return report;
    }

    @Test
    void oldestSchema_isReadWhole() throws SQLException {
        sql(OLDEST, row("id-1", "claude-opus-4-20250514", "anthropic", "1000", "0.0525"));
        assertThat(read().appended()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.id().value()).isEqualTo("id-1");
        assertThat(record.timestamp()).contains(Instant.parse("2026-01-05T10:00:00Z"));
        assertThat(record.requestId()).isEqualTo("r");
        assertThat(record.sessionId()).isEqualTo("s");
        assertThat(record.conversationId()).isEqualTo("c");
        assertThat(record.role()).isEqualTo("interactive");
        assertThat(record.taskName()).isEqualTo("email_poll");
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(1000, 500));
        assertThat(record.reportedCost()).contains(Usd.parse("0.0525"));
        assertThat(record.givenCost()).isEmpty();
        assertThat(record.source()).isEqualTo("thane");
    }

    @Test
    void laterColumns_areRead() throws SQLException {
        sql(
                OLDEST,
                "alter table usage_records add column upstream_model text not null default ''",
                "alter table usage_records add column resource text not null default ''",
                "alter table usage_records add column cache_creation_input_tokens integer not null default 0",
                "alter table usage_records add column cache_read_input_tokens integer not null default 0",
                row("id-1", "mirror/gpt-oss:20b", "ollama", "10", "0"),
                "update usage_records set upstream_model = 'gpt-oss:20b', resource = 'mirror',"
                        + " cache_creation_input_tokens = 40, cache_read_input_tokens = 7");
        read();
        UsageRecord before = record();
        assertThat(before.identity().model()).isEqualTo("mirror/gpt-oss:20b");
        assertThat(before.identity().upstreamModel()).isEqualTo("gpt-oss:20b");
        assertThat(before.identity().resource()).isEqualTo("mirror");
        assertThat(before.tokens().cacheCreationUnattributed()).isEqualTo(40);
        // The program migrates its schema; rows that were there are the same records.
        sql(
                "alter table usage_records add column cache_creation_5m_input_tokens integer not null default 0",
                "alter table usage_records add column cache_creation_1h_input_tokens integer not null default 0",
                "alter table usage_records add column upstream_request_id text not null default ''",
                "alter table usage_records add column pricing_status text not null default ''",
                "alter table usage_records add column outcome text not null default ''",
                "alter table usage_records add column duration_ms integer not null default 0",
                row("id-2", "claude-opus-4-20250514", "anthropic", "10", "0.1"),
                "update usage_records set cache_creation_input_tokens = 40, cache_creation_5m_input_tokens = 10,"
                        + " cache_creation_1h_input_tokens = 30, upstream_request_id = 'req_1', outcome = 'canceled',"
                        + " pricing_status = 'priced', duration_ms = 1500 where id = 'id-2'",
                row("id-3", "new-model", "anthropic", "10", "0"),
                "update usage_records set pricing_status = 'unpriced', outcome = 'throttled' where id = 'id-3'");
        ImportReport report = read();
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(2);
        UsageRecord full = records().get(1);
        assertThat(full.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(500)
                        .cacheCreation(40)
                        .cacheCreation5m(10)
                        .cacheCreation1h(30)
                        .build());
        assertThat(full.upstreamRequestId()).isEqualTo("req_1");
        assertThat(full.outcome()).isEqualTo(Outcome.CANCELED);
        assertThat(full.duration()).contains(Duration.ofMillis(1_500));
        assertThat(records().get(0).reportedCost()).contains(Usd.ZERO);
        assertThat(records().get(2).reportedCost()).isEmpty();
        assertThat(records().get(2).outcome()).isEqualTo(Outcome.UNSTATED);
    }

    @Test
    void costs_areReadAsTheDecimalsTheyStandFor() throws SQLException {
        sql(
                OLDEST,
                row("id-1", "m", "p", "1", "0.1 + 0.2"),
                row("id-2", "m", "p", "1", "0.001615"),
                row("id-3", "m", "p", "1", "1e-7"));
        read();
        assertThat(records())
                .extracting(record -> record.reportedCost().orElseThrow().toString())
                .containsExactly("0.3", "0.001615", "0.0000001");
    }

    @Test
    void anotherRowUnderAnId_isAConflictByField() throws SQLException {
        sql(OLDEST, row("id-1", "m", "p", "1", "0.1"));
        read();
        sql("update usage_records set input_tokens = 2");
        ImportReport report = read();
        assertThat(report.conflicts()).isEqualTo(1);
        assertThat(report.problems().get(0).message()).contains("input_tokens");
        assertThat(total().totalInputTokens()).isEqualTo(1);
    }

    @Test
    void impossibleRows_areSkipped() throws SQLException {
        sql(
                OLDEST,
                row("id-1", "m", "p", "-1", "0.1"),
                row("id-2", "m", "p", "1.5", "0.1"),
                row("id-3", "m", "p", "'many'", "0.1"),
                row("id-4", "m", "p", "1", "-0.1"),
                row("id-5", "m", "p", "1", "9e999"),
                row("id-6", "", "p", "1", "0.1"),
                row(" ", "m", "p", "1", "0.1"),
                row("id-8", "m", "p", "1", "0.1").replace("2026-01-05T", "2026-01-05 "),
                row("id-9", "m", "p", "1", "0.1"));
        ImportReport report = read();
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 8L));
        assertThat(report.problems().get(0)).satisfies(problem -> {
            assertThat(problem.line()).isEqualTo(1);
            assertThat(problem.message()).isEqualTo("input_tokens: a count is 0 to 1000000000000, found -1");
        });
        assertThat(record().id().value()).isEqualTo("id-9");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void databaseThatThisProcessHasOpen_keepsItsLocks() throws SQLException, IOException {
        try (Connection open = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("thane.db"));
                Statement statement = open.createStatement()) {
            statement.execute("pragma journal_mode = wal");
            statement.execute(OLDEST);
            statement.execute(row("id-1", "m", "p", "1", "0.1"));
            List<String> before = locks("thane.db");
            assertThat(before).isNotEmpty();

            assertThat(read().appended()).isEqualTo(1);
            assertThat(locks("thane.db")).isEqualTo(before);
            // By another name it is the same file, with the same log.
            Files.createSymbolicLink(folder.resolve("link.db"), folder.resolve("thane.db"));
            assertThat(Importer.into(ledger)
                            .build()
                            .run(source, ImportFile.of(folder.resolve("link.db")))
                            .duplicates())
                    .isEqualTo(1);
            assertThat(locks("thane.db")).isEqualTo(before);
        }
    }

    /** The locks that are held on a file, without their numbers. */
    private List<String> locks(String name) throws IOException {
        String inode = ":" + Files.getAttribute(folder.resolve(name), "unix:ino") + " ";
        try (Stream<String> lines = Files.lines(Path.of("/proc/locks"))) {
            return lines.filter(line -> line.contains(inode))
                    .map(line -> line.substring(line.indexOf(' ')))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void anotherDatabase_isRefused() throws SQLException, IOException {
        sql("create table usage_records (id integer, tenant text)");
        assertThat(read().problems().get(0).message())
                .isEqualTo(
                        "its table usage_records lacks conversation_id, cost_usd, input_tokens, model, output_tokens,"
                                + " provider, request_id, role, session_id, task_name, timestamp; is it thane's database?");
        sql("drop table usage_records", "create view usage_records as select 1 as id, '{}' as attributes");
        assertThat(read().problems().get(0).message()).isEqualTo("it is a ledger already; open it with --ledger");
        sql("drop view usage_records");
        assertThat(read().problems().get(0).message())
                .isEqualTo("it has no table usage_records; is it thane's database?");
        ImportReport stream = Importer.into(ledger)
                .build()
                .run(source, ImportFile.of("standard input", new ByteArrayInputStream(new byte[0])));
        assertThat(stream.unreadableFiles()).isEqualTo(1);
        Files.delete(folder.resolve("thane.db"));
        assertThat(read().problems().get(0).message()).isEqualTo("there is no such file");
        assertThat(folder).isEmptyDirectory();
    }
}
