package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * An agent's SQLite database of sessions, whose rows grow while a session goes on: read anew in full whenever it changed.
 *
 * @param owner whose database it is, in the genitive, for messages
 * @param file its name
 * @param columns three columns of the table {@code sessions} without which it is another's
 */
record SessionDatabase(String owner, String file, List<String> columns) {

    static final String TABLE = "sessions";

    /** Reads what is in the tables. */
    @FunctionalInterface
    interface Reading {

        /** Has each row that stands for calls read by {@code rows}. */
        void read(ForeignDatabase database, Rows rows) throws IOException, SQLException;
    }

    /** Counts rows as lines are counted. */
    static final class Rows {

        private final JsonLines.Found found;
        private long number;

        private Rows(JsonLines.Found found) {
            this.found = found;
        }

        /** Reads a row; what it throws as an illegal argument is a problem of that row. */
        void read(Runnable reading) {
            found.read(++number, reading);
        }
    }

    boolean is(Path path) {
        return path.getFileName().toString().equals(file);
    }

    void read(ImportFile from, ImportSink sink, JsonLines.Found found, Reading reading) throws IOException {
        Rows rows = new Rows(found);
        try (ForeignDatabase database = ForeignDatabase.open(from.path())) {
            if (!database.columns(TABLE).containsAll(columns)) {
                throw new IOException("it has no table " + TABLE + " with " + columns.get(0) + ", " + columns.get(1)
                        + " and " + columns.get(2) + "; is it " + owner + " database?");
            }
            reading.read(database, rows);
        } catch (SQLException e) {
            throw ForeignDatabase.failure(e);
        }
        sink.reached(0, rows.number, "");
    }
}
