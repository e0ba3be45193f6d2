package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * One task of Cline, Roo Code or Kilo Code being read.
 *
 * <p>A message {@code api_req_started} is a call; its text is JSON, which first says nothing and gets the figures while the answer
 * comes. What sub-agents used stands in {@code subagent_usage}. A message is known by its task and time, which is unlike any other's
 * of its task.
 *
 * <p>Whether the input includes the cache's share: it does not in Cline, but for some providers. In Roo Code and Kilo Code it does;
 * before a certain day it did not for models of Anthropic's protocol. A share that is larger than the input stands beside it for
 * certain.
 */
final class ClineTask implements JsonLines.Rows {

    static final Set<String> NAMES =
            Set.of("ts", "type", "say", "text", "partial", "modelInfo", "modelId", "providerId");

    private static final Set<String> FIGURES = Set.of(
            "tokensIn",
            "tokensOut",
            "cacheWrites",
            "cacheReads",
            "cost",
            "apiProtocol",
            "cancelReason",
            "source",
            "request");

    /** Those of Cline's providers whose input includes what was read from the cache. */
    private static final Set<String> INCLUSIVE =
            Set.of("openai", "litellm", "doubao", "fireworks", "hicap", "lmstudio", "qwen", "xai", "zai");

    /** Names of providers that differ from the usual ones; a server of one's own has none. */
    private static final Map<String, String> PROVIDERS = Map.of(
            "openai", "",
            "openai-native", "openai",
            "gemini", "google",
            "bedrock", "aws.bedrock",
            "vertex", "gcp.vertex_ai",
            "moonshot", "moonshotai");

    /** Which program's task it is. */
    enum Program {
        CLINE("cline", "saoudrizwan.claude-dev", Instant.MAX),
        ROO_CODE("roo-code", "rooveterinaryinc.roo-cline", Instant.parse("2025-11-01T00:00:00Z")),
        KILO("kilo", "kilocode.kilo-code", Instant.parse("2025-11-12T00:00:00Z"));

        private final String source;
        private final String extension;
        private final Instant inclusiveSince;

        Program(String source, String extension, Instant inclusiveSince) {
            this.source = source;
            this.extension = extension;
            this.inclusiveSince = inclusiveSince;
        }

        String source() {
            return source;
        }

        /** The extension's id, which its folder is named after. */
        String extension() {
            return extension;
        }
    }

    private final Program program;
    private final String task;
    private final ClineModels models;

    ClineTask(Program program, Path file) {
        this.program = program;
        task = LabelText.sanitize(Folders.nameAround(file), Bound.ID);
        models = ClineModels.of(program, file);
    }

    @Override
    public void read(Fields message, JsonLines.Found found) {
        boolean subAgents = message.text("say").equals("subagent_usage");
        if (!message.text("type").equals("say")
                || message.isTrue("partial")
                || (!subAgents && !message.text("say").equals("api_req_started"))) {
            return;
        }
        Fields figures = figures(message);
        if (figures.statesNoneOf("tokensIn", "tokensOut", "cacheWrites", "cacheReads", "cost")) {
            if (figures.unknownMembers().isEmpty()) {
                // The request goes on, or failed before its answer.
                return;
            }
            throw message.refused("text", "none of its counts is known");
        }
        Instant time = message.statedTime("ts");
        ClineModels.Model model = models.of(message.object("modelInfo"), time);
        TokenCounts tokens = tokens(figures, time, model);
        Optional<Usd> cost = figures.usd("cost");
        if (tokens.equals(TokenCounts.NONE) && cost.orElse(Usd.ZERO).signum() == 0) {
            return;
        }
        UsageRecord.Builder record = UsageRecord.builder()
                .source(program.source())
                .timestamp(time)
                .tokens(tokens)
                .provider(provider(model.provider()))
                .sessionId(task)
                .conversationId(task)
                .outcome(outcome(figures.text("cancelReason")))
                .aggregate(subAgents)
                .attribute("project", models.project())
                .notes(figures.unknownMembers());
        cost.ifPresent(record::reportedCost);
        ModelName.set(record, model.name());
        if (subAgents) {
            record.role("delegate");
        }
        if (tokens.cacheCreation() > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        String key = Keys.digest(program.source(), task, time.toString(), message.text("say"));
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }

    private static Fields figures(Fields message) {
        String text = message.text("text");
        if (text.isBlank()) {
            return Fields.none();
        }
        try {
            return Fields.readFigures(text, FIGURES);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("text: not valid JSON", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("text: " + e.getMessage(), e);
        }
    }

    private TokenCounts tokens(Fields figures, Instant time, ClineModels.Model model) {
        long input = figures.count("tokensIn");
        long written = figures.count("cacheWrites");
        long read = figures.count("cacheReads");
        boolean included = read + written <= input
                && (program == Program.CLINE
                        ? INCLUSIVE.contains(model.provider())
                        : !figures.text("apiProtocol").equals("anthropic") || !time.isBefore(program.inclusiveSince));
        return TokenCounts.builder()
                .input(included ? input - read - written : input)
                .output(figures.count("tokensOut"))
                .cacheCreation(written)
                .cacheRead(read)
                .build();
    }

    static String provider(String name) {
        return PROVIDERS.getOrDefault(name, name);
    }

    private static Outcome outcome(String cancelReason) {
        return switch (cancelReason) {
            case "" -> Outcome.UNSTATED;
            case "user_cancelled" -> Outcome.CANCELED;
            default -> Outcome.ERROR;
        };
    }
}
