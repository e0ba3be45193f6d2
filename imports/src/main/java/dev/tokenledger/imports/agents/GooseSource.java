package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Goose's database of sessions, {@code data/sessions/sessions.db} in {@code $GOOSE_PATH_ROOT}, else {@code goose/sessions/sessions.db}
 * in {@code $XDG_DATA_HOME} or {@code ~/.local/share}, or that of macOS.
 *
 * <p>It says of each session what all of its calls used, which is one record: an aggregate that grows. The input includes what was read
 * from and written to the cache, unless the total proves that these stand beside; older versions do not tell them, which is noted.
 */
public final class GooseSource implements LogSource {

    private static final String NAME = "goose";
    private static final SessionDatabase DATABASE = new SessionDatabase(
            "Goose's", "sessions.db", List.of("id", "accumulated_input_tokens", "accumulated_output_tokens"));
    private static final List<String> COLUMNS = List.of(
            "id",
            "working_dir",
            "created_at",
            "updated_at",
            "session_type",
            "provider_name",
            "model_config_json",
            "accumulated_total_tokens",
            "accumulated_input_tokens",
            "accumulated_output_tokens",
            "accumulated_cache_read_tokens",
            "accumulated_cache_write_tokens",
            "accumulated_cost");

    /** Names of providers that differ from the usual ones. */
    private static final Map<String, String> PROVIDERS = Map.of(
            "aws_bedrock", "aws.bedrock",
            "gcp_vertex_ai", "gcp.vertex_ai",
            "github_copilot", "github-copilot",
            "azure_openai", "azure.ai.openai");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> roots = Folders.listed(environment, "GOOSE_PATH_ROOT");
        return roots.isEmpty()
                ? List.of(
                        Folders.data(environment, home).resolve("goose"),
                        home.resolve("Library/Application Support/Block/goose"))
                : roots;
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions", "data/sessions");
    }

    @Override
    public boolean reads(Path file) {
        return DATABASE.is(file);
    }

    @Override
    public Growth growth(Path file) {
        return Growth.UNDETECTABLE;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        DATABASE.read(
                file,
                sink,
                found,
                (database, rows) ->
                        database.rows(SessionDatabase.TABLE, COLUMNS, row -> rows.read(() -> session(row, found))));
    }

    private static void session(DatabaseRow row, JsonLines.Found found) {
        long input = row.count("accumulated_input_tokens");
        long output = row.count("accumulated_output_tokens");
        long read = row.count("accumulated_cache_read_tokens");
        long written = row.count("accumulated_cache_write_tokens");
        long total = row.count("accumulated_total_tokens");
        boolean beside = read + written > input || total == input + output + read + written;
        TokenCounts tokens = TokenCounts.builder()
                .input(beside ? input : input - read - written)
                .output(output)
                .cacheCreation(written)
                .cacheRead(read)
                .build();
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        Instant changed = row.time("updated_at");
        Instant time = changed == null ? row.time("created_at") : changed;
        if (time == null) {
            throw DatabaseRow.refused("updated_at", "is missing");
        }
        if (row.text("id").isEmpty()) {
            throw DatabaseRow.refused("id", "is missing");
        }
        String id = LabelText.sanitize(row.text("id"), Bound.ID);
        String provider = row.label("provider_name");
        UsageRecord.Builder record = UsageRecord.builder()
                .source(NAME)
                .timestamp(time)
                .tokens(tokens)
                .provider(PROVIDERS.getOrDefault(provider, provider))
                .sessionId(id)
                .conversationId(id)
                .aggregate(true)
                .attribute("project", row.label("working_dir"));
        row.usd("accumulated_cost").ifPresent(record::reportedCost);
        ModelName.set(record, model(row.text("model_config_json")));
        if (row.text("session_type").equals("sub_agent")) {
            record.role("delegate");
        }
        if (written > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        if (!row.has("accumulated_cache_read_tokens") && !row.has("accumulated_cache_write_tokens")) {
            record.note(Notes.CACHE_SHARE_MISSING);
        }
        found.call(new CopiedCall(
                // A session's id is a day and a number, which is another's on another machine.
                Keys.digest(NAME, row.text("id"), row.text("created_at"), row.text("working_dir")),
                record.build(),
                CopiedCall.LARGEST));
    }

    private static String model(String settings) {
        try {
            return settings.isEmpty()
                    ? ""
                    : Fields.read(settings, Set.of("model_name")).label("model_name");
        } catch (RuntimeException e) {
            return "";
        }
    }
}
