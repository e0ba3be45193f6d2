package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Names;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.text.Texts.Bound;
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
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * OpenCode's messages: the tables {@code message} and, since version 2, {@code session_message} of {@code opencode.db}, and the files {@code
 * storage/message/<session>/msg_*.json} of older versions, in {@code $OPENCODE_DATA_DIR}, else in {@code opencode} in {@code
 * $XDG_DATA_HOME} or {@code ~/.local/share}.
 *
 * <p>An assistant's message with tokens is a call. Its classes are disjoint; reasoning stands beside the output and is added to
 * it, unless {@code total} proves that it is inside. Its own cost is kept as reported. A message grows while it is written, and is copied under a new id by a fork: see {@link
 * OpenCodeCall}.
 *
 * <p>The database is never written to. It is read from the time of the last change that an earlier import saw, or from its
 * beginning where there is no such column, or rows before that time have come to it.
 */
public final class OpenCodeSource implements LogSource {

    private static final int ROWS_BETWEEN_STATES = 256;
    private static final List<String> TABLES = List.of("message", "session_message");
    private static final Set<String> COLUMNS = Set.of("id", "session_id", "data");
    private static final Instant FIRST_MILLISECONDS = Instant.parse("2001-01-01T00:00:00Z");
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
            "name",
            "total",
            "model",
            "message");

    private final String name;
    private final Pattern databases;

    /** A source of OpenCode's own messages. */
    public OpenCodeSource() {
        this("opencode");
    }

    /** A source of the messages of a program that took OpenCode's database over, under a name of its own. */
    OpenCodeSource(String name) {
        this.name = name;
        databases = Pattern.compile(Pattern.quote(name) + "(-.*)?\\.db");
    }

    @Override
    public String name() {
        return name;
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
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, this::isDatabase)) {
            files.forEach(found::add);
        } catch (IOException e) {
            return List.of(folder);
        }
        for (String below : List.of("storage/message", "storage/session/message", "project")) {
            if (Files.isDirectory(folder.resolve(below))) {
                found.add(folder.resolve(below));
            }
        }
        return found.isEmpty() ? List.of(folder) : List.copyOf(found);
    }

    @Override
    public boolean reads(Path file) {
        String fileName = file.getFileName().toString();
        return isDatabase(file) || (fileName.startsWith("msg_") && fileName.endsWith(".json"));
    }

    private boolean isDatabase(Path file) {
        return databases.matcher(file.getFileName().toString()).matches();
    }

    @Override
    public Growth growth(Path file) {
        return file.getFileName().toString().endsWith(".json") ? Growth.REWRITTEN : Growth.UNDETECTABLE;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        if (growth(file.path()) == Growth.REWRITTEN) {
            Fields message = JsonDocument.read(file, sink, NAMES).orElse(null);
            if (message != null) {
                found.read(1, () -> message(message, message.text("id"), message.text("sessionID"), "", found));
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

    private void read(ForeignDatabase database, String carry, ImportSink sink, JsonLines.Found found)
            throws IOException, SQLException {
        // Version 2 keeps new messages in a table of its own, beside the one that version 1 left.
        String[] carried = carry.split(",", -1);
        List<String> seen = new ArrayList<>();
        long number = 0;
        boolean known = false;
        for (int i = 0; i < TABLES.size(); i++) {
            String table = TABLES.get(i);
            Set<String> columns = database.columns(table);
            if (!columns.containsAll(COLUMNS)) {
                seen.add("");
                continue;
            }
            known = true;
            number = read(
                    database,
                    table,
                    columns,
                    i < carried.length ? carried[i] : "",
                    number,
                    found,
                    at -> sink.reached(0, at, carry));
            seen.add(columns.contains("time_updated") ? Seen.of(database, table).text() : "");
        }
        if (!known) {
            throw new IOException("it has no table message or session_message with id, session_id and data;"
                    + " is it OpenCode's database?");
        }
        sink.reached(0, number, String.join(",", seen));
    }

    /** Reads one table; says how many rows were read with those before. */
    private long read(
            ForeignDatabase database,
            String table,
            Set<String> columns,
            String carried,
            long before,
            JsonLines.Found found,
            LongConsumer reached)
            throws SQLException {
        boolean dated = columns.contains("time_updated");
        String type = columns.contains("type") ? "type" : "''";
        long from = dated ? Seen.parse(carried).goOn(database, table) : Long.MIN_VALUE;
        String changed = dated ? " where time_updated >= ?" : "";
        long number = before;
        try (PreparedStatement query = database.prepare(
                "select id, session_id, data, " + type + " from " + table + changed + " order by id")) {
            if (dated) {
                query.setLong(1, from);
            }
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String id = String.valueOf(rows.getString(1));
                    String session = String.valueOf(rows.getString(2));
                    String data = String.valueOf(rows.getString(3));
                    String role = rows.getString(4);
                    found.read(++number, () -> row(id, session, data, role == null ? "" : role, found));
                    if (number % ROWS_BETWEEN_STATES == 0) {
                        reached.accept(number);
                    }
                }
            }
        }
        return number;
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

        static Seen of(ForeignDatabase database, String table) throws SQLException {
            try (ResultSet row = database.statement()
                    .executeQuery("select coalesce(max(time_updated), 0), count(time_updated) from " + table)) {
                return new Seen(row.getLong(1), row.getLong(2));
            }
        }

        String text() {
            return until + " " + rows;
        }

        /** From which time on to read: all, if there are more rows of the time before than there were. */
        long goOn(ForeignDatabase database, String table) throws SQLException {
            try (PreparedStatement query =
                    database.prepare("select count(*) from " + table + " where time_updated <= ?")) {
                query.setLong(1, until);
                try (ResultSet row = query.executeQuery()) {
                    return row.getLong(1) > rows ? Long.MIN_VALUE : until;
                }
            }
        }
    }

    private void row(String id, String session, String data, String role, JsonLines.Found found) {
        try {
            message(Fields.read(data, NAMES), id, session, role, found);
        } catch (JacksonException e) {
            found.refuse(JsonLines.INVALID_JSON, "message " + shown(id) + ": not valid JSON");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("message " + shown(id) + ": " + e.getMessage(), e);
        }
    }

    private static String shown(String id) {
        return Names.shown(id);
    }

    /** @param type what the row is, where a column says so and not the message */
    private void message(Fields message, String id, String session, String type, JsonLines.Found found) {
        String role = message.text("role").isEmpty() ? type : message.text("role");
        if (!role.equals("assistant") || !message.hasObject("tokens")) {
            return;
        }
        Fields figures = message.object("tokens");
        Fields cache = figures.object("cache");
        if (figures.statesNoneOf("input", "output", "reasoning", "cache")) {
            throw message.refused("tokens", "none of its counts is known");
        }
        long reasoning = figures.count("reasoning");
        long output = figures.count("output");
        long apart = figures.count("input") + output + cache.count("write") + cache.count("read");
        boolean inside =
                reasoning > 0 && reasoning <= output && figures.has("total") && figures.count("total") == apart;
        boolean explained = !figures.has("total")
                || figures.count("total") == 0
                || inside
                || figures.count("total") == apart + reasoning;
        TokenCounts tokens = TokenCounts.builder()
                .input(figures.count("input"))
                .output(inside ? output : output + reasoning)
                .cacheCreation(cache.count("write"))
                .cacheRead(cache.count("read"))
                .reasoning(reasoning)
                .build();
        UsageRecord.Builder record = UsageRecord.builder();
        message.usd("cost").ifPresent(record::reportedCost);
        if (tokens.equals(TokenCounts.NONE)
                && message.usd("cost").map(cost -> cost.signum() == 0).orElse(true)) {
            return;
        }
        Fields model = message.object("model");
        String modelId = model.text("id").isEmpty() ? message.text("modelID") : model.text("id");
        String providerId = model.text("providerID").isEmpty() ? message.text("providerID") : model.text("providerID");
        @Nullable Instant created = time(message, "created");
        @Nullable Instant completed = time(message, "completed");
        if (created == null) {
            throw message.refused("time.created", "is missing");
        }
        if (id.isEmpty()) {
            throw message.refused("id", "is missing");
        }
        String agent = message.label("agent").isEmpty() ? message.label("mode") : message.label("agent");
        String folder = message.object("path").label("cwd");
        record.source(name)
                .timestamp(created)
                .tokens(tokens)
                .provider(providerId)
                .notes(figures.unknownMembers())
                .requestId(LabelText.sanitize(id, Bound.ID))
                .sessionId(LabelText.sanitize(session, Bound.ID))
                .conversationId(LabelText.sanitize(session, Bound.ID))
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
        ModelName.set(record, modelId);
        if (!explained) {
            record.note(Notes.TOTAL_DIFFERS);
        }
        String key = Keys.digest(name, created.toString(), providerId, modelId, agent, folder);
        found.call(OpenCodeCall.of(name, key, id, record.build()));
    }

    /** Milliseconds; before the year 2001 they would be of a computer that no model ran for, so that they are seconds. */
    private static @Nullable Instant time(Fields message, String name) {
        @Nullable Instant time = message.object("time").time(name);
        return time == null || !time.isBefore(FIRST_MILLISECONDS) || time.equals(Instant.EPOCH)
                ? time
                : Instant.EPOCH.plusSeconds(time.toEpochMilli());
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
