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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Factory's Droid: {@code sessions/<folder>/<session>.settings.json} in {@code $FACTORY_DIR} or {@code ~/.factory}.
 *
 * <p>A session's settings say what all of its calls used, and which model it was set to last, which is one record: an aggregate that
 * grows. Its classes are disjoint; thinking stands beside the output and is added to it. When that was is told by the session's
 * messages, {@code <session>.jsonl} beside it: the last one's time.
 */
public final class DroidSource implements LogSource {

    private static final String NAME = "droid";
    private static final String SUFFIX = ".settings.json";
    private static final Set<String> NAMES = Set.of(
            "model",
            "providerLock",
            "providerLockTimestamp",
            "tokenUsage",
            "inputTokens",
            "outputTokens",
            "cacheCreationTokens",
            "cacheReadTokens",
            "thinkingTokens",
            "factoryCredits");
    private static final Set<String> MESSAGE = Set.of("type", "timestamp", "cwd");

    /** A model of the user's own: the name that he gave it, a label in brackets, and its number in his list. */
    private static final Pattern CUSTOM = Pattern.compile("custom:(.+?)(-\\[[^\\]]*\\])?-[0-9]+");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "FACTORY_DIR", home.resolve(".factory"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().endsWith(SUFFIX);
    }

    @Override
    public Growth growth(Path file) {
        return Growth.REWRITTEN;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        Fields settings = JsonDocument.read(file, sink, NAMES).orElse(null);
        if (settings != null) {
            JsonLines.Found found = new JsonLines.Found(sink);
            Path path = file.path();
            found.read(1, () -> session(path, settings, found));
        }
        sink.reached(0, 0, "");
    }

    /** When a session's last message was written, and its folder of work. */
    private record Messages(@Nullable Instant last, String folder) {}

    private static void session(Path file, Fields settings, JsonLines.Found found) {
        if (!settings.hasObject("tokenUsage")) {
            return;
        }
        Fields usage = settings.object("tokenUsage");
        if (usage.statesNoneOf("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")) {
            throw settings.refused("tokenUsage", "none of its counts is known");
        }
        long thinking = usage.count("thinkingTokens");
        long written = usage.count("cacheCreationTokens");
        TokenCounts tokens = TokenCounts.builder()
                .input(usage.count("inputTokens"))
                .output(usage.count("outputTokens") + thinking)
                .cacheCreation(written)
                .cacheRead(usage.count("cacheReadTokens"))
                .reasoning(thinking)
                .build();
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        String name = file.getFileName().toString();
        String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        Messages messages = messages(file.resolveSibling(stem + ".jsonl"));
        Instant time = messages.last == null ? settings.timeOfAnyUnit("providerLockTimestamp") : messages.last;
        if (time == null) {
            throw new IllegalArgumentException("no time: the session's messages are not beside it");
        }
        String session = LabelText.sanitize(stem, Bound.ID);
        String model = settings.label("model");
        Matcher custom = CUSTOM.matcher(model);
        boolean own = custom.matches();
        UsageRecord.Builder record = UsageRecord.builder()
                .source(NAME)
                .timestamp(time)
                .tokens(tokens)
                .provider(own ? "" : settings.label("providerLock"))
                .sessionId(session)
                .conversationId(session)
                .aggregate(true)
                .attribute("project", messages.folder)
                .notes(usage.unknownMembers());
        ModelName.set(record, own ? custom.group(1) : model);
        if (thinking > 0) {
            record.note(Notes.REASONING_ADDED_TO_OUTPUT);
        }
        if (written > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        found.call(new CopiedCall(Keys.digest(NAME, stem), record.build(), CopiedCall.LARGEST));
    }

    private static Messages messages(Path file) {
        Instant last = null;
        String folder = "";
        try (JsonParser parser = Fields.parser(Files.newInputStream(file))) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Fields message = Fields.read(parser, MESSAGE);
                folder = folder.isEmpty() ? message.label("cwd") : folder;
                Instant time = message.time("timestamp");
                last = time == null ? last : time;
            }
        } catch (IOException | RuntimeException e) {
            // The last line may be cut; what stands before it was read.
            return new Messages(last, folder);
        }
        return new Messages(last, folder);
    }
}
