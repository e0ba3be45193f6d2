package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.LogFile;
import dev.tokenledger.imports.LogSink;
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
 * <p>An assistant's message with usage is a call. Its four classes are disjoint, and its own cost is kept as reported. A
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
            "stopReason");

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
    public void read(LogFile file, LogSink sink) throws IOException {
        JsonLines.read(file, sink, NAMES, new Session(file.carry()));
    }

    /** One session being read. */
    private static final class Session implements JsonLines.Rows {

        private String id;
        private String project;

        Session(String carry) {
            String[] parts = carry.split("\t", 2);
            id = parts[0];
            project = parts.length > 1 ? parts[1] : "";
        }

        @Override
        public String carry() {
            return id + "\t" + project;
        }

        @Override
        public void read(Fields row, JsonLines.Found found) {
            switch (row.text("type")) {
                case "session" -> {
                    id = row.id("id");
                    project = row.label("cwd");
                }
                case "message" -> {
                    Fields message = row.object("message");
                    if (message.text("role").equals("assistant") && message.hasObject("usage")) {
                        call(row, message, found);
                    }
                }
                default -> {
                    // Changes of model and of thinking, compactions, labels.
                }
            }
        }

        private void call(Fields row, Fields message, JsonLines.Found found) {
            Fields usage = message.object("usage");
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
                    .upstreamModel(message.text("model"))
                    .provider(message.text("provider"))
                    .upstreamRequestId(message.id("responseId"))
                    .sessionId(id)
                    .conversationId(id)
                    .outcome(outcome(message.text("stopReason")))
                    .attribute("project", project);
            if (writes > 0) {
                record.note(Notes.CACHE_SPLIT_MISSING);
            }
            String key = Keys.digest(
                    NAME,
                    time.toString(),
                    message.text("provider"),
                    message.text("model"),
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
