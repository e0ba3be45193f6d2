package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Amp's threads: {@code threads/T-*.json} in {@code $AMP_DATA_DIR}, else in {@code amp} in {@code $XDG_DATA_HOME} or {@code
 * ~/.local/share}.
 *
 * <p>The events of a thread's usage ledger are its calls; what they read from and wrote to the cache stands in the message that
 * the event led to. A thread without such events is counted by its messages' usage. Credits are no USD, and are not kept.
 */
public final class AmpSource implements LogSource {

    private static final String NAME = "amp";
    private static final Set<String> NAMES = Set.of(
            "id",
            "env",
            "initial",
            "trees",
            "uri",
            "usageLedger",
            "events",
            "timestamp",
            "model",
            "tokens",
            "input",
            "output",
            "toMessageId",
            "messages",
            "messageId",
            "role",
            "usage",
            "inputTokens",
            "outputTokens",
            "cacheCreationInputTokens",
            "cacheReadInputTokens");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(
                environment, "AMP_DATA_DIR", Folders.data(environment, home).resolve("amp"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "threads");
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("T-") && name.endsWith(".json");
    }

    @Override
    public Growth growth(Path file) {
        return Growth.REWRITTEN;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        Fields document = JsonDocument.read(file, sink, NAMES).orElse(null);
        if (document != null) {
            new Conversation(document, file.path()).read(new JsonLines.Found(sink));
        }
        sink.reached(0, 0, "");
    }

    /** One thread; an event or a message stands for a line. */
    private static final class Conversation {

        private final Fields document;
        private final String id;
        private final String project;

        Conversation(Fields document, Path file) {
            this.document = document;
            String stated = document.id("id");
            id = stated.isEmpty()
                    ? LabelText.sanitize(file.getFileName().toString().replaceAll("\\.json$", ""), Bound.ID)
                    : stated;
            project = project(document);
        }

        private static String project(Fields document) {
            List<Fields> trees = document.object("env").object("initial").objects("trees");
            String uri = trees.isEmpty() ? "" : trees.get(0).text("uri");
            if (!uri.startsWith("file:")) {
                return "";
            }
            try {
                String path = URI.create(uri).getPath();
                return path == null ? "" : LabelText.sanitize(path, Bound.TEXT);
            } catch (IllegalArgumentException e) {
                return "";
            }
        }

        void read(JsonLines.Found found) {
            List<Fields> events = document.object("usageLedger").objects("events");
            List<Fields> messages = document.objects("messages");
            long number = 0;
            for (Fields message : messages) {
                boolean counts = events.isEmpty();
                found.read(++number, () -> {
                    if (counts) {
                        message(message, found);
                    }
                });
            }
            Map<String, Fields> caches = new HashMap<>();
            messages.forEach(message -> caches.put(message.scalar("messageId"), message.object("usage")));
            Set<String> named = new HashSet<>();
            for (Fields event : events) {
                String message = event.scalar("toMessageId");
                // A further event of the same message has no share in what that one did with the cache.
                boolean first = !message.isEmpty() && named.add(message);
                Fields cache = first ? caches.getOrDefault(message, Fields.none()) : Fields.none();
                found.read(++number, () -> event(event, first ? message : "", cache, found));
            }
        }

        private void event(Fields event, String message, Fields cache, JsonLines.Found found) {
            if (!event.hasObject("tokens")) {
                return;
            }
            Fields figures = event.object("tokens");
            if (!figures.has("input") && !figures.has("output")) {
                throw event.refused("tokens", "neither input nor output is there");
            }
            call(event, event, message, event.text("id"), tokens(figures, "input", "output", cache), found);
        }

        private void message(Fields message, JsonLines.Found found) {
            if (message.text("role").equals("assistant") && message.hasObject("usage")) {
                Fields usage = message.object("usage");
                TokenCounts tokens = tokens(usage, "inputTokens", "outputTokens", usage);
                call(usage, message, message.scalar("messageId"), "", tokens, found);
            }
        }

        private static TokenCounts tokens(Fields figures, String input, String output, Fields cache) {
            return TokenCounts.builder()
                    .input(figures.count(input))
                    .output(figures.count(output))
                    .cacheCreation(cache.count("cacheCreationInputTokens"))
                    .cacheRead(cache.count("cacheReadInputTokens"))
                    .build();
        }

        private void call(
                Fields fields, Fields around, String message, String event, TokenCounts tokens, JsonLines.Found found) {
            if (tokens.equals(TokenCounts.NONE)) {
                return;
            }
            @Nullable Instant stated = fields.time("timestamp");
            @Nullable Instant time = stated == null ? around.time("timestamp") : stated;
            if (time == null) {
                throw fields.refused("timestamp", "is missing");
            }
            String model = fields.text("model").isEmpty() ? around.text("model") : fields.text("model");
            UsageRecord.Builder record = UsageRecord.builder()
                    .source(NAME)
                    .timestamp(time)
                    .tokens(tokens)
                    .upstreamModel(model)
                    .sessionId(id)
                    .conversationId(id)
                    .requestId(LabelText.sanitize(event, Bound.ID))
                    .attribute("project", project);
            if (tokens.cacheCreation() > 0) {
                record.note(Notes.CACHE_SPLIT_MISSING);
            }
            found.call(new CopiedCall(key(message, event, time, model), record.build(), CopiedCall.LARGEST));
        }

        /** The message's where an event has one for itself, so that a thread that loses its ledger is not counted again. */
        private String key(String message, String event, Instant time, String model) {
            if (!message.isEmpty()) {
                return Keys.of(NAME, id, "m" + message);
            }
            return event.isEmpty() ? Keys.digest(NAME, id, time.toString(), model) : Keys.of(NAME, id, "e" + event);
        }
    }
}
