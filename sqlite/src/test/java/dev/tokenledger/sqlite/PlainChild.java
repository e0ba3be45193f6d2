package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The yardstick of the write-order test: rows appended through plain JDBC, each acknowledged when its commit returns,
 * at the given {@code synchronous} setting. It shows what the test finds when the disk is not waited for.
 */
final class PlainChild {

    private PlainChild() {}

    /** Arguments: the file, the setting of {@code synchronous}, how many rows. */
    public static void main(String[] arguments) throws SQLException, IOException {
        int rows = Integer.parseInt(arguments[2]);
        try (Connection connection = open(Path.of(arguments[0]));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous=" + arguments[1]);
            statement.execute("PRAGMA wal_autocheckpoint=50");
            statement.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO row VALUES (?, ?)")) {
                for (int id = 1; id <= rows; id++) {
                    insert.setInt(1, id);
                    insert.setString(2, "x".repeat(id % 700));
                    insert.executeUpdate();
                    System.out.write(("row " + id + "\n").getBytes(StandardCharsets.UTF_8));
                    System.out.flush();
                }
            }
        }
    }

    static Connection open(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
        }
        return connection;
    }
}
