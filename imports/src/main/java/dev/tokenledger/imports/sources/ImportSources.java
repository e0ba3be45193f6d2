package dev.tokenledger.imports.sources;

import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.imports.agents.AmpSource;
import dev.tokenledger.imports.agents.ClaudeCodeSource;
import dev.tokenledger.imports.agents.ClineSource;
import dev.tokenledger.imports.agents.CodexSource;
import dev.tokenledger.imports.agents.CopilotSource;
import dev.tokenledger.imports.agents.CursorSource;
import dev.tokenledger.imports.agents.DroidSource;
import dev.tokenledger.imports.agents.GeminiCliSource;
import dev.tokenledger.imports.agents.GooseSource;
import dev.tokenledger.imports.agents.GrokSource;
import dev.tokenledger.imports.agents.HermesSource;
import dev.tokenledger.imports.agents.KiloSource;
import dev.tokenledger.imports.agents.KimiSource;
import dev.tokenledger.imports.agents.LiteLlmSource;
import dev.tokenledger.imports.agents.OmpSource;
import dev.tokenledger.imports.agents.OpenClawSource;
import dev.tokenledger.imports.agents.OpenCodeSource;
import dev.tokenledger.imports.agents.PiSource;
import dev.tokenledger.imports.agents.QwenSource;
import dev.tokenledger.imports.agents.ThaneSource;
import dev.tokenledger.imports.ledgers.NdjsonSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The sources that can be imported. A new one has its line in {@link #ALL}, which makes the command's help as well. */
public final class ImportSources {

    /** All of them, in the order of the help. */
    public static final List<Known> ALL = List.of(
            new Known(
                    "ndjson",
                    "one JSON object a line, the fields named as 'tokenledger records --format ndjson' does",
                    NdjsonSource::new),
            new Known("claude-code", "Claude Code's transcripts", ClaudeCodeSource::new),
            new Known("codex", "Codex's rollouts", CodexSource::new),
            new Known("gemini-cli", "Gemini CLI's chats", GeminiCliSource::new),
            new Known("opencode", "OpenCode's database, and its older files", OpenCodeSource::new),
            new Known("amp", "Amp's threads", AmpSource::new),
            new Known("pi", "pi's sessions", PiSource::new),
            new Known("copilot", "GitHub Copilot CLI's database, and its older sessions", CopilotSource::new),
            new Known("grok", "Grok Build's sessions", GrokSource::new),
            new Known("openclaw", "OpenClaw's sessions, also those put aside", OpenClawSource::new),
            new Known("qwen-code", "Qwen Code's chats", QwenSource::new),
            new Known("kimi", "Kimi Code's sessions, and those of Kimi CLI", KimiSource::new),
            new Known("omp", "Oh My Pi's sessions", OmpSource::new),
            new Known("cline", "Cline's tasks and sessions", ClineSource::cline),
            new Known("roo-code", "Roo Code's tasks", ClineSource::rooCode),
            new Known("kilo", "Kilo's database, and the tasks of Kilo Code", KiloSource::new),
            new Known("goose", "Goose's database of sessions", GooseSource::new),
            new Known("hermes", "Hermes' databases of sessions", HermesSource::new),
            new Known("droid", "Droid's sessions", DroidSource::new),
            new Known("cursor", "the usage that Cursor's dashboard exports, as CSV", CursorSource::new),
            new Known("thane", "thane's database", ThaneSource::new),
            new Known("litellm", "rows of LiteLLM's spend logs, as JSON", LiteLlmSource::new));

    private ImportSources() {}

    /**
     * A source that is known.
     *
     * @param name its {@link UsageSource#name}
     * @param content what its files are, for the help
     * @param source makes it
     */
    public record Known(String name, String content, Supplier<UsageSource> source) {}

    /** All names, for messages. */
    public static String names() {
        return ALL.stream().map(Known::name).collect(Collectors.joining(", "));
    }

    /** The source of this name. */
    public static Optional<UsageSource> named(String name) {
        return ALL.stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .map(known -> known.source().get());
    }
}
