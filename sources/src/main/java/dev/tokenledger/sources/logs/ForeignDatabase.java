package dev.tokenledger.sources.logs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Another program's SQLite file, read in one transaction and never written to.
 *
 * <p>A file with a write-ahead log needs two files beside it to be read, which SQLite creates even for a reader. Where they are
 * not there nobody has the file open, so that it can be read as one that does not change, which needs none.
 */
final class ForeignDatabase implements AutoCloseable {

    /** Where a file says how it is written to, and what it says for a write-ahead log; see SQLite's file format. */
    private static final int WRITE_VERSION = 18;

    private static final int WRITE_AHEAD = 2;
    private static final int HEADER = 100;

    private final Connection connection;

    private ForeignDatabase(Connection connection) {
        this.connection = connection;
    }

    /** Opens a file. */
    static ForeignDatabase open(Path file) throws IOException, SQLException {
        byte[] header;
        try (InputStream in = Files.newInputStream(file)) {
            header = in.readNBytes(HEADER);
        }
        if (header.length < HEADER) {
            throw new IOException("not an SQLite database: it has only " + header.length + " bytes");
        }
        Path log = file.resolveSibling(file.getFileName() + "-wal");
        boolean unused = header[WRITE_VERSION] == WRITE_AHEAD && !Files.exists(log);
        String uri = "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath() + "?mode=ro";
        Connection connection = DriverManager.getConnection(unused ? uri + "&immutable=1" : uri);
        try {
            connection.setAutoCommit(false);
            return new ForeignDatabase(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
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
    public void close() throws SQLException {
        connection.close();
    }
}
