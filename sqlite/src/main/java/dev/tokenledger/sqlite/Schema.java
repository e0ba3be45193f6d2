package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerIncompatibleException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.SQLiteErrorCode;

/**
 * The file's tables, and how a file of an older version becomes one of this version.
 *
 * <p>The file's {@code application_id} says that it is a ledger, its {@code user_version} which version of the schema it
 * has; in an application's file {@link PrefixedNames} do. A migration is one script, run in the transaction that raises the
 * version; scripts are never changed once they were released. What no script can do follows in the same transaction.
 *
 * <p>Facts are in {@code records}, {@code reversals}, {@code revaluations}, {@code adjustments} and {@code period_marks}, which
 * only ever grow, and in {@code reader_states}. Texts that repeat are kept once, in {@code revaluation_runs}, {@code combinations}, {@code threads}, {@code attribute_sets}, {@code circumstances} and
 * {@code prices}. Derived from the records, and checked and mended by {@link Verification}: {@code runs}, {@code
 * busy_quarters}, {@code entries_by_time}, {@code pages}, {@code deltas}.
 */
final class Schema {

    /** "TkLg" in ASCII. */
    static final int APPLICATION_ID = 0x546b4c67;

    /**
     * The index by thread begins with the record's number divided by 2 to this power, so that rows scattered over years
     * of threads, as an import brings them, dirty the pages of one part (262,144 records) and not of the whole index:
     * twice the speed of such appends, for some 5 microseconds a part in looking up a thread.
     */
    static final int PART_BITS = 18;

    /** The tables that are derived from the others. */
    static final Set<String> DERIVED = Set.of("runs", "pages", "deltas", "busy_quarters", "entries_by_time");

    private static final long RETRY_NANOS = 1_000_000;

    private static final String VERSION_1 = String.format(
            Locale.ROOT,
            """
            CREATE TABLE combinations (
                id INTEGER PRIMARY KEY,
                model TEXT NOT NULL,
                upstream_model TEXT NOT NULL,
                provider TEXT NOT NULL,
                resource TEXT NOT NULL,
                role TEXT NOT NULL,
                task TEXT NOT NULL,
                source TEXT NOT NULL,
                pricing_status TEXT NOT NULL,
                outcome TEXT NOT NULL,
                service_tier TEXT NOT NULL,
                UNIQUE (model, upstream_model, provider, resource, role, task, source, pricing_status, outcome,
                    service_tier)
            ) STRICT;
            CREATE TABLE threads (
                id INTEGER PRIMARY KEY,
                session ANY NOT NULL,
                conversation ANY NOT NULL,
                UNIQUE (session, conversation)
            ) STRICT;
            CREATE INDEX threads_by_conversation ON threads (conversation);
            CREATE TABLE attribute_keys (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                wide INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            CREATE TABLE attribute_pairs (
                id INTEGER PRIMARY KEY,
                attribute INTEGER NOT NULL,
                value TEXT NOT NULL,
                UNIQUE (attribute, value)
            ) STRICT;
            CREATE TABLE attribute_sets (
                id INTEGER PRIMARY KEY,
                attributes TEXT NOT NULL UNIQUE
            ) STRICT;
            CREATE TABLE circumstances (
                id INTEGER PRIMARY KEY,
                requested_model TEXT NOT NULL,
                requested_service_tier TEXT NOT NULL,
                aggregate INTEGER NOT NULL,
                notes TEXT NOT NULL,
                cost_notes TEXT NOT NULL,
                UNIQUE (requested_model, requested_service_tier, aggregate, notes, cost_notes)
            ) STRICT;
            CREATE TABLE prices (
                id INTEGER PRIMARY KEY,
                price_id TEXT NOT NULL UNIQUE,
                entry TEXT
            ) STRICT;
            CREATE TABLE records (
                seq INTEGER PRIMARY KEY,
                occurred INTEGER NOT NULL,
                combination INTEGER NOT NULL,
                thread INTEGER,
                kind INTEGER NOT NULL,
                input INTEGER NOT NULL,
                output INTEGER NOT NULL,
                cache_read INTEGER NOT NULL,
                cache_creation INTEGER NOT NULL,
                cache_creation_5m INTEGER NOT NULL,
                cache_creation_1h INTEGER NOT NULL,
                reasoning INTEGER NOT NULL,
                cost INTEGER NOT NULL,
                attributes INTEGER,
                circumstances INTEGER,
                price INTEGER,
                recorded INTEGER NOT NULL,
                duration INTEGER,
                reported_cost INTEGER,
                extra TEXT,
                id ANY NOT NULL,
                request_id ANY,
                upstream_request_id ANY
            ) STRICT;
            CREATE UNIQUE INDEX records_by_id ON records (id);
            CREATE INDEX records_by_thread ON records (seq >> 18, thread) WHERE thread IS NOT NULL;
            CREATE TABLE reversals (
                reversed INTEGER PRIMARY KEY,
                reversal INTEGER NOT NULL UNIQUE,
                reason TEXT NOT NULL
            ) STRICT;
            CREATE TABLE reader_states (
                key TEXT NOT NULL PRIMARY KEY,
                state TEXT NOT NULL
            ) STRICT;
            CREATE TABLE runs (
                quarter INTEGER NOT NULL,
                first INTEGER NOT NULL,
                last INTEGER NOT NULL,
                PRIMARY KEY (quarter, first)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE pages (
                key INTEGER PRIMARY KEY,
                cells BLOB NOT NULL
            ) STRICT;
            CREATE TABLE deltas (
                id INTEGER PRIMARY KEY,
                count INTEGER NOT NULL,
                cells BLOB NOT NULL
            ) STRICT;
            CREATE VIEW usage_records AS
            SELECT
                %s AS id,
                strftime('%%Y-%%m-%%dT%%H:%%M:%%S', r.occurred / 1000000, 'unixepoch')
                    || printf('.%%06dZ', r.occurred %% 1000000) AS timestamp,
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
                r.cache_creation AS cache_creation_input_tokens,
                r.cache_creation_5m AS cache_creation_5m_input_tokens,
                r.cache_creation_1h AS cache_creation_1h_input_tokens,
                r.cache_read AS cache_read_input_tokens,
                r.reasoning AS reasoning_tokens,
                printf('%%d.%%012d', r.cost / 1000000000000, r.cost %% 1000000000000) AS cost_usd,
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
            FROM records r
            JOIN combinations c ON c.id = r.combination
            LEFT JOIN threads t ON t.id = r.thread
            LEFT JOIN attribute_sets a ON a.id = r.attributes
            LEFT JOIN prices p ON p.id = r.price
            WHERE r.kind = 0 AND r.seq NOT IN (SELECT reversed FROM reversals);
            """,
            idText("r.id"),
            idText("r.request_id"),
            idText("t.session"),
            idText("t.conversation"),
            idText("r.upstream_request_id"));

    /** Deltas say which quarters they span, and hold the sum over all of them besides. */
    private static final String VERSION_2 = """
            CREATE TABLE new_deltas (
                id INTEGER PRIMARY KEY,
                count INTEGER NOT NULL,
                first INTEGER NOT NULL,
                last INTEGER NOT NULL,
                whole BLOB,
                cells BLOB NOT NULL
            ) STRICT;
            INSERT INTO new_deltas (id, count, first, last, cells)
            SELECT id, count, 0, 2147483647, cells FROM deltas;
            DROP TABLE deltas;
            ALTER TABLE new_deltas RENAME TO deltas;
            """;

    /** Finds the busy quarter hours, and indexes their entries by time; for empty tables. */
    static final String FILL_TIME_INDEX = String.format(Locale.ROOT, """
            INSERT INTO busy_quarters (quarter)
            SELECT quarter FROM runs GROUP BY quarter HAVING sum(last - first + 1) > %d;
            INSERT INTO entries_by_time (occurred, seq)
            SELECT r.occurred, r.seq FROM busy_quarters b
            CROSS JOIN runs ON runs.quarter = b.quarter
            CROSS JOIN records r ON r.seq BETWEEN runs.first AND runs.last;
            """, TimeIndex.BUSY);

    /** Quarter hours with many entries have an index by time; records have a checksum from then on. */
    private static final String VERSION_3 = """
            ALTER TABLE records ADD COLUMN checksum INTEGER;
            CREATE TABLE busy_quarters (
                quarter INTEGER PRIMARY KEY
            ) STRICT;
            CREATE TABLE entries_by_time (
                occurred INTEGER NOT NULL,
                seq INTEGER NOT NULL,
                PRIMARY KEY (occurred, seq)
            ) STRICT, WITHOUT ROWID;
            """ + FILL_TIME_INDEX;

    /**
     * Roll-ups count records with doubts, see {@link DoubtCounts#addTo}. A program of an older version would misread and overwrite
     * such pages: one that has the file open finds their column no more, and fails.
     */
    private static final String VERSION_4 = """
            ALTER TABLE pages RENAME COLUMN cells TO packed;
            ALTER TABLE deltas RENAME COLUMN cells TO packed;
            """;

    /**
     * Records may be revalued, amounts adjusted, periods closed. A record that was revalued stands in the view at its last cost.
     * The index by record and number has at most one revaluation of each number, so that none is counted twice. A program of an
     * older version, which would count such records wrongly, finds the column of roll-ups no more, as in version 4.
     */
    private static final String VERSION_5 = String.format(
            Locale.ROOT,
            """
            CREATE TABLE revaluation_runs (
                id INTEGER PRIMARY KEY,
                run TEXT NOT NULL,
                reason TEXT NOT NULL,
                UNIQUE (run, reason)
            ) STRICT;
            CREATE TABLE revaluations (
                revalued INTEGER NOT NULL,
                number INTEGER NOT NULL,
                revaluation INTEGER NOT NULL UNIQUE,
                withdrawal INTEGER NOT NULL,
                run INTEGER NOT NULL,
                UNIQUE (revalued, number)
            ) STRICT;
            CREATE TABLE adjustments (
                adjustment INTEGER PRIMARY KEY,
                reason TEXT NOT NULL
            ) STRICT;
            CREATE TABLE period_marks (
                id INTEGER PRIMARY KEY,
                closed_before INTEGER,
                zone TEXT NOT NULL,
                reason TEXT NOT NULL,
                recorded INTEGER NOT NULL
            ) STRICT;
            ALTER TABLE pages RENAME COLUMN packed TO totals;
            ALTER TABLE deltas RENAME COLUMN packed TO totals;
            DROP VIEW usage_records;
            CREATE VIEW usage_records AS
            SELECT
                %s AS id,
                strftime('%%Y-%%m-%%dT%%H:%%M:%%S', r.occurred / 1000000, 'unixepoch')
                    || printf('.%%06dZ', r.occurred %% 1000000) AS timestamp,
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
                r.cache_creation AS cache_creation_input_tokens,
                r.cache_creation_5m AS cache_creation_5m_input_tokens,
                r.cache_creation_1h AS cache_creation_1h_input_tokens,
                r.cache_read AS cache_read_input_tokens,
                r.reasoning AS reasoning_tokens,
                printf('%%d.%%012d', e.cost / 1000000000000, e.cost %% 1000000000000) AS cost_usd,
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
            FROM records r
            JOIN records e ON e.seq = coalesce((SELECT x.revaluation FROM revaluations x WHERE x.revalued = r.seq
                ORDER BY x.number DESC LIMIT 1), r.seq)
            JOIN combinations c ON c.id = e.combination
            LEFT JOIN threads t ON t.id = r.thread
            LEFT JOIN attribute_sets a ON a.id = r.attributes
            LEFT JOIN prices p ON p.id = e.price
            WHERE r.kind = 0 AND r.seq NOT IN (SELECT reversed FROM reversals);
            """,
            idText("r.id"),
            idText("r.request_id"),
            idText("t.session"),
            idText("t.conversation"),
            idText("r.upstream_request_id"));

    /** The version from which on roll-ups count records with doubts. */
    private static final int COUNTING_DOUBTS = 4;

    private static final String CELLS_OF_PAGES = """
            CREATE TEMP VIEW pages AS
            SELECT key, cells AS totals FROM main.pages;
            """;

    private static final String CELLS = CELLS_OF_PAGES + """
            CREATE TEMP VIEW deltas AS
            SELECT id, count, first, last, whole, cells AS totals FROM main.deltas;
            """;

    private static final String PACKED = """
            CREATE TEMP VIEW pages AS
            SELECT key, packed AS totals FROM main.pages;
            CREATE TEMP VIEW deltas AS
            SELECT id, count, first, last, whole, packed AS totals FROM main.deltas;
            """;

    private static final String WITHOUT_TIME_INDEX = """
            CREATE TEMP VIEW busy_quarters AS
            SELECT 0 AS quarter WHERE 0;
            CREATE TEMP VIEW entries_by_time AS
            SELECT 0 AS occurred, 0 AS seq WHERE 0;
            """;

    private static final String WITHOUT_REVALUATIONS = """
            CREATE TEMP VIEW revaluation_runs AS
            SELECT 0 AS id, '' AS run, '' AS reason WHERE 0;
            CREATE TEMP VIEW revaluations AS
            SELECT 0 AS revalued, 0 AS number, 0 AS revaluation, 0 AS withdrawal, 0 AS run WHERE 0;
            CREATE TEMP VIEW adjustments AS
            SELECT 0 AS adjustment, '' AS reason WHERE 0;
            CREATE TEMP VIEW period_marks AS
            SELECT 0 AS id, 0 AS closed_before, '' AS zone, '' AS reason, 0 AS recorded WHERE 0;
            """;

    /** The scripts that lead from each version to the next; the first makes an empty file a ledger. */
    static final List<String> MIGRATIONS = List.of(VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5);

    /**
     * By version, the temporary views that show a file of that version as one of the newest: a name without a schema means the
     * temporary one first. They are of one connection, so the file is read, checked and copied without being changed.
     */
    private static final Map<Integer, String> READING = Map.of(
            1,
            WITHOUT_REVALUATIONS + CELLS_OF_PAGES + """
            CREATE TEMP VIEW deltas AS
            SELECT id, count, 0 AS first, 2147483647 AS last, NULL AS whole, cells AS totals FROM main.deltas;
            """ + WITHOUT_TIME_INDEX,
            2,
            WITHOUT_REVALUATIONS + CELLS + WITHOUT_TIME_INDEX,
            3,
            WITHOUT_REVALUATIONS + CELLS,
            4,
            WITHOUT_REVALUATIONS + PACKED);

    private Schema() {}

    /** The newest version, which this program writes. */
    static int newest() {
        return MIGRATIONS.size();
    }

    /** SQL for an id as text: canonical UUIDs are stored as 16 bytes. */
    private static String idText(String column) {
        return ("CASE WHEN typeof(X) = 'blob' THEN lower(substr(hex(X), 1, 8) || '-' || substr(hex(X), 9, 4) || '-'"
                        + " || substr(hex(X), 13, 4) || '-' || substr(hex(X), 17, 4) || '-' || substr(hex(X), 21))"
                        + " ELSE coalesce(X, '') END")
                .replace("X", column);
    }

    /**
     * Checks that the file is a ledger, or empty, and none of a newer version. Changes nothing.
     *
     * @return the file's version; 0 if it is empty
     * @throws LedgerIncompatibleException if the file is something else, of a newer version, or one that is to be read and
     *     is empty
     */
    static int check(Handle handle, String place, boolean readOnly, List<String> migrations) throws SQLException {
        int version = version(handle, place, migrations.size());
        if (version == 0 && readOnly) {
            throw new LedgerIncompatibleException(
                    "cannot open " + place
                            + ": it is an empty database, not a ledger; nothing was changed, open it once"
                            + " for writing",
                    null);
        }
        return version;
    }

    /** What lets this program's questions read a file of an older version, in the connection alone; may be empty. */
    static String readingAs(int version) {
        return READING.getOrDefault(version, "");
    }

    /**
     * Gives the file a write-ahead log, unless its file system cannot have one.
     *
     * <p>SQLite waits for the locks of other connections by itself, but where two of them read the file and both want to
     * write next, it refuses one at once: that one tries again until the timeout is over.
     *
     * @return whether the file has one now
     */
    static boolean writeAhead(Handle handle, Duration busyTimeout) throws SQLException {
        long start = System.nanoTime();
        long limit = TimeUnit.NANOSECONDS.convert(busyTimeout);
        while (true) {
            try {
                return handle.text("PRAGMA journal_mode = WAL").equalsIgnoreCase("wal");
            } catch (SQLException e) {
                if (Errors.primary(e) != SQLiteErrorCode.SQLITE_BUSY || System.nanoTime() - start >= limit) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** Makes a file that was {@linkplain #check checked} a ledger of the newest version. */
    static void migrate(Handle handle, Connections connections, String place, List<String> migrations)
            throws SQLException {
        handle.execute("BEGIN IMMEDIATE");
        try {
            // Another process may have migrated while this one waited for the lock.
            int from = version(handle, place, migrations.size());
            for (int next = from; next < migrations.size(); next++) {
                handle.executeScript(migrations.get(next));
                handle.schemaVersion(next + 1);
            }
            if (from > 0 && from < COUNTING_DOUBTS) {
                DoubtCounts.addTo(handle, connections);
            }
            handle.execute("COMMIT");
        } catch (SQLException | RuntimeException e) {
            try {
                handle.execute("ROLLBACK");
            } catch (SQLException rollback) {
                // Some failures have rolled back already; the first one is the one to report.
                e.addSuppressed(rollback);
            }
            throw e;
        }
    }

    /**
     * Whether the ledger's tables lie, or are to lie, beside those of an application, whose file it is.
     *
     * @param begins whether they may be made in such a file
     */
    static boolean isBeside(Handle handle, boolean begins) throws SQLException {
        // In one statement, which sees one state of the file: another process may be making a ledger of it just now.
        try (ResultSet row = handle.statement("SELECT (SELECT application_id FROM pragma_application_id),"
                        + " count(*), coalesce(sum(name = '" + PrefixedNames.VERSIONS + "'), 0) FROM sqlite_schema")
                .executeQuery()) {
            row.next();
            boolean own = row.getInt(1) == APPLICATION_ID || row.getLong(2) == 0;
            return !own && (begins || row.getLong(3) > 0);
        }
    }

    /** The version of the file's schema, 0 if it holds none. */
    private static int version(Handle handle, String place, int newest) throws SQLException {
        int version = handle.prefixesNames() ? handle.schemaVersion() : ownVersion(handle, place);
        if (version > newest) {
            throw new LedgerIncompatibleException(
                    "cannot open " + place + ": its schema has version " + version + ", and this program knows versions"
                            + " up to " + newest + "; nothing was changed, upgrade the program",
                    null);
        }
        return version;
    }

    /** The version of a file that holds a ledger and nothing else, 0 if it is empty. */
    private static int ownVersion(Handle handle, String place) throws SQLException {
        // In one statement, for the same reason.
        try (ResultSet row = handle.statement("SELECT (SELECT user_version FROM pragma_user_version),"
                        + " (SELECT application_id FROM pragma_application_id),"
                        + " (SELECT count(*) FROM sqlite_schema)")
                .executeQuery()) {
            row.next();
            int version = row.getInt(1);
            int application = row.getInt(2);
            if (row.getLong(3) == 0 && application == 0 && version == 0) {
                return 0;
            }
            if (application != APPLICATION_ID) {
                throw new LedgerIncompatibleException(
                        "cannot open " + place + ": it is a SQLite file, but not a ledger (application id "
                                + application + "); nothing was changed, choose another file",
                        null);
            }
            return version;
        }
    }
}
