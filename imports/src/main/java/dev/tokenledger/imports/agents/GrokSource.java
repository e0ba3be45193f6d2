package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Grok Build's sessions: {@code sessions/<folder>/<session>/updates.jsonl} in {@code $GROK_HOME} or {@code ~/.grok}.
 *
 * <p>An update {@code turn_completed} has the figures of one turn, by model in {@code modelUsage}, else of the session's current
 * model. The input includes what was read from and written to the cache, the output includes reasoning. A turn of several calls
 * is an aggregate. {@code costUsdTicks}, of 10⁻¹⁰ USD, is the reported cost. A turn that is written down again is corrected: the
 * last is right. What versions without that update say is no figure of tokens, and is not read.
 */
public final class GrokSource implements LogSource {

    private static final String NAME = "grok";
    private static final int TICK_PLACES = 10;
    private static final Set<String> SUMMARY = Set.of("info", "cwd", "current_model_id");
    private static final Set<String> NAMES = Set.of(
            "timestamp",
            "params",
            "sessionId",
            "update",
            "sessionUpdate",
            "prompt_id",
            "usage",
            "inputTokens",
            "outputTokens",
            "totalTokens",
            "cachedReadTokens",
            "cacheCreationTokens",
            "reasoningTokens",
            "modelCalls",
            "costUsdTicks",
            "modelUsage");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "GROK_HOME", home.resolve(".grok"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().equals("updates.jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, NAMES, new Session(file.path()));
    }

    /** One session being read. */
    private static final class Session implements JsonLines.Rows {

        private final String folder;
        private final String project;
        private final String model;

        Session(Path file) {
            folder = Folders.nameAround(file);
            Fields summary = SideFile.json(file.resolveSibling("summary.json"), SUMMARY);
            String stated = summary.object("info").label("cwd");
            project = stated.isEmpty() ? project(file) : stated;
            model = summary.label("current_model_id");
        }

        /** The folder's name behind {@code sessions} is the project's path, encoded as in an address. */
        private static String project(Path file) {
            for (int i = 0; i + 3 < file.getNameCount(); i++) {
                if (file.getName(i).toString().equals("sessions")) {
                    try {
                        return LabelText.sanitize(
                                URLDecoder.decode(file.getName(i + 1).toString(), StandardCharsets.UTF_8), Bound.TEXT);
                    } catch (IllegalArgumentException e) {
                        return "";
                    }
                }
            }
            return "";
        }

        @Override
        public void read(Fields row, JsonLines.Found found) {
            Fields params = row.object("params");
            Fields update = params.object("update");
            if (!update.text("sessionUpdate").equals("turn_completed") || !update.hasObject("usage")) {
                return;
            }
            Instant time = row.timeOfAnyUnit("timestamp");
            if (time == null) {
                throw row.refused("timestamp", "is missing");
            }
            Fields usage = update.object("usage");
            Map<String, Fields> models = usage.byModel("modelUsage");
            String session =
                    params.id("sessionId").isEmpty() ? LabelText.sanitize(folder, Bound.ID) : params.id("sessionId");
            if (models.isEmpty()) {
                call(time, session, update.scalar("prompt_id"), model, usage, found);
            }
            models.forEach((name, figures) -> call(time, session, update.scalar("prompt_id"), name, figures, found));
        }

        private void call(
                Instant time, String session, String prompt, String model, Fields usage, JsonLines.Found found) {
            if (usage.statesNoneOf("inputTokens", "outputTokens", "cachedReadTokens", "cacheCreationTokens")) {
                throw usage.refused("inputTokens", "none of its counts is known");
            }
            long input = usage.count("inputTokens");
            long output = usage.count("outputTokens");
            long read = usage.count("cachedReadTokens");
            long written = usage.count("cacheCreationTokens");
            long withoutRead = usage.without("inputTokens", input, "cachedReadTokens", read);
            TokenCounts tokens = TokenCounts.builder()
                    .input(usage.without("inputTokens", withoutRead, "cacheCreationTokens", written))
                    .output(output)
                    .cacheCreation(written)
                    .cacheRead(read)
                    .reasoning(usage.count("reasoningTokens"))
                    .build();
            UsageRecord.Builder record = UsageRecord.builder();
            Optional<Usd> cost = usage.usd("costUsdTicks", TICK_PLACES);
            cost.ifPresent(record::reportedCost);
            if (tokens.equals(TokenCounts.NONE) && cost.orElse(Usd.ZERO).signum() == 0) {
                return;
            }
            record.source(NAME)
                    .timestamp(time)
                    .tokens(tokens)
                    .provider("xai")
                    .sessionId(session)
                    .conversationId(session)
                    .requestId(LabelText.sanitize(prompt, Bound.ID))
                    .aggregate(usage.count("modelCalls") > 1)
                    .attribute("project", project)
                    .notes(usage.unknownMembers());
            ModelName.set(record, model);
            if (written > 0) {
                record.note(Notes.CACHE_SPLIT_MISSING);
            }
            if (usage.has("totalTokens") && usage.count("totalTokens") != input + output) {
                record.note(Notes.TOTAL_DIFFERS);
            }
            String key = prompt.isEmpty()
                    ? Keys.digest(NAME, session, time.toString(), model, Long.toString(input), Long.toString(output))
                    : Keys.digest(NAME, session, prompt, model);
            found.call(new CopiedCall(key, record.build(), CopiedCall.LATEST));
        }
    }
}
