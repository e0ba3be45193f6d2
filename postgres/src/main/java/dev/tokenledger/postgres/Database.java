package dev.tokenledger.postgres;

import dev.tokenledger.sql.records.Values;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One connection with its prepared statements, in a ledger's schema. Used by one thread at a time. */
final class Database implements AutoCloseable {

    private static final int UUID_BYTES = 16;
    private static final int MAX_CLOSE_MILLIS = 10_000;

    /** Sets a statement's parameters. */
    @FunctionalInterface
    interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    /** Reads rows. */
    @FunctionalInterface
    interface Rows<T> {
        T read(ResultSet rows) throws SQLException;
    }

    private final Connection connection;
    private final PostgresSchema schema;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private Watchdog.@Nullable Watch watch;

    /** What is sent before the next statement, in the same round trip. */
    private String before = "";

    /** What puts the session back as it was found. */
    private final StringBuilder leaving = new StringBuilder();

    Database(Connection connection, PostgresSchema schema) {
        this.connection = connection;
        this.schema = schema;
    }

    Connection connection() {
        return connection;
    }

    PostgresSchema schema() {
        return schema;
    }

    /** From now on statements are cancelled when the caller's time is over; null for never. */
    void watch(Watchdog.@Nullable Watch by) {
        watch = by;
    }

    /** Why the work had to stop, if it had to. */
    Watchdog.Stop stopped() {
        Watchdog.Watch by = watch;
        return by == null ? Watchdog.Stop.NOT : by.stop();
    }

    /** How much of the caller's time is left, in nanoseconds; {@link Long#MAX_VALUE} for no limit. */
    long nanosLeft() {
        Watchdog.Watch by = watch;
        return by == null ? Long.MAX_VALUE : by.nanosLeft();
    }

    /** The statement of this text, prepared once; names in braces are the schema's. */
    private PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(schema.sql(sql));
            statements.put(sql, statement);
        }
        return statement;
    }

    /** Has statements without parameters sent before the next one that asks something, in the same round trip. */
    void sendBefore(String sql) {
        before = sql + "; ";
    }

    /** Asks something and reads the answer, {@code fetch} rows at a time; 0 for all at once. */
    <T> T query(String sql, int fetch, Parameters parameters, Rows<T> reading) throws SQLException {
        String first = before;
        if (first.isEmpty()) {
            return run(sql, fetch, parameters, statement -> {
                try (ResultSet rows = statement.executeQuery()) {
                    return reading.read(rows);
                }
            });
        }
        return run(first + sql, fetch, parameters, statement -> {
            boolean isAnswer = statement.execute();
            before = "";
            try (ResultSet rows = answer(statement, isAnswer)) {
                return reading.read(rows);
            }
        });
    }

    /** Asks for as many answers as there are readings, in one round trip. */
    void queryAll(String sql, Parameters parameters, List<Rows<?>> readings) throws SQLException {
        run(before + sql, 0, parameters, statement -> {
            boolean isAnswer = statement.execute();
            before = "";
            for (Rows<?> reading : readings) {
                try (ResultSet rows = answer(statement, isAnswer)) {
                    reading.read(rows);
                }
                isAnswer = statement.getMoreResults();
            }
            return true;
        });
    }

    /** The first answer that is rows, from the current one on. */
    private static ResultSet answer(PreparedStatement statement, boolean isAnswer) throws SQLException {
        boolean found = isAnswer;
        while (!found) {
            if (statement.getUpdateCount() < 0) {
                throw new SQLException("a statement gave no answer", "XX000");
            }
            found = statement.getMoreResults();
        }
        return statement.getResultSet();
    }

    @FunctionalInterface
    private interface Execution<T> {
        T of(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(String sql, int fetch, Parameters parameters, Execution<T> execution) throws SQLException {
        PreparedStatement statement = statement(sql);
        parameters.set(statement);
        statement.setFetchSize(fetch);
        Watchdog.Watch by = watch;
        if (by != null) {
            by.begin(statement);
        }
        try {
            return execution.of(statement);
        } finally {
            if (by != null) {
                by.end();
            }
        }
    }

    <T> T query(String sql, Parameters parameters, Rows<T> reading) throws SQLException {
        return query(sql, 0, parameters, reading);
    }

    /** Changes something, and gives the number of rows. */
    int update(String sql, Parameters parameters) throws SQLException {
        PreparedStatement statement = statement(sql);
        parameters.set(statement);
        return statement.executeUpdate();
    }

    /** The first column of the first row, as a number; 0 if there is none. */
    long number(String sql, Object... parameters) throws SQLException {
        return query(
                sql,
                statement -> {
                    for (int i = 0; i < parameters.length; i++) {
                        statement.setObject(i + 1, parameters[i]);
                    }
                },
                row -> row.next() ? row.getLong(1) : 0);
    }

    /** Sets an array of numbers. */
    static void setInts(PreparedStatement statement, int index, @Nullable Integer[] values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("int", values));
    }

    /** Sets an array of numbers. */
    static void setLongs(PreparedStatement statement, int index, @Nullable Long[] values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("bigint", values));
    }

    /** Sets an array of texts. */
    static void setTexts(PreparedStatement statement, int index, @Nullable String[] values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("text", values));
    }

    /** Sets an array of bytes. */
    static void setBytes(PreparedStatement statement, int index, byte[][] values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("bytea", values));
    }

    /** How an id is stored: a zero and 16 bytes for a canonical UUID, else its text; bytes compare as code points do. */
    static byte[] id(String text) {
        return id(Values.id(text));
    }

    /** The same for an id as {@link Values#id} has it. */
    static byte[] id(Object id) {
        if (id instanceof byte[] uuid) {
            byte[] bytes = new byte[UUID_BYTES + 1];
            System.arraycopy(uuid, 0, bytes, 1, UUID_BYTES);
            return bytes;
        }
        return ((String) id).getBytes(StandardCharsets.UTF_8);
    }

    /** The text of an id; empty for none. */
    static String idText(byte @Nullable [] stored) {
        if (stored == null) {
            return "";
        }
        if (stored.length == UUID_BYTES + 1 && stored[0] == 0) {
            return Values.idText(java.util.Arrays.copyOfRange(stored, 1, stored.length));
        }
        return new String(stored, StandardCharsets.UTF_8);
    }

    /** What texts are found by: an index takes none of more than 2,704 bytes. */
    static byte[] digest(Object... texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Object text : texts) {
                byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                for (int shift = 24; shift >= 0; shift -= 8) {
                    digest.update((byte) (bytes.length >> shift));
                }
                digest.update(bytes);
            }
            return java.util.Arrays.copyOf(digest.digest(), 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Closes all statements, before a pooled connection goes back. */
    void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    /** Sets one of the session's settings, until the connection is closed; then it is what it was before. */
    void set(String setting, String value) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT current_setting('" + setting + "'); SET " + setting + " = " + value);
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                beforeClosing("SET " + setting + " = '" + row.getString(1).replace("'", "''") + "'");
            }
        }
    }

    /** Has a statement run before the connection is closed. */
    void beforeClosing(String sql) {
        leaving.append(sql).append("; ");
    }

    /** Puts the session back as it was found, as a pool may lend it to others, and closes it. Waits for ten seconds at most. */
    @Override
    public void close() throws SQLException {
        try (connection) {
            if (leaving.length() > 0 && !connection.isClosed()) {
                int networkTimeout = connection.getNetworkTimeout();
                connection.setNetworkTimeout(Runnable::run, MAX_CLOSE_MILLIS);
                if (!connection.getAutoCommit()) {
                    // What is set within a transaction is lost with it.
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
                closeStatements();
                try (Statement statement = connection.createStatement()) {
                    statement.execute(leaving.toString());
                }
                connection.setNetworkTimeout(Runnable::run, networkTimeout);
            }
        }
    }

    /** Closes a connection that may not answer any more. */
    void drop() throws SQLException {
        connection.close();
    }
}
