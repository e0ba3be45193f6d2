package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * GitHub Copilot CLI's database of requests, {@code session-store.db} in {@code $COPILOT_HOME} or {@code ~/.copilot}, and its
 * sessions' events of older versions, {@code session-state/<session>/events.jsonl} or {@code session-state/<session>.jsonl}.
 *
 * <p>A row of {@code assistant_usage_events} is a call, one that compacts a session too. Its input includes what was read from and
 * written to the cache, its output includes reasoning. Rows are removed after a time, and their ids are the database's own; so a
 * call is known by its session, time, model and figures.
 *
 * <p>Older versions say at a session's end what it used by model, all legs of a resumed one together; see {@link CopilotEvents}. That
 * is read where the database beside them has no rows of that session and model.
 */
public final class CopilotSource implements LogSource {

    static final String NAME = "copilot";

    private static final String DATABASE = "session-store.db";
    private static final String TABLE = "assistant_usage_events";
    private static final Set<String> COLUMNS =
            Set.of("session_id", "model", "input_tokens", "output_tokens", "created_at");
    private static final List<String> COUNTS =
            List.of("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "COPILOT_HOME", home.resolve(".copilot"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        List<Path> found = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve(DATABASE))) {
            found.add(folder.resolve(DATABASE));
        }
        if (Files.isDirectory(folder.resolve("session-state"))) {
            found.add(folder.resolve("session-state"));
        }
        return found.isEmpty() ? List.of(folder) : List.copyOf(found);
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        return name.equals(DATABASE) || name.endsWith(".jsonl");
    }

    @Override
    public Growth growth(Path file) {
        return isEvents(file) ? Growth.REWRITTEN : Growth.UNDETECTABLE;
    }

    private static boolean isEvents(Path file) {
        return file.getFileName().toString().endsWith(".jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        if (isEvents(file.path())) {
            JsonLines.read(file, sink, CopilotEvents.NAMES, new CopilotEvents(file.path(), CopilotSource::modelsOf));
            return;
        }
        JsonLines.Found found = new JsonLines.Found(sink);
        try (ForeignDatabase database = ForeignDatabase.open(file.path())) {
            read(database, sink, found);
        } catch (SQLException e) {
            throw ForeignDatabase.failure(e);
        }
    }

    private static void read(ForeignDatabase database, ImportSink sink, JsonLines.Found found)
            throws IOException, SQLException {
        Set<String> columns = database.columns(TABLE);
        if (!columns.containsAll(COLUMNS)) {
            throw new IOException("it has no table " + TABLE + " with " + String.join(", ", sorted(COLUMNS))
                    + "; is it Copilot's database?");
        }
        Set<String> sessions = database.columns("sessions");
        boolean placed = sessions.containsAll(Set.of("id", "cwd"));
        StringBuilder query = new StringBuilder("select u.session_id, u.model, u.created_at, ")
                .append(columns.contains("initiator") ? "u.initiator" : "''")
                .append(placed ? ", s.cwd" : ", ''");
        COUNTS.forEach(count -> query.append(columns.contains(count) ? ", u." + count : ", 0"));
        query.append(" from " + TABLE + " u ")
                .append(placed ? "left join sessions s on s.id = u.session_id " : "")
                .append("order by u.created_at, u.rowid");
        long number = 0;
        try (PreparedStatement rows = database.prepare(query.toString());
                ResultSet row = rows.executeQuery()) {
            while (row.next()) {
                CopilotCall call = call(row);
                found.read(++number, () -> call.tell(found));
            }
        }
        sink.reached(0, number, "");
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    /** The row as the database has it, whatever that is; what is wrong with it is told where it is read. */
    private static CopilotCall call(ResultSet row) throws SQLException {
        String[] counts = new String[COUNTS.size()];
        for (int i = 0; i < counts.length; i++) {
            String count = row.getString(6 + i);
            counts[i] = count == null ? "0" : count;
        }
        return new CopilotCall(text(row, 1), text(row, 2), text(row, 3), text(row, 4), text(row, 5), List.of(counts));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    /** Of which models the database beside a session's events has rows of the session. */
    private static Set<String> modelsOf(Path events, String session) throws IOException {
        for (Path folder = events.toAbsolutePath().getParent(); folder != null; folder = folder.getParent()) {
            Path database = folder.resolve(DATABASE);
            if (Files.isRegularFile(database)) {
                return models(database, session);
            }
            if (folder.endsWith(".copilot")) {
                break;
            }
        }
        return Set.of();
    }

    private static Set<String> models(Path file, String session) throws IOException {
        Set<String> models = new HashSet<>();
        try (ForeignDatabase database = ForeignDatabase.open(file)) {
            if (!database.columns(TABLE).containsAll(COLUMNS)) {
                return models;
            }
            try (PreparedStatement query =
                    database.prepare("select distinct model from " + TABLE + " where session_id = ?")) {
                query.setString(1, session);
                try (ResultSet rows = query.executeQuery()) {
                    while (rows.next()) {
                        models.add(text(rows, 1));
                    }
                }
            }
        } catch (SQLException e) {
            throw ForeignDatabase.failure(e);
        }
        return models;
    }
}
