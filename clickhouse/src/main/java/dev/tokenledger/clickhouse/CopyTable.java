package dev.tokenledger.clickhouse;

import dev.tokenledger.sql.engine.CopiedRecord;
import dev.tokenledger.sql.engine.CopyState;
import dev.tokenledger.sql.engine.NameReader.ThreadIds;
import dev.tokenledger.sql.engine.StoredRecord.Number;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tables of a copy, and a record as a row of them. The same in ClickHouse 18.16 and 26.7.
 *
 * <p>On every server: the table of the rows ({@code usage_records_…}, whose name ends with a number drawn when the copy was begun,
 * so that one that was made anew is never taken for it); one with the marks that the ledger's watermark has passed ({@code …_marks});
 * and the view {@code usage_records} for analysts, which shows the rows that count below the last mark. In a cluster the rows are in
 * {@code …_local}, and the table over all shards takes the name. Rows are ordered by the instant of the call. An entry that takes
 * away another one is a row of its own with its figures below zero, so totals are plain sums.
 */
final class CopyTable {

    /** What a copy's tables are called, up to the number. */
    static final String PREFIX = "usage_records_";

    /** What analysts ask. */
    static final String VIEW = "usage_records";

    /** ClickHouse's {@code DateTime} ends in 2106. */
    private static final long MAX_SECOND = 0xffff_ffffL;

    private static final long MICROS = 1_000_000;

    private static final List<String> COLUMNS = List.of(
            "timestamp DateTime('UTC')",
            "seq Int64",
            "occurred Int64",
            "recorded Int64",
            "written UInt64",
            "term Int64",
            "kind Int8",
            "records Int8",
            "combination Int32",
            "thread Int32",
            "attribute_set Int32",
            "rare_fields Int32",
            "input_tokens Int64",
            "output_tokens Int64",
            "cache_read_tokens Int64",
            "cache_creation_tokens Int64",
            "cache_creation_5m_tokens Int64",
            "cache_creation_1h_tokens Int64",
            "reasoning_tokens Int64",
            "cost_picos Int64",
            "cost Decimal(38, 12)",
            "reported_cost Nullable(Decimal(38, 12))",
            "duration_ms Nullable(Int64)",
            "model LowCardinality(String)",
            "upstream_model LowCardinality(String)",
            "provider LowCardinality(String)",
            "resource LowCardinality(String)",
            "role LowCardinality(String)",
            "task LowCardinality(String)",
            "source LowCardinality(String)",
            "pricing_status LowCardinality(String)",
            "outcome LowCardinality(String)",
            "service_tier LowCardinality(String)",
            "requested_model LowCardinality(String)",
            "requested_service_tier LowCardinality(String)",
            "notes LowCardinality(String)",
            "price_id LowCardinality(String)",
            "id String",
            "concerned_id String",
            "request_id String",
            "upstream_request_id String",
            "session_id String",
            "conversation_id String",
            "attributes_json String",
            "attribute_keys Array(String)",
            "attribute_values Array(String)",
            "extra String");

    /** Columns that are the ledger's own bookkeeping. */
    private static final List<String> OWN = List.of(
            "occurred", "recorded", "written", "term", "kind", "combination", "thread", "attribute_set", "rare_fields");

    private final String relation;
    private final boolean sharded;

    CopyTable(String relation, boolean sharded) {
        this.relation = relation;
        this.sharded = sharded;
    }

    String relation() {
        return relation;
    }

    /** Where the rows of one server are. */
    String local() {
        return sharded ? relation + "_local" : relation;
    }

    String marks() {
        return relation + "_marks";
    }

    /** Whether rows are inserted with the newer version's durability. */
    private static String settings(boolean modern) {
        return "SETTINGS index_granularity = 8192"
                + (modern ? ", fsync_after_insert = 1, fsync_part_directory = 1" : "");
    }

    /**
     * The statements that make the tables where they are not there.
     *
     * @param modern whether the server is of a version from 24 on
     */
    List<String> creation(String database, String cluster, boolean modern) {
        String columns = String.join(", ", COLUMNS);
        String table = "CREATE TABLE IF NOT EXISTS " + local() + " (" + columns
                + ") ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY (occurred, seq) " + settings(modern);
        String marks = "CREATE TABLE IF NOT EXISTS " + marks()
                + " (written UInt64, term Int64, term_from UInt64, entries UInt64)"
                + " ENGINE = MergeTree ORDER BY (written, term_from) " + settings(false);
        if (!sharded) {
            return List.of(table, marks);
        }
        return List.of(
                table,
                marks,
                "CREATE TABLE IF NOT EXISTS " + relation + " (" + columns + ") ENGINE = Distributed("
                        + ClickHouseClient.literal(cluster) + ", " + ClickHouseClient.literal(database) + ", "
                        + ClickHouseClient.literal(local()) + ", thread)");
    }

    /** The statement that makes the view for analysts. */
    String view(boolean modern) {
        String columns = COLUMNS.stream()
                .map(column -> column.substring(0, column.indexOf(' ')))
                .filter(column -> !OWN.contains(column))
                .collect(Collectors.joining(", "));
        String kinds = "transform(toInt64(kind), [0, 1, 2, 3, 4, 5], ['usage', 'reversal', 'revaluation', 'withdrawal',"
                + " 'adjustment', 'adjustment reversal'], 'unknown') AS entry";
        return "CREATE VIEW IF NOT EXISTS " + VIEW + " AS SELECT " + columns + ", " + kinds
                + ", toDateTime(intDiv(recorded, 1000000), 'UTC') AS recorded_at"
                + (modern ? ", mapFromArrays(attribute_keys, attribute_values) AS attributes" : "")
                + " FROM " + relation + " WHERE written < (SELECT max(written) FROM " + marks()
                + ") AND (written < (SELECT max(term_from) FROM " + marks() + ") OR term = (SELECT term FROM " + marks()
                + " ORDER BY written DESC, term_from DESC LIMIT 1))";
    }

    /** The statements that remove the tables. */
    List<String> removal() {
        return sharded
                ? List.of(
                        "DROP TABLE IF EXISTS " + relation,
                        "DROP TABLE IF EXISTS " + local(),
                        "DROP TABLE IF EXISTS " + marks())
                : List.of("DROP TABLE IF EXISTS " + relation, "DROP TABLE IF EXISTS " + marks());
    }

    /** Up to the format of the rows that {@link #write} makes. */
    String insertion() {
        return "INSERT INTO " + local() + " FORMAT RowBinary";
    }

    String mark(CopyState state) {
        return "INSERT INTO " + marks() + " VALUES (" + state.written() + ", " + state.term() + ", " + state.termFrom()
                + ", " + state.entries() + ")";
    }

    /** Which rows count in this state. */
    static String counting(CopyState state) {
        return "(written < " + state.written() + " AND (written < " + state.termFrom() + " OR term = " + state.term()
                + "))";
    }

    /** The second of the call, as far as {@code DateTime} goes. */
    static long second(long occurred) {
        return Math.min(MAX_SECOND, Math.floorDiv(occurred, MICROS));
    }

    /** Writes a record as a row, in the order of {@link #COLUMNS}. */
    static void write(RowBinary to, CopiedRecord row, long term) throws SQLException {
        long occurred = row.number(Number.OCCURRED);
        long cost = row.number(Number.COST);
        to.int32((int) second(occurred));
        to.int64(row.number(Number.SEQUENCE));
        to.int64(occurred);
        to.int64(row.number(Number.RECORDED));
        to.int64(row.written());
        to.int64(term);
        to.int8(row.kind());
        to.int8((int) RowKind.records(row.kind()));
        to.int32(Math.toIntExact(row.number(Number.COMBINATION)));
        to.int32(Math.toIntExact(row.number(Number.THREAD)));
        to.int32(Math.toIntExact(row.number(Number.ATTRIBUTES)));
        to.int32(Math.toIntExact(row.number(Number.RARE_FIELDS)));
        for (Number number : List.of(
                Number.INPUT,
                Number.OUTPUT,
                Number.CACHE_READ,
                Number.CACHE_CREATION,
                Number.CACHE_CREATION_5M,
                Number.CACHE_CREATION_1H,
                Number.REASONING)) {
            to.int64(row.number(number));
        }
        to.int64(cost);
        to.int128(cost);
        Long reported = row.reportedCost();
        to.isNull(reported == null);
        if (reported != null) {
            to.int128(reported);
        }
        Long duration = row.duration();
        to.isNull(duration == null);
        if (duration != null) {
            to.int64(duration);
        }
        Combination combination = row.combination();
        combination.values().forEach(to::text);
        RareFields rare = row.rareFields();
        to.text(rare.requestedModel());
        to.text(rare.requestedServiceTier());
        to.text(rare.notes());
        to.text(row.priceId());
        to.text(row.id());
        to.text(row.concerned());
        to.text(row.requestId());
        to.text(row.upstreamRequestId());
        ThreadIds thread = row.thread();
        to.text(thread.session());
        to.text(thread.conversation());
        String json = row.attributes();
        to.text(json);
        Map<String, String> attributes = json.isEmpty() ? Map.of() : Values.map(json);
        to.texts(attributes.keySet());
        to.texts(attributes.values());
        String extra = row.extra();
        to.text(extra == null ? "" : extra);
    }
}
