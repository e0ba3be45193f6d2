package dev.tokenledger.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;

/**
 * One connection with its prepared statements. Used by one thread at a time.
 *
 * <p>While a query runs, SQLite asks every {@link #STEPS} steps of its machine whether to go on; the answer is no once
 * the thread is interrupted or the time limit has passed. Loops in Java ask {@link #checkLimit} themselves.
 */
final class Handle implements AutoCloseable {

    /** Some tenths of a millisecond. */
    private static final int STEPS = 20_000;

    private static final Pattern TEMPORARY_VIEW = Pattern.compile("CREATE TEMP VIEW (\\w+)");

    private final Connection connection;
    private final @Nullable RestingFile resting;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final List<String> restored = new ArrayList<>();
    private @Nullable Semaphore slot;
    private boolean borrowed;
    private boolean beside;
    private boolean limited;
    private long deadline;

    /** @param resting the file, if SQLite takes it for one that never changes */
    Handle(Connection connection, @Nullable RestingFile resting) {
        this.connection = connection;
        this.resting = resting;
    }

    /** A connection of somebody's pool, which gets it back as it was. */
    static Handle borrowed(Connection connection) {
        Handle handle = new Handle(connection, null);
        handle.borrowed = true;
        return handle;
    }

    /** Makes temporary views, which this connection has for as long as it is the ledger's. */
    void showBy(String views) throws SQLException {
        if (borrowed) {
            TEMPORARY_VIEW.matcher(views).results().forEach(view -> restored.add("DROP VIEW temp." + view.group(1)));
        } else {
            execute("PRAGMA temp_store = MEMORY");
        }
        executeScript(views);
    }

    /** From now on statements are of tables that lie beside an application's. */
    void prefixNames() {
        beside = true;
    }

    boolean prefixesNames() {
        return beside;
    }

    /** The version of the ledger's schema; 0 if the file holds none. */
    int schemaVersion() throws SQLException {
        if (!beside) {
            return (int) number("PRAGMA user_version");
        }
        boolean there = number("SELECT count(*) FROM sqlite_schema WHERE name = '" + PrefixedNames.VERSIONS + "'") > 0;
        return there ? (int) number("SELECT version FROM " + PrefixedNames.VERSIONS) : 0;
    }

    /** Has the file say that its schema is of this version, which may be the one it has. */
    void schemaVersion(int version) throws SQLException {
        if (beside) {
            execute("CREATE TABLE IF NOT EXISTS " + PrefixedNames.VERSIONS
                    + " (only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL) STRICT");
            execute("INSERT OR REPLACE INTO " + PrefixedNames.VERSIONS + " VALUES (1, " + version + ")");
        } else {
            execute("PRAGMA user_version = " + version);
            execute("PRAGMA application_id = " + Schema.APPLICATION_ID);
        }
    }

    private String named(String sql) {
        return beside ? PrefixedNames.in(sql) : sql;
    }

    void commitByItself() throws SQLException {
        // A pool sets this anew by itself.
        connection.setAutoCommit(true);
    }

    /** Sets a pragma whose value is a number, for as long as this connection is the ledger's. */
    void set(String pragma, long value) throws SQLException {
        if (borrowed) {
            restored.add("PRAGMA " + pragma + " = " + text("PRAGMA " + pragma));
        }
        execute("PRAGMA " + pragma + " = " + value);
    }

    /** Takes one of the permits to read, until {@link #vacate} or {@link #close}. */
    void occupy(Semaphore permits) {
        slot = permits;
    }

    /** Gives back the permit to read, if this one has it. */
    void vacate() {
        Semaphore occupied = slot;
        slot = null;
        if (occupied != null) {
            occupied.release();
        }
    }

    /** Whether what is read may no longer be what is there, or be half of each, because the file changed unseen. */
    boolean isStale() {
        return resting != null && resting.isStirred();
    }

    /** Has SQLite ask whether to go on. Does nothing for a connection that hides SQLite's own. */
    void watch() throws SQLException {
        if (connection.isWrapperFor(SQLiteConnection.class)) {
            ProgressHandler.setHandler(connection.unwrap(SQLiteConnection.class), STEPS, new ProgressHandler() {
                @Override
                protected int progress() {
                    return limited && mustStop() ? 1 : 0;
                }
            });
        }
    }

    /** Why a query was stopped. */
    enum Stop {
        INTERRUPTED,
        TIMED_OUT
    }

    /** Thrown by Java's own loops when a query must stop. */
    static final class StoppedException extends SQLException {
        private static final long serialVersionUID = 1L;
    }

    /** From now on queries stop when the thread is interrupted or, unless it is 0, after so many nanoseconds. */
    void limit(long nanos) {
        limited = true;
        deadline = nanos == 0 ? 0 : Math.max(1, System.nanoTime() + nanos);
    }

    /** From now on queries stop when those of the other connection would, or this thread is interrupted. */
    void limitLike(Handle other) {
        limited = other.limited;
        deadline = other.deadline;
    }

    /** Queries run to their end again. */
    void unlimited() {
        limited = false;
    }

    /** Why the query under way had to stop, if it had to. */
    @Nullable
    Stop stopReason() {
        return !limited || !mustStop()
                ? null
                : Thread.currentThread().isInterrupted() ? Stop.INTERRUPTED : Stop.TIMED_OUT;
    }

    /** @throws StoppedException if the query must stop */
    void checkLimit() throws StoppedException {
        if (limited && mustStop()) {
            throw new StoppedException();
        }
    }

    private boolean mustStop() {
        return Thread.currentThread().isInterrupted() || (deadline != 0 && System.nanoTime() - deadline > 0);
    }

    /** The statement of this text, prepared once. */
    PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(named(sql));
            statements.put(sql, statement);
        }
        return statement;
    }

    /** Runs a statement without parameters that is needed again and again, such as {@code COMMIT}. */
    void run(String sql) throws SQLException {
        statement(sql).execute();
    }

    /** Forgets rows that were batched and not executed, after a rollback. */
    void clearBatches() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.clearBatch();
        }
    }

    /** Closes all statements: one that was not read to its end keeps SQLite from copying the file. */
    void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    /** Runs a statement that is needed once. */
    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(named(sql));
        }
    }

    /** Runs statements that are needed once, each ended by a semicolon and a line break. */
    void executeScript(String script) throws SQLException {
        for (String statement : script.split(";\n", -1)) {
            if (!statement.isBlank()) {
                execute(statement);
            }
        }
    }

    /** The first column of the first row, as a number; 0 if there is none. */
    long number(String sql, long... parameters) throws SQLException {
        PreparedStatement statement = statement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setLong(i + 1, parameters[i]);
        }
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** The first column of the first row, as a text; empty if there is none. */
    String text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(named(sql))) {
            String text = rows.next() ? rows.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    static void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        if (value == null) {
            statement.setNull(index, 0);
        } else if (value instanceof byte[] bytes) {
            statement.setBytes(index, bytes);
        } else if (value instanceof Long number) {
            statement.setLong(index, number);
        } else {
            statement.setString(index, (String) value);
        }
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            if (borrowed && !connection.isClosed()) {
                restore();
            }
        } finally {
            vacate();
        }
    }

    private void restore() throws SQLException {
        closeStatements();
        if (connection.isWrapperFor(SQLiteConnection.class)) {
            ProgressHandler.clearHandler(connection.unwrap(SQLiteConnection.class));
        }
        Collections.reverse(restored);
        for (String statement : restored) {
            execute(statement);
        }
        restored.clear();
    }
}
