package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Claude Code's transcripts: {@code projects/<folder>/<session>.jsonl} and the sub-agents' below {@code <session>/subagents};
 * and those of Claude Desktop's local agent mode.
 *
 * <p>A call is a message and its request; its rows take the largest of each figure, the first time, and are one record however
 * many files repeat them. A replay in a sub-agent's thread under another request gives way to the session's own rows. A
 * sub-agent's call that stands only in notices of progress counts. What an adviser was asked during a turn is a call of its own.
 * Rows without a request are one call only if they can be of one response that grew. Rows of model {@code <synthetic>} are no calls. Without a
 * stop reason on any row the output is a snapshot and the record noted {@code output_incomplete}; writes to the cache without
 * their time to live are noted {@code cache_split_missing}.
 */
public final class ClaudeCodeSource implements LogSource {

    static final String NAME = "claude-code";

    /** Where Claude Desktop's local agent mode keeps a root like Claude Code's for each of its sessions. */
    private static final String DESKTOP_SESSIONS = "Claude/local-agent-mode-sessions";

    /** In every row of usage, with its quotes: they cannot stand in a text but escaped. */
    private static final String SOUGHT = "\"usage\"";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> configured = Folders.listed(environment, "CLAUDE_CONFIG_DIR");
        if (!configured.isEmpty()) {
            return configured;
        }
        return List.of(
                Folders.config(environment, home).resolve("claude"),
                home.resolve(".claude"),
                Folders.config(environment, home).resolve(DESKTOP_SESSIONS),
                home.resolve("Library/Application Support").resolve(DESKTOP_SESSIONS));
    }

    /** The root has much besides its transcripts. */
    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "projects");
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        // A sub-agents' journal is no transcript, nor is Claude Desktop's audit of one.
        return name.endsWith(".jsonl") && !name.equals("journal.jsonl") && !name.equals("audit.jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        ClaudeRow row = new ClaudeRow();
        JsonLines.read(file, sink, SOUGHT, (json, found) -> {
            ClaudeResponse response = row.read(json);
            if (response != null) {
                found.call(response);
            }
        });
    }
}
