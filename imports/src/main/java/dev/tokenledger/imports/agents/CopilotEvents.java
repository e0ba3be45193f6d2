package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of one of Copilot's sessions being read.
 *
 * <p>At its end a session says what it used, by model. A resumed session says so again, with what the legs before used; figures
 * that are smaller than those before, and any after a compaction that succeeded, begin to count anew. So each model's figures of
 * each such epoch are one record, which is an aggregate and grows with every leg. A session that crashed says nothing.
 */
final class CopilotEvents implements JsonLines.Rows {

    static final Set<String> NAMES = Set.of(
            "type",
            "timestamp",
            "data",
            "sessionId",
            "context",
            "cwd",
            "success",
            "modelMetrics",
            "requests",
            "count",
            "usage",
            "inputTokens",
            "outputTokens",
            "cacheReadTokens",
            "cacheWriteTokens",
            "reasoningTokens");

    /** Finds the models of a session that are told better elsewhere. */
    @FunctionalInterface
    interface Better {
        Set<String> models(Path events, String session) throws IOException;
    }

    private final Path file;
    private final Better better;
    private final Map<String, Integer> epochs = new HashMap<>();
    private final Map<String, Long> last = new HashMap<>();
    private String session;
    private String project = "";
    private @Nullable Set<String> told;

    CopilotEvents(Path file, Better better) {
        this.file = file;
        this.better = better;
        String name = file.getFileName().toString();
        String folder = name.equals("events.jsonl") ? Folders.nameAround(file) : "";
        session = LabelText.sanitize(folder.isEmpty() ? name.replaceAll("\\.jsonl$", "") : folder, Bound.ID);
    }

    @Override
    public void read(Fields row, JsonLines.Found found) {
        Fields data = row.object("data");
        switch (row.text("type")) {
            case "session.start", "session.resume" -> {
                session = data.id("sessionId").isEmpty() ? session : data.id("sessionId");
                String folder = data.object("context").label("cwd");
                project = folder.isEmpty() ? project : folder;
            }
            case "session.compaction_complete" -> {
                if (data.isTrue("success")) {
                    last.keySet().forEach(model -> epochs.merge(model, 1, Integer::sum));
                    last.clear();
                }
            }
            case "session.shutdown" -> {
                Instant time = row.time("timestamp");
                Map<String, Fields> models = data.byModel("modelMetrics");
                if (time == null && !models.isEmpty()) {
                    throw row.refused("timestamp", "is missing");
                }
                models.forEach((model, metrics) -> model(time, model, metrics, found));
            }
            default -> {
                // What was said, and what tools did.
            }
        }
    }

    private void model(@Nullable Instant time, String model, Fields metrics, JsonLines.Found found) {
        Fields usage = metrics.object("usage");
        if (time == null || told().contains(model)) {
            return;
        }
        if (usage.statesNoneOf("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")) {
            throw usage.refused("inputTokens", "none of its counts is known");
        }
        TokenCounts tokens = CopilotCall.tokens(
                usage.count("inputTokens"),
                usage.count("outputTokens"),
                usage.count("cacheReadTokens"),
                usage.count("cacheWriteTokens"),
                usage.count("reasoningTokens"));
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        long sum = tokens.totalInput() + tokens.output();
        if (sum < last.getOrDefault(model, 0L)) {
            epochs.merge(model, 1, Integer::sum);
        }
        last.put(model, sum);
        UsageRecord.Builder record = CopilotCall.record(session, model, time, tokens)
                .aggregate(true)
                .attribute("project", project)
                .notes(usage.unknownMembers());
        String key = Keys.digest(
                CopilotSource.NAME, "session", session, model, Integer.toString(epochs.getOrDefault(model, 0)));
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }

    private Set<String> told() {
        Set<String> known = told;
        if (known == null) {
            try {
                known = better.models(file, session);
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "modelMetrics: the database beside it cannot be read, which may have the session's calls: "
                                + e.getMessage(),
                        e);
            }
            told = known;
        }
        return known;
    }
}
