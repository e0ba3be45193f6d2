package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * pi's sessions: {@code ~/.pi/agent/sessions/<folder>/*.jsonl}, or below {@code $PI_CODING_AGENT_DIR}.
 *
 * <p>An assistant's message with usage is a call, and so are the entries {@code compaction} and {@code branch_summary}, which ran
 * on the model in force, and a tool's result with usage, whose model is not told. The four classes are disjoint, and pi's own
 * cost is kept as reported. A
 * branched session begins with copies of the messages before; a message is therefore known by its time, model and figures,
 * whatever session it stands in. Messages without any tokens and cost, such as those aborted before an answer, are no calls.
 */
public final class PiSource implements LogSource {

    private static final String NAME = "pi";
    private static final Set<String> NAMES = Set.of(
            "type",
            "id",
            "timestamp",
            "cwd",
            "message",
            "role",
            "provider",
            "model",
            "responseId",
            "usage",
            "input",
            "output",
            "cacheRead",
            "cacheWrite",
            "cost",
            "total",
            "stopReason",
            "totalTokens",
            "modelId");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "PI_CODING_AGENT_DIR", home.resolve(".pi/agent"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().endsWith(".jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, NAMES, new Session(file.carry()));
    }

    /** One session being read. */
    private static final class Session implements JsonLines.Rows {

        private String id;
        private String project;

        /** The provider and the model in force: of the last change or answer. */
        private String provider;

        private String model;

        Session(String carry) {
            String[] parts = carry.split("\t", -1);
            id = parts[0];
            project = parts.length > 1 ? parts[1] : "";
            provider = parts.length > 3 ? parts[2] : "";
            model = parts.length > 3 ? parts[3] : "";
        }

        @Override
        public String carry() {
            return String.join("\t", id, project, provider, model);
        }

        @Override
        public void read(Fields row, JsonLines.Found found) {
            switch (row.text("type")) {
                case "session" -> {
                    id = row.id("id");
                    project = row.label("cwd");
                }
                case "model_change" -> {
                    provider = row.label("provider");
                    model = row.label("modelId");
                }
                case "message" -> message(row, row.object("message"), found);
                case "compaction", "branch_summary" -> {
                    if (row.hasObject("usage")) {
                        call(row, row, provider, model, found);
                    }
                }
                default -> {
                    // Changes of thinking, labels.
                }
            }
        }

        private void message(Fields row, Fields message, JsonLines.Found found) {
            switch (message.text("role")) {
                case "assistant" -> {
                    String stated = message.label("model");
                    if (!stated.isEmpty()) {
                        provider = message.label("provider");
                        model = stated;
                    }
                    if (message.hasObject("usage")) {
                        call(row, message, message.text("provider"), message.text("model"), found);
                    }
                }
                case "toolResult" -> {
                    if (message.hasObject("usage")) {
                        call(row, message, "", "", found);
                    }
                }
                default -> {
                    // What the user said.
                }
            }
        }

        private void call(Fields row, Fields message, String provider, String model, JsonLines.Found found) {
            Fields usage = message.object("usage");
            if (usage.statesNoneOf("input", "output", "cacheRead", "cacheWrite")) {
                throw row.refused("usage", "none of its counts is known");
            }
            long writes = usage.count("cacheWrite");
            TokenCounts tokens = new TokenCounts(
                    usage.count("input"), usage.count("output"), writes, 0, 0, usage.count("cacheRead"), 0, 0, 0, 0, 0);
            UsageRecord.Builder record = UsageRecord.builder();
            usage.object("cost").usd("total").ifPresent(record::reportedCost);
            boolean free = usage.object("cost")
                    .usd("total")
                    .map(cost -> cost.signum() == 0)
                    .orElse(true);
            if (tokens.equals(TokenCounts.NONE) && free) {
                return;
            }
            Instant time = time(row, message);
            record.source(NAME)
                    .timestamp(time)
                    .tokens(tokens)
                    .provider(provider)
                    .upstreamRequestId(message.id("responseId"))
                    .sessionId(id)
                    .conversationId(id)
                    .outcome(outcome(message.text("stopReason")))
                    .attribute("project", project);
            ModelName.set(record, model);
            if (writes > 0) {
                record.note(Notes.CACHE_SPLIT_MISSING);
            }
            if (usage.has("totalTokens") && usage.count("totalTokens") != tokens.totalInput() + tokens.output()) {
                record.note(Notes.TOTAL_DIFFERS);
            }
            record.notes(usage.unknownMembers());
            String key = Keys.digest(
                    NAME,
                    time.toString(),
                    provider,
                    model,
                    Long.toString(tokens.input()),
                    Long.toString(tokens.output()),
                    Long.toString(tokens.cacheRead()),
                    Long.toString(writes));
            found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
        }

        /** The message's own time, which is that of its request; a row's is when it was written down. */
        private static Instant time(Fields row, Fields message) {
            @Nullable Instant time = message.time("timestamp");
            if (time == null) {
                time = row.time("timestamp");
            }
            if (time == null) {
                throw row.refused("timestamp", "is missing");
            }
            return time;
        }

        private static Outcome outcome(String stopReason) {
            return switch (stopReason) {
                case "" -> Outcome.UNSTATED;
                case "error" -> Outcome.ERROR;
                case "aborted" -> Outcome.CANCELED;
                default -> Outcome.SUCCESS;
            };
        }
    }
}
