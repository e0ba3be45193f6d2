package dev.tokenledger.imports.agents;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Another program's SQLite file, read in one transaction and never written to.
 *
 * <p>A file with a write-ahead log needs two files beside it to be read, which SQLite creates even for a reader. Where they are
 * not there nobody has the file open, so that it can be read as one that does not change, which needs none. If it did change,
 * because the program was started meanwhile, {@link #close} fails: what was read is from several states of the file.
 */
final class ForeignDatabase implements AutoCloseable {

    /** Where a file says how it is written to, and what it says for a write-ahead log; see SQLite's file format. */
    private static final int WRITE_VERSION = 18;

    private static final int WRITE_AHEAD = 2;
    private static final int HEADER = 100;

    private final Connection connection;
    private final Path file;

    /** The file as it must still be in the end; null if SQLite sees to that. */
    private final @Nullable Look unchanging;

    /** What differs once somebody has written to a file. */
    private record Look(FileTime changed, long size) {
        static Look of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Look(attributes.lastModifiedTime(), attributes.size());
        }
    }

    private ForeignDatabase(Connection connection, Path file, @Nullable Look unchanging) {
        this.connection = connection;
        this.file = file;
        this.unchanging = unchanging;
    }

    /** Opens a file. */
    static ForeignDatabase open(Path path) throws IOException, SQLException {
        // SQLite goes by a file's own path as well when it looks for what belongs to it.
        Path file = path.toRealPath();
        Look look = Look.of(file);
        if (look.size < HEADER) {
            throw new IOException("not an SQLite database: it has only " + look.size + " bytes");
        }
        boolean unused = isUnused(file);
        String uri = "jdbc:sqlite:file:" + file.toUri().getRawPath() + "?mode=ro";
        Connection connection = DriverManager.getConnection(unused ? uri + "&immutable=1" : uri);
        try {
            connection.setAutoCommit(false);
            return new ForeignDatabase(connection, file, unused ? look : null);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * Whether the file is one with a write-ahead log that nobody has open.
     *
     * <p>The file itself is only looked into where no log lies beside it. POSIX systems drop all locks of a process on a file as
     * soon as the process closes it anywhere, and this process may have that very file open, as its ledger; then there is a log.
     */
    private static boolean isUnused(Path file) throws IOException {
        if (Files.exists(file.resolveSibling(file.getFileName() + "-wal"))) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] header = in.readNBytes(HEADER);
            return header.length == HEADER && header[WRITE_VERSION] == WRITE_AHEAD;
        }
    }

    /** The columns of a table, in lower case; none if there is no such table. */
    Set<String> columns(String table) throws SQLException {
        Set<String> columns = new HashSet<>();
        try (PreparedStatement query = connection.prepareStatement("select name from pragma_table_info(?)")) {
            query.setString(1, table);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    columns.add(rows.getString(1).toLowerCase(Locale.ROOT));
                }
            }
        }
        return columns;
    }

    /**
     * Reads rows of a table, in the order in which it keeps them.
     *
     * @param wanted columns of interest; those that the table lacks are as if null
     */
    void rows(String table, List<String> wanted, Consumer<DatabaseRow> reader) throws SQLException {
        Set<String> there = columns(table);
        List<String> columns = wanted.stream().filter(there::contains).toList();
        try (PreparedStatement query = connection.prepareStatement(
                        "select " + String.join(", ", columns) + " from " + table + " order by rowid");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                Map<String, String> values = new HashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    String value = rows.getString(i + 1);
                    if (value != null) {
                        values.put(columns.get(i), value);
                    }
                }
                reader.accept(new DatabaseRow(values));
            }
        }
    }

    Statement statement() throws SQLException {
        return connection.createStatement();
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    /** What went wrong, for a report. */
    static IOException failure(SQLException e) {
        return new IOException("cannot read the SQLite database: " + e.getMessage(), e);
    }

    @Override
    public void close() throws IOException, SQLException {
        connection.close();
        if (unchanging != null && !unchanging.equals(Look.of(file))) {
            throw new IOException("another program wrote to it while it was read; import it again");
        }
    }
}
