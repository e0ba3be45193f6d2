package dev.tokenledger.payloads.telemetry;

import java.util.List;
import java.util.Locale;

/** The program that sent a metric, as far as programs are known whose metrics count tokens. */
public enum MetricProgram {
    /** Claude Code. */
    CLAUDE_CODE(
            "Claude Code", "claude_code.", "com.anthropic.claude_code", List.of("claude-code", "claude-code-desktop")),
    /** Codex. */
    CODEX("Codex", "codex.", "codex", List.of("codex_cli_rs", "codex_exec", "codex-cli", "codex_mcp_server")),
    /** Gemini CLI. */
    GEMINI_CLI("Gemini CLI", "gemini_cli.", "gemini-cli", List.of("gemini-cli")),
    /** Any other. */
    OTHER("another program", "", "", List.of());

    private final String title;
    private final String metrics;
    private final String scope;
    private final List<String> services;

    MetricProgram(String title, String metrics, String scope, List<String> services) {
        this.title = title;
        this.metrics = metrics;
        this.scope = scope;
        this.services = services;
    }

    /**
     * Whose metric it is.
     *
     * @param metric its name
     * @param scope the name of the instrumentation; empty if it is not known
     * @param service the program's {@code service.name}; empty if it is not known
     */
    public static MetricProgram of(String metric, String scope, String service) {
        for (MetricProgram program : values()) {
            if (program != OTHER
                    && (metric.startsWith(program.metrics)
                            || scope.startsWith(program.scope)
                            || program.services.contains(service))) {
                return program;
            }
        }
        return OTHER;
    }

    /** The program's name. */
    public String title() {
        return title;
    }

    /** A word for labels. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
