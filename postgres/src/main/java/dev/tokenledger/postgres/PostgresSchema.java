package dev.tokenledger.postgres;

import dev.tokenledger.LedgerIncompatibleException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

/**
 * A ledger's tables, and how they become those of this version. They stand in one schema of a database; several ledgers may share
 * a database in schemas of their own.
 *
 * <p>A migration is one script, run in the transaction that raises the version, under an advisory lock: {@code CREATE … IF NOT
 * EXISTS} is not safe against itself. Scripts are never changed once they were released. What no
 * script can do follows in the same transaction.
 *
 * <p>Facts are in {@code records}, {@code reversals}, {@code revaluations}, {@code adjustments} and {@code period_marks}, which
 * are only ever inserted into, and in {@code reader_states}. {@code copies} says how far copies elsewhere have come. Texts that
 * repeat are kept once, found by a digest of theirs, because an index takes no keys beyond 2,704 bytes. Derived from the records:
 * {@code pages} and {@code deltas}.
 */
final class PostgresSchema {

    /** "TkLg" in ASCII: the first half of the advisory locks that concern a schema. */
    static final int LOCKS = 0x546b4c67;

    private static final int MAX_NAME_BYTES = 63;

    private static final String VERSION_1 = String.format(
            Locale.ROOT,
            """
            CREATE TABLE {meta} (
                version int NOT NULL
            );
            INSERT INTO {meta} (version) VALUES (0);
            CREATE TABLE {combinations} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                model text COLLATE "C" NOT NULL,
                upstream_model text COLLATE "C" NOT NULL,
                provider text COLLATE "C" NOT NULL,
                resource text COLLATE "C" NOT NULL,
                role text COLLATE "C" NOT NULL,
                task text COLLATE "C" NOT NULL,
                source text COLLATE "C" NOT NULL,
                pricing_status text COLLATE "C" NOT NULL,
                outcome text COLLATE "C" NOT NULL,
                service_tier text COLLATE "C" NOT NULL
            );
            CREATE TABLE {threads} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                session bytea NOT NULL,
                conversation bytea NOT NULL,
                UNIQUE (session, conversation)
            );
            CREATE INDEX threads_by_conversation ON {threads} (conversation);
            CREATE TABLE {attribute_keys} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                name text COLLATE "C" NOT NULL,
                wide boolean NOT NULL DEFAULT false
            );
            CREATE TABLE {attribute_pairs} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                attribute int NOT NULL,
                digest bytea NOT NULL,
                value text COLLATE "C" NOT NULL,
                UNIQUE (attribute, digest)
            );
            CREATE TABLE {attribute_sets} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                attributes text COLLATE "C" NOT NULL
            );
            CREATE TABLE {rare_fields} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                requested_model text COLLATE "C" NOT NULL,
                requested_service_tier text COLLATE "C" NOT NULL,
                aggregate text COLLATE "C" NOT NULL,
                notes text COLLATE "C" NOT NULL,
                cost_notes text COLLATE "C" NOT NULL
            );
            CREATE TABLE {prices} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                price_id text COLLATE "C" NOT NULL,
                entry text COLLATE "C"
            );
            CREATE SEQUENCE {records_seq};
            CREATE TABLE {records} (
                seq bigint NOT NULL,
                occurred bigint NOT NULL,
                recorded bigint NOT NULL,
                written bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
                input bigint NOT NULL,
                output bigint NOT NULL,
                cost bigint NOT NULL,
                cache_read bigint,
                cache_creation bigint,
                cache_creation_5m bigint,
                cache_creation_1h bigint,
                reasoning bigint,
                duration bigint,
                reported_cost bigint,
                combination int NOT NULL,
                thread int,
                attributes int,
                rare_fields int,
                price int,
                kind smallint NOT NULL,
                id bytea NOT NULL,
                request_id bytea,
                upstream_request_id bytea,
                extra text COLLATE "C"
            );
            CREATE UNIQUE INDEX records_by_id ON {records} (id);
            CREATE INDEX records_by_thread ON {records} (thread) WHERE thread IS NOT NULL;
            CREATE INDEX records_by_quarter ON {records} (((occurred / 900000000)::int));
            CREATE INDEX records_by_written ON {records} USING brin (written);
            CREATE TABLE {reversals} (
                reversed bytea PRIMARY KEY,
                reversal bytea NOT NULL UNIQUE,
                reason text COLLATE "C" NOT NULL
            );
            CREATE TABLE {reader_states} (
                digest bytea PRIMARY KEY,
                key text COLLATE "C" NOT NULL,
                state text COLLATE "C" NOT NULL
            );
            CREATE TABLE {deltas} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                count int NOT NULL,
                first int NOT NULL,
                last int NOT NULL,
                whole bytea,
                cells bytea NOT NULL
            );
            ALTER TABLE {deltas} ALTER whole SET STORAGE EXTERNAL, ALTER cells SET STORAGE EXTERNAL;
            ALTER TABLE {deltas} SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
            CREATE TABLE {pages} (
                key bigint PRIMARY KEY,
                cells bytea NOT NULL
            );
            ALTER TABLE {pages} ALTER cells SET STORAGE EXTERNAL;
            ALTER TABLE {pages} SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
            CREATE VIEW {usage_records} AS
            SELECT
                %s AS id,
                timestamptz 'epoch' + (r.occurred / 1000000) * interval '1 second'
                    + (r.occurred %% 1000000) * interval '1 microsecond' AS timestamp,
                %s AS request_id,
                %s AS session_id,
                %s AS conversation_id,
                %s AS upstream_request_id,
                c.model,
                c.upstream_model,
                c.resource,
                c.provider,
                r.input AS input_tokens,
                r.output AS output_tokens,
                coalesce(r.cache_creation, 0) AS cache_creation_input_tokens,
                coalesce(r.cache_creation_5m, 0) AS cache_creation_5m_input_tokens,
                coalesce(r.cache_creation_1h, 0) AS cache_creation_1h_input_tokens,
                coalesce(r.cache_read, 0) AS cache_read_input_tokens,
                coalesce(r.reasoning, 0) AS reasoning_tokens,
                r.cost * 0.000000000001::numeric AS cost_usd,
                c.role,
                c.task AS task_name,
                c.pricing_status,
                c.outcome,
                r.duration AS duration_ms,
                c.service_tier,
                c.source,
                a.attributes,
                p.price_id,
                r.cost AS cost_picos
            FROM {records} r
            JOIN {combinations} c ON c.id = r.combination
            LEFT JOIN {threads} t ON t.id = r.thread
            LEFT JOIN {attribute_sets} a ON a.id = r.attributes
            LEFT JOIN {prices} p ON p.id = r.price
            WHERE r.kind = 0 AND NOT EXISTS (SELECT 1 FROM {reversals} v WHERE v.reversed = r.id);
            """,
            idText("r.id"),
            idText("r.request_id"),
            idText("t.session"),
            idText("t.conversation"),
            idText("r.upstream_request_id"));

    /**
     * Roll-ups count records with doubts, see {@link DoubtCounts#addTo}. A program of an older version would misread and overwrite
     * such pages: one that is connected finds their column no more, and fails.
     */
    private static final String VERSION_2 = """
            ALTER TABLE {pages} RENAME COLUMN cells TO packed;
            ALTER TABLE {deltas} RENAME COLUMN cells TO packed;
            """;

    /**
     * Records may be revalued, amounts adjusted, periods closed. Readers' states are found by the beginnings of their keys, of which
     * the index has as much as it takes. Most ids and instants rise, so that pages of their indexes are seldom split again and may be
     * full. A record that was revalued stands in the view at its last cost.
     * The index by record and number has at most one revaluation of each number, so that none is counted twice. A program of an
     * older version, which would count such records wrongly, finds the column of roll-ups no more, as in version 2.
     */
    private static final String VERSION_3 = String.format(
            Locale.ROOT,
            """
            CREATE TABLE {revaluation_runs} (
                id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                digest bytea NOT NULL UNIQUE,
                run text COLLATE "C" NOT NULL,
                reason text COLLATE "C" NOT NULL
            );
            CREATE TABLE {revaluations} (
                revalued bytea NOT NULL,
                number int NOT NULL,
                revaluation bytea NOT NULL UNIQUE,
                withdrawal bytea NOT NULL,
                run int NOT NULL,
                PRIMARY KEY (revalued, number)
            );
            CREATE TABLE {adjustments} (
                adjustment bytea PRIMARY KEY,
                reason text COLLATE "C" NOT NULL
            );
            CREATE TABLE {period_marks} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                closed_before bigint,
                zone text COLLATE "C" NOT NULL,
                reason text COLLATE "C" NOT NULL,
                recorded bigint NOT NULL
            );
            CREATE INDEX reader_states_by_key ON {reader_states} (left(key, 200));
            ALTER INDEX {records_by_id} SET (fillfactor = 98);
            ALTER INDEX {records_by_quarter} SET (fillfactor = 98);
            ALTER TABLE {pages} RENAME COLUMN packed TO totals;
            ALTER TABLE {deltas} RENAME COLUMN packed TO totals;
            CREATE OR REPLACE VIEW {usage_records} AS
            SELECT
                %s AS id,
                timestamptz 'epoch' + (r.occurred / 1000000) * interval '1 second'
                    + (r.occurred %% 1000000) * interval '1 microsecond' AS timestamp,
                %s AS request_id,
                %s AS session_id,
                %s AS conversation_id,
                %s AS upstream_request_id,
                c.model,
                c.upstream_model,
                c.resource,
                c.provider,
                r.input AS input_tokens,
                r.output AS output_tokens,
                coalesce(r.cache_creation, 0) AS cache_creation_input_tokens,
                coalesce(r.cache_creation_5m, 0) AS cache_creation_5m_input_tokens,
                coalesce(r.cache_creation_1h, 0) AS cache_creation_1h_input_tokens,
                coalesce(r.cache_read, 0) AS cache_read_input_tokens,
                coalesce(r.reasoning, 0) AS reasoning_tokens,
                e.cost * 0.000000000001::numeric AS cost_usd,
                c.role,
                c.task AS task_name,
                c.pricing_status,
                c.outcome,
                r.duration AS duration_ms,
                c.service_tier,
                c.source,
                a.attributes,
                p.price_id,
                e.cost AS cost_picos
            FROM {records} r
            JOIN LATERAL (
                SELECT n.cost, n.combination, n.price FROM {revaluations} x JOIN {records} n ON n.id = x.revaluation
                WHERE x.revalued = r.id AND NOT EXISTS (SELECT 1 FROM {revaluations} l
                    WHERE l.revalued = r.id AND l.number > x.number)
                UNION ALL
                SELECT r.cost, r.combination, r.price
                WHERE NOT EXISTS (SELECT 1 FROM {revaluations} x WHERE x.revalued = r.id)
            ) e ON true
            JOIN {combinations} c ON c.id = e.combination
            LEFT JOIN {threads} t ON t.id = r.thread
            LEFT JOIN {attribute_sets} a ON a.id = r.attributes
            LEFT JOIN {prices} p ON p.id = e.price
            WHERE r.kind = 0 AND NOT EXISTS (SELECT 1 FROM {reversals} v WHERE v.reversed = r.id);
            """,
            idText("r.id"),
            idText("r.request_id"),
            idText("t.session"),
            idText("t.conversation"),
            idText("r.upstream_request_id"));

    /**
     * Copies of the records elsewhere, and how far each has come, see {@link dev.tokenledger.sql.engine.CopyState}. Records are
     * found by their transactions soon after they were written: their index is extended as they arrive.
     */
    private static final String VERSION_4 = """
            CREATE TABLE {copies} (
                name text COLLATE "C" PRIMARY KEY,
                relation text COLLATE "C" NOT NULL,
                former text COLLATE "C" NOT NULL,
                origin text COLLATE "C" NOT NULL,
                written bigint NOT NULL,
                term bigint NOT NULL,
                term_from bigint NOT NULL,
                entries bigint NOT NULL,
                checksum bigint NOT NULL,
                updated timestamptz NOT NULL
            );
            ALTER INDEX {records_by_written} SET (autosummarize = on);
            """;

    /** The version from which on roll-ups count records with doubts. */
    private static final int COUNTING_DOUBTS = 2;

    /** The scripts that lead from each version to the next. */
    private static final List<String> MIGRATIONS = List.of(VERSION_1, VERSION_2, VERSION_3, VERSION_4);

    private final String name;
    private final String prefix;

    /** @param name the schema's */
    PostgresSchema(String name) {
        this.name = checkedName(name);
        prefix = quoted(name) + ".";
    }

    /**
     * Checks the name of a schema.
     *
     * @throws IllegalArgumentException if it is none, or one that PostgreSQL would shorten
     */
    static String checkedName(String name) {
        if (name.isEmpty()
                || name.indexOf('\0') >= 0
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("schema: expected a name of 1 to " + MAX_NAME_BYTES
                    + " bytes, found one of " + name.length() + " characters");
        }
        return name;
    }

    /** The version that this program writes. */
    static int newest() {
        return MIGRATIONS.size();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** SQL for an id as text: canonical UUIDs are stored as a zero and 16 bytes. */
    private static String idText(String column) {
        return ("CASE WHEN get_byte(X, 0) = 0 THEN (encode(substr(X, 2), 'hex'))::uuid::text"
                        + " ELSE convert_from(X, 'UTF8') END")
                .replace("X", "nullif(" + column + ", '')")
                .transform(sql -> "coalesce(" + sql + ", '')");
    }

    String name() {
        return name;
    }

    /** A statement with the names in braces qualified by the schema. */
    String sql(String template) {
        return template.replace("{", prefix).replace("}", "");
    }

    /** SQL for the advisory lock on everything derived, which whoever folds or rebuilds holds until the transaction ends. */
    String foldLock(boolean orGiveUp) {
        return "SELECT pg_" + (orGiveUp ? "try_" : "") + "advisory_xact_lock(" + (LOCKS + 1) + ", hashtext(" + literal()
                + "))";
    }

    /**
     * SQL for the advisory lock on what is done to records, held until the transaction ends: reversals share it, whatever must not
     * happen beside them has it alone. A lock on the rows would ask for the right to update them.
     */
    String correctionLock(boolean shared) {
        return "SELECT pg_advisory_xact_lock" + (shared ? "_shared" : "") + "(" + (LOCKS + 2) + ", hashtext("
                + literal() + "))";
    }

    /** SQL that tries for the advisory lock on one of the ledger's copies, which who feeds it holds while connected. */
    String copyLock(String copy) {
        return "SELECT pg_try_advisory_lock" + lockOf(copy);
    }

    /** SQL that gives that lock up. */
    String copyUnlock(String copy) {
        return "SELECT pg_advisory_unlock" + lockOf(copy);
    }

    private String lockOf(String copy) {
        return "(" + (LOCKS + 3) + ", hashtext(" + literal() + " || '/' || " + literal(copy) + "))";
    }

    private String literal() {
        return literal(name);
    }

    private static String literal(String text) {
        // Standard strings, in which a backslash is one; a connection may have been set otherwise.
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    /**
     * The version of the tables.
     *
     * @return 0 if there are none
     * @throws LedgerIncompatibleException if they are of a newer version, or something else's
     */
    int version(Connection connection, String place) throws SQLException {
        boolean meta;
        boolean records;
        try (PreparedStatement select =
                connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL, to_regclass(?) IS NOT NULL")) {
            select.setString(1, prefix + "meta");
            select.setString(2, prefix + "records");
            try (ResultSet row = select.executeQuery()) {
                row.next();
                meta = row.getBoolean(1);
                records = row.getBoolean(2);
            }
        }
        if (!meta && !records) {
            return 0;
        }
        if (meta != records) {
            throw new LedgerIncompatibleException(
                    "cannot open " + place + ": the schema " + name + " holds a table '" + (meta ? "meta" : "records")
                            + "' that is not a ledger's; nothing was changed, name another schema",
                    null);
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql("SELECT version FROM {meta}"))) {
            int version = row.next() ? row.getInt(1) : 0;
            if (version > newest()) {
                throw new LedgerIncompatibleException(
                        "cannot open " + place + ": its schema is version " + version + ", and this program knows "
                                + newest() + "; nothing was changed, use a newer version of Tokenledger",
                        null);
            }
            return version;
        }
    }

    /**
     * Makes the tables those of the newest version, in a transaction of its own.
     *
     * @param connection one that commits by itself
     */
    void migrate(Connection connection, String place) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCKS + ", hashtext(" + literal() + "))");
            // Another process may have migrated while this one waited for the lock.
            if (!exists(connection)) {
                statement.execute("CREATE SCHEMA " + quoted(name));
            }
            int from = version(connection, place);
            for (int next = from; next < newest(); next++) {
                statement.execute(sql(MIGRATIONS.get(next)));
                statement.execute(sql("UPDATE {meta} SET version = " + (next + 1)));
            }
            if (from > 0 && from < COUNTING_DOUBTS) {
                DoubtCounts.addTo(connection, this, place);
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
            } catch (SQLException rollback) {
                e.addSuppressed(rollback);
            }
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    private boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }
}
