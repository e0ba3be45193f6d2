package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Codex's rollouts: {@code sessions/YYYY/MM/DD/rollout-*.jsonl} and {@code archived_sessions/} in {@code $CODEX_HOME}, else
 * {@code ~/.codex}; those that Codex has compressed are {@code .jsonl.zst}.
 *
 * <p>Usage is a running total, of which {@link CodexCounter} takes the differences. Input contains what was read from the cache,
 * and written to it, output contains reasoning. The model is that of the last {@code turn_context}, the service tier that of
 * the last {@code thread_settings_applied}.
 *
 * <p>Since 0.153 a line {@code token_usage_record} tells the usage of each response; the running total tells most of them
 * again, but not that of a compaction. A response is known by the total that it leads to, so that a copy in another thread,
 * which lacks these lines, is known to be the same call.
 *
 * <p>A fork or a spawned thread begins with its parent's events, stamped anew with the time of the copying. An event is
 * therefore known by its turn and its running total, or, where an older version wrote no turns, by the oldest session it was
 * copied from and its running total; and of its copies the earliest is right.
 */
public final class CodexSource implements LogSource {

    static final String NAME = "codex";

    private static final Set<String> NAMES = Set.of(
            "timestamp",
            "type",
            "payload",
            "id",
            "cwd",
            "git",
            "branch",
            "cli_version",
            "model_provider",
            "forked_from_id",
            "parent_thread_id",
            "source",
            "subagent",
            "thread_source",
            "thread_spawn",
            "thread_settings",
            "service_tier",
            "usage",
            "response_id",
            "turn_id",
            "model",
            "info",
            "total_token_usage",
            "last_token_usage",
            "input_tokens",
            "cached_input_tokens",
            "cache_write_input_tokens",
            "output_tokens",
            "reasoning_output_tokens",
            "total_tokens");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "CODEX_HOME", home.resolve(".codex"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions", "archived_sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().endsWith(".jsonl") || isCompressed(file);
    }

    private static boolean isCompressed(Path file) {
        return file.getFileName().toString().endsWith(".zst");
    }

    /** A rollout is compressed when nobody adds to it any more. */
    @Override
    public Growth growth(Path file) {
        return isCompressed(file) ? Growth.REWRITTEN : Growth.APPENDED;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        if (isCompressed(file.path())) {
            JsonLines.readCompressed(file, sink, Zstd::decode, NAMES, new CodexRollout(""));
        } else {
            JsonLines.read(file, sink, NAMES, new CodexRollout(file.carry()));
        }
    }
}
