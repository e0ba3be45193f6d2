package dev.tokenledger.cli;

import dev.tokenledger.sources.LogSource;
import dev.tokenledger.sources.UsageSource;
import dev.tokenledger.sources.logs.AmpSource;
import dev.tokenledger.sources.logs.ClaudeCodeSource;
import dev.tokenledger.sources.logs.CodexSource;
import dev.tokenledger.sources.logs.GeminiCliSource;
import dev.tokenledger.sources.logs.LiteLlmSource;
import dev.tokenledger.sources.logs.OpenCodeSource;
import dev.tokenledger.sources.logs.PiSource;
import dev.tokenledger.sources.logs.ThaneSource;
import dev.tokenledger.sources.ndjson.NdjsonSource;
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
