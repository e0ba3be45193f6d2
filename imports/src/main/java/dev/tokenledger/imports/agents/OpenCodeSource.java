package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Kept;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.Names;
import dev.tokenledger.imports.LogFile;
import dev.tokenledger.imports.LogSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.model.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * OpenCode's messages: the table {@code message} of {@code opencode.db}, and the files {@code
 * storage/message/<session>/msg_*.json} of older versions, in {@code $OPENCODE_DATA_DIR}, else in {@code opencode} in {@code
 * $XDG_DATA_HOME} or {@code ~/.local/share}.
 *
 * <p>An assistant's message with tokens is a call. Its classes are disjoint; reasoning stands beside the output and is added to
 * it. Its own cost is kept as reported. A message grows while it is written, and is copied under a new id by a fork: see {@link
 * OpenCodeCall}.
 *
 * <p>The database is never written to. It is read from the time of the last change that an earlier import saw, or from its
 * beginning where there is no such column, or rows before that time have come to it.
 */
public final class OpenCodeSource implements LogSource {

    static final String NAME = "opencode";

    private static final Pattern DATABASE = Pattern.compile("opencode(-.*)?\\.db");
    private static final int ROWS_BETWEEN_STATES = 256;
    private static final Set<String> NAMES = Set.of(
            "id",
            "sessionID",
            "role",
            "modelID",
            "providerID",
            "agent",
            "mode",
            "cost",
            "time",
            "created",
            "completed",
            "path",
            "cwd",
            "tokens",
            "input",
            "output",
            "reasoning",
            "cache",
            "read",
            "write",
            "error",
            "name");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(
                environment,
                "OPENCODE_DATA_DIR",
                Folders.data(environment, home).resolve("opencode"));
    }

    /** Beside its messages the folder has copies of whole work trees. */
    @Override
    public List<Path> foldersOf(Path folder) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, OpenCodeSource::isDatabase)) {
            files.forEach(found::add);
        } catch (IOException e) {
            return List.of(folder);
        }
        for (String name : List.of("storage/message", "storage/session/message", "project")) {
            if (Files.isDirectory(folder.resolve(name))) {
                found.add(folder.resolve(name));
            }
        }
        return found.isEmpty() ? List.of(folder) : List.copyOf(found);
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        return isDatabase(file) || (name.startsWith("msg_") && name.endsWith(".json"));
    }

    private static boolean isDatabase(Path file) {
        return DATABASE.matcher(file.getFileName().toString()).matches();
    }

    @Override
    public Growth growth(Path file) {
        return file.getFileName().toString().endsWith(".json") ? Growth.REWRITTEN : Growth.UNSEEN;
    }

    @Override
    public void read(LogFile file, LogSink sink) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        if (growth(file.path()) == Growth.REWRITTEN) {
            Fields message = JsonDocument.read(file, sink, NAMES).orElse(null);
            if (message != null) {
                found.read(1, () -> message(message, message.text("id"), message.text("sessionID"), found));
            }
            sink.reached(0, 0, "");
            return;
        }
        try (ForeignDatabase database = ForeignDatabase.open(file.path())) {
            read(database, file.carry(), sink, found);
        } catch (SQLException e) {
            throw ForeignDatabase.failure(e);
        }
    }

    private static void read(ForeignDatabase database, String carry, LogSink sink, JsonLines.Found found)
            throws IOException, SQLException {
        Set<String> columns = database.columns("message");
        if (!columns.containsAll(Set.of("id", "session_id", "data"))) {
            throw new IOException("it has no table message with id, session_id and data; is it OpenCode's database?");
        }
        boolean dated = columns.contains("time_updated");
        long from = dated ? Seen.parse(carry).goOn(database) : Long.MIN_VALUE;
        String changed = dated ? " where time_updated >= ?" : "";
        try (PreparedStatement query =
                database.prepare("select id, session_id, data from message" + changed + " order by id")) {
            if (dated) {
                query.setLong(1, from);
            }
            try (ResultSet rows = query.executeQuery()) {
                long number = 0;
                while (rows.next()) {
                    String id = String.valueOf(rows.getString(1));
                    String session = String.valueOf(rows.getString(2));
                    String data = String.valueOf(rows.getString(3));
                    found.read(++number, () -> row(id, session, data, found));
                    if (number % ROWS_BETWEEN_STATES == 0) {
                        sink.reached(0, number, carry);
                    }
                }
                sink.reached(0, number, dated ? Seen.of(database).text() : "");
            }
        }
    }

    /**
     * What an import has seen of a database.
     *
     * @param until the time of the last change
     * @param rows how many rows were changed last at that time or before
     */
    private record Seen(long until, long rows) {

        static Seen parse(String carry) {
            String[] parts = carry.split(" ", -1);
            return parts.length == 2
                    ? new Seen(Long.parseLong(parts[0]), Long.parseLong(parts[1]))
                    : new Seen(Long.MIN_VALUE, 0);
        }

        static Seen of(ForeignDatabase database) throws SQLException {
            try (ResultSet row = database.statement()
                    .executeQuery("select coalesce(max(time_updated), 0), count(time_updated) from message")) {
                return new Seen(row.getLong(1), row.getLong(2));
            }
        }

        String text() {
            return until + " " + rows;
        }

        /** From which time on to read: all, if there are more rows of the time before than there were. */
        long goOn(ForeignDatabase database) throws SQLException {
            try (PreparedStatement query = database.prepare("select count(*) from message where time_updated <= ?")) {
                query.setLong(1, until);
                try (ResultSet row = query.executeQuery()) {
                    return row.getLong(1) > rows ? Long.MIN_VALUE : until;
                }
            }
        }
    }

    private static void row(String id, String session, String data, JsonLines.Found found) {
        try {
            message(Fields.read(data, NAMES), id, session, found);
        } catch (JacksonException e) {
            found.refuse(JsonLines.INVALID_JSON, "message " + shown(id) + ": not valid JSON");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("message " + shown(id) + ": " + e.getMessage(), e);
        }
    }

    private static String shown(String id) {
        return Names.shown(id);
    }

    private static void message(Fields message, String id, String session, JsonLines.Found found) {
        if (!message.text("role").equals("assistant") || !message.hasObject("tokens")) {
            return;
        }
        Fields figures = message.object("tokens");
        Fields cache = figures.object("cache");
        long reasoning = figures.count("reasoning");
        TokenCounts tokens = new TokenCounts(
                figures.count("input"),
                figures.count("output") + reasoning,
                cache.count("write"),
                0,
                0,
                cache.count("read"),
                reasoning,
                0,
                0,
                0,
                0);
        UsageRecord.Builder record = UsageRecord.builder();
        message.usd("cost").ifPresent(record::reportedCost);
        if (tokens.equals(TokenCounts.NONE)
                && message.usd("cost").map(cost -> cost.signum() == 0).orElse(true)) {
            return;
        }
        @Nullable Instant created = message.object("time").time("created");
        @Nullable Instant completed = message.object("time").time("completed");
        if (created == null) {
            throw message.refused("time.created", "is missing");
        }
        if (id.isEmpty()) {
            throw message.refused("id", "is missing");
        }
        String agent = message.label("agent").isEmpty() ? message.label("mode") : message.label("agent");
        String folder = message.object("path").label("cwd");
        record.source(NAME)
                .timestamp(created)
                .tokens(tokens)
                .upstreamModel(message.text("modelID"))
                .provider(message.text("providerID"))
                .requestId(Kept.label(id, Bound.ID))
                .sessionId(Kept.label(session, Bound.ID))
                .conversationId(Kept.label(session, Bound.ID))
                .outcome(outcome(message, completed))
                .attribute("agent", agent)
                .attribute("project", folder);
        if (completed == null) {
            record.note(Notes.OUTPUT_INCOMPLETE);
        } else if (!completed.isBefore(created)) {
            record.duration(Duration.between(created, completed));
        }
        if (tokens.cacheCreation() > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        String key = Keys.digest(
                NAME, created.toString(), message.text("providerID"), message.text("modelID"), agent, folder);
        found.call(OpenCodeCall.of(key, id, record.build()));
    }

    private static Outcome outcome(Fields message, @Nullable Instant completed) {
        if (message.hasObject("error")) {
            return message.object("error").text("name").equals("MessageAbortedError")
                    ? Outcome.CANCELED
                    : Outcome.ERROR;
        }
        return completed == null ? Outcome.UNSTATED : Outcome.SUCCESS;
    }
}
