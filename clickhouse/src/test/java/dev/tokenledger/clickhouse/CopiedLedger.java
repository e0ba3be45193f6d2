package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.testkit.Samples;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** A ledger in a schema of its own, and a database for its copy. */
final class CopiedLedger implements AutoCloseable {

    private static final String NUMBERS = "seq, occurred, recorded, written, kind";

    private static final List<String> FIGURES = List.of(
            "input", "output", "cache_read", "cache_creation", "cache_creation_5m", "cache_creation_1h", "reasoning");

    private static final List<String> NAMES = List.of(
            "model",
            "upstream_model",
            "provider",
            "resource",
            "role",
            "task",
            "source",
            "pricing_status",
            "outcome",
            "service_tier");

    /** More than any test takes. */
    private static final long MAX_NANOS = Duration.ofMinutes(20).toNanos();

    private final long opened = System.nanoTime();
    final PostgresServer postgres;
    final ClickHouseServers clickhouse;
    final String schema;
    final String database;
    final ClickHouseAddress address;

    CopiedLedger(PostgresServer postgres, ClickHouseServers clickhouse, boolean cluster) {
        this.postgres = postgres;
        this.clickhouse = clickhouse;
        schema = postgres.newSchemaName();
        database = clickhouse.newDatabase();
        address = ClickHouseAddress.parse(
                cluster ? clickhouse.clusterAddress(database) : clickhouse.address(database), Map.of(), warning -> {
                    throw new AssertionError(warning);
                });
    }

    static CopiedLedger shared() {
        return new CopiedLedger(
                PostgresServer.shared(PostgresServer.Version.NEWEST), ClickHouseServers.shared(), false);
    }

    PostgresLedger open() {
        return PostgresLedger.builder()
                .schema(schema)
                .prices(Samples.prices())
                .clock(InstantSource.fixed(Samples.NOW))
                .onWarning(warning -> {})
                .open(postgres.dataSource());
    }

    ClickHouseExporter exporter(int maxEntries) {
        return exporter(postgres.dataSource(), maxEntries);
    }

    ClickHouseExporter exporter(DataSource source, int maxEntries) {
        return new ClickHouseExporter(source, schema, "the ledger", address, maxEntries);
    }

    /** Exports through proxies: to the ledger's database and to a copy on one server. */
    ClickHouseExporter exporter(DataSource source, int port, int maxEntries) {
        return new ClickHouseExporter(
                source,
                schema,
                "the ledger",
                ClickHouseAddress.parse("clickhouse://127.0.0.1:" + port + "/" + database, Map.of(), warning -> {}),
                maxEntries);
    }

    /** Exports all there is; gives how much that was. The server's own transactions may hold some back for a moment. */
    long drain(ClickHouseExporter exporter) {
        long all = 0;
        while (true) {
            long entries = exporter.step();
            all += entries;
            if (entries == 0 && entries() == promise().entries()) {
                return all;
            }
            checkTime();
        }
    }

    /** Exports once, as soon as there is something to export. */
    long some(ClickHouseExporter exporter) {
        while (true) {
            long entries = exporter.step();
            if (entries > 0) {
                return entries;
            }
            checkTime();
        }
    }

    private void checkTime() {
        assertThat(System.nanoTime() - opened)
                .as("time since the ledger was made")
                .isLessThan(MAX_NANOS);
    }

    /** What the ledger says of the copy: its table, and which rows of it count. */
    record Promise(String relation, long written, long entries, String counting) {}

    Promise promise() {
        List<String> row =
                ledger("SELECT relation, written, term, term_from, entries FROM " + schema + ".copies").stream()
                        .flatMap(line -> List.of(line.split("\t", -1)).stream())
                        .toList();
        return new Promise(
                row.get(0),
                Long.parseLong(row.get(1)),
                Long.parseLong(row.get(4)),
                "written < " + row.get(1) + " AND (written < " + row.get(3) + " OR term = " + row.get(2) + ")");
    }

    /** Fails unless the rows that count are those that the ledger has below the watermark, in all of their columns. */
    void assertExact() {
        Promise promise = promise();
        if (promise.written() == 0) {
            assertThat(promise.entries()).isZero();
            return;
        }
        List<String> expected = ledger(ofLedger("r.written < " + promise.written()));
        assertThat(copy(ofCopy(promise.relation(), promise.counting()))).isEqualTo(expected);
        assertThat((long) expected.size()).isEqualTo(promise.entries());
    }

    /** How many entries the ledger has. */
    long entries() {
        return Long.parseLong(
                ledger("SELECT count(*) FROM " + schema + ".records").get(0));
    }

    private String ofLedger(String which) {
        return "SELECT " + columns("r.", NUMBERS)
                + ", CASE WHEN r.kind < 4 THEN 1 - 2 * (r.kind & 1) ELSE 0 END, r.combination,"
                + " coalesce(r.thread, 0), coalesce(r.attributes, 0), coalesce(r.rare_fields, 0), "
                + FIGURES.stream()
                        .map(figure -> "coalesce(r." + figure + ", 0)")
                        .collect(Collectors.joining(", "))
                + ", r.cost, r.cost, coalesce(r.reported_cost::text, 'none'), coalesce(r.duration::text, 'none'), "
                + NAMES.stream().map(name -> hexOfText("c." + name)).collect(Collectors.joining(", "))
                + ", " + hexOfText("coalesce(f.notes, '')") + ", " + hexOfText("coalesce(p.price_id, '')") + ", "
                + hexOfText("coalesce(a.attributes, '')") + ", " + hexOfText("coalesce(r.extra, '')") + ", "
                + hexOfId("r.id") + ", " + hexOfId("r.request_id") + ", " + hexOfId("t.session") + ", "
                + hexOfId("t.conversation") + " FROM " + schema + ".records r JOIN " + schema
                + ".combinations c ON c.id = r.combination LEFT JOIN " + schema
                + ".threads t ON t.id = r.thread LEFT JOIN "
                + schema + ".attribute_sets a ON a.id = r.attributes LEFT JOIN " + schema
                + ".rare_fields f ON f.id = r.rare_fields LEFT JOIN " + schema + ".prices p ON p.id = r.price WHERE "
                + which
                + " ORDER BY r.seq";
    }

    private static String columns(String prefix, String names) {
        return List.of(names.split(", ")).stream().map(name -> prefix + name).collect(Collectors.joining(", "));
    }

    private static String hexOfText(String text) {
        return "upper(encode(convert_to(" + text + ", 'UTF8'), 'hex'))";
    }

    /** The hexadecimal form of an id as text: canonical UUIDs are a zero and 16 bytes. */
    private static String hexOfId(String id) {
        return "coalesce(CASE WHEN length(" + id + ") > 0 AND get_byte(" + id + ", 0) = 0"
                + " THEN upper(encode(convert_to(encode(substr(" + id + ", 2), 'hex')::uuid::text, 'UTF8'), 'hex'))"
                + " ELSE upper(encode(" + id + ", 'hex')) END, '')";
    }

    private static String ofCopy(String relation, String which) {
        return "SELECT " + NUMBERS + ", records, combination, thread, attribute_set, rare_fields, "
                + FIGURES.stream().map(figure -> figure + "_tokens").collect(Collectors.joining(", "))
                + ", cost_picos, toInt64(cost * 1000000000000),"
                + " if(isNull(reported_cost), 'none', toString(toInt64(reported_cost * 1000000000000))),"
                + " if(isNull(duration_ms), 'none', toString(duration_ms)), "
                + NAMES.stream().map(name -> "hex(toString(" + name + "))").collect(Collectors.joining(", "))
                + ", hex(toString(notes)), hex(toString(price_id)), hex(attributes_json), hex(extra), hex(id), hex(request_id),"
                + " hex(session_id), hex(conversation_id) FROM " + relation + " WHERE " + which + " ORDER BY seq";
    }

    /** The same, where an exporter may have been killed before the ledger knew of a copy. */
    void assertExactIfBegun() {
        if (!ledger("SELECT 1 FROM " + schema + ".copies").isEmpty()) {
            assertExact();
        }
    }

    /** Fails unless attributes are in the arrays as they are in the text. */
    void assertAttributes() {
        Promise promise = promise();
        List<String> rows =
                copy("SELECT hex(attributes_json), arrayStringConcat(arrayMap((k, v) -> concat(hex(k), '=', hex(v)),"
                        + " attribute_keys, attribute_values), ',') FROM " + promise.relation() + " WHERE "
                        + promise.counting()
                        + " ORDER BY seq");
        for (String row : rows) {
            String[] both = row.split("\t", -1);
            String json = new String(HexFormat.of().parseHex(both[0]), StandardCharsets.UTF_8);
            String expected = Values.map(json.isEmpty() ? null : json).entrySet().stream()
                    .map(entry -> hex(entry.getKey()) + "=" + hex(entry.getValue()))
                    .collect(Collectors.joining(","));
            assertThat(both[1]).isEqualTo(expected);
        }
    }

    private static String hex(String text) {
        return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    List<String> copy(String sql) {
        return clickhouse
                .ask(0, sql.replace(CopyTable.PREFIX, database + "." + CopyTable.PREFIX))
                .lines()
                .toList();
    }

    List<String> ledger(String sql) {
        try (Connection connection = postgres.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> lines = new ArrayList<>();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    values.add(Objects.toString(row.getString(i)));
                }
                lines.add(String.join("\t", values));
            }
            return lines;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        postgres.dropSchema(schema);
        clickhouse.dropDatabase(database);
    }
}
