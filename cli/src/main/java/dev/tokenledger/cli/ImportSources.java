package dev.tokenledger.cli;

import dev.tokenledger.imports.LogSource;
import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.imports.agents.AmpSource;
import dev.tokenledger.imports.agents.ClaudeCodeSource;
import dev.tokenledger.imports.agents.CodexSource;
import dev.tokenledger.imports.agents.GeminiCliSource;
import dev.tokenledger.imports.agents.LiteLlmSource;
import dev.tokenledger.imports.agents.OpenCodeSource;
import dev.tokenledger.imports.agents.PiSource;
import dev.tokenledger.imports.agents.ThaneSource;
import dev.tokenledger.imports.ledgers.NdjsonSource;
import org.jspecify.annotations.Nullable;

/**
 * The sources that can be imported, by name. A new one has a line in {@link #NAMES}, in the help, and in one of the two methods
 * below.
 */
final class ImportSources {

    /** All names, for messages. */
    static final String NAMES = "ndjson, claude-code, codex, gemini-cli, opencode, amp, pi, thane, litellm";

    private ImportSources() {}

    /** A source whose files are found in folders, and remembered; null if there is none of that name. */
    static @Nullable LogSource logs(String name) {
        return switch (name) {
            case "claude-code" -> new ClaudeCodeSource();
            case "codex" -> new CodexSource();
            case "gemini-cli" -> new GeminiCliSource();
            case "opencode" -> new OpenCodeSource();
            case "amp" -> new AmpSource();
            case "pi" -> new PiSource();
            default -> null;
        };
    }

    /** A source whose files are named; null if there is none of that name. */
    static @Nullable UsageSource files(String name) {
        return switch (name) {
            case "ndjson" -> new NdjsonSource();
            case "thane" -> new ThaneSource();
            case "litellm" -> new LiteLlmSource();
            default -> null;
        };
    }
}
