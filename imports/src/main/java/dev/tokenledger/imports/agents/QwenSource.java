package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Qwen Code's chats: {@code projects/<folder>/chats/<session>.jsonl} in {@code $QWEN_DATA_DIR} or {@code ~/.qwen}.
 *
 * <p>An assistant's row with {@code usageMetadata} is a call; the telemetry among the rows says the same again and is not read.
 * The prompt includes what was read from the cache. Thoughts are inside the candidates, as behind OpenAI's API, unless the total
 * proves that they stand beside, as behind Gemini's. A row is known by its id, model and figures: resumed sessions begin with
 * copies, and some versions give ids twice.
 */
public final class QwenSource implements LogSource {

    private static final String NAME = "qwen-code";
    private static final Set<String> NAMES = Set.of(
            "uuid",
            "sessionId",
            "timestamp",
            "type",
            "cwd",
            "model",
            "usageMetadata",
            "promptTokenCount",
            "candidatesTokenCount",
            "thoughtsTokenCount",
            "cachedContentTokenCount",
            "totalTokenCount");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "QWEN_DATA_DIR", home.resolve(".qwen"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "projects");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().endsWith(".jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, NAMES, QwenSource::row);
    }

    private static void row(Fields row, JsonLines.Found found) {
        if (!row.text("type").equals("assistant") || !row.hasObject("usageMetadata")) {
            return;
        }
        Fields usage = row.object("usageMetadata");
        if (usage.statesNoneOf("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")) {
            throw row.refused("usageMetadata", "none of its counts is known");
        }
        long prompt = usage.count("promptTokenCount");
        long candidates = usage.count("candidatesTokenCount");
        long thoughts = usage.count("thoughtsTokenCount");
        long cached = usage.count("cachedContentTokenCount");
        long total = usage.count("totalTokenCount");
        boolean stated = usage.has("totalTokenCount");
        boolean beside = thoughts > candidates || (stated && thoughts > 0 && total == prompt + candidates + thoughts);
        TokenCounts tokens = TokenCounts.builder()
                .input(usage.without("promptTokenCount", prompt, "cachedContentTokenCount", cached))
                .output(beside ? candidates + thoughts : candidates)
                .cacheRead(cached)
                .reasoning(thoughts)
                .build();
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        Instant time = row.statedTime("timestamp");
        UsageRecord.Builder record = UsageRecord.builder()
                .source(NAME)
                .timestamp(time)
                .tokens(tokens)
                .sessionId(row.id("sessionId"))
                .conversationId(row.id("sessionId"))
                .attribute("project", row.label("cwd"))
                .notes(usage.unknownMembers());
        ModelName.set(record, row.text("model"));
        if (stated && total != tokens.totalInput() + tokens.output()) {
            record.note(Notes.TOTAL_DIFFERS);
        }
        String id = row.text("uuid").isEmpty() ? row.text("sessionId") + time : row.text("uuid");
        String key = Keys.digest(
                NAME,
                id,
                row.text("model"),
                Long.toString(prompt),
                Long.toString(candidates),
                Long.toString(thoughts),
                Long.toString(cached));
        found.call(new CopiedCall(key, record.build(), CopiedCall.EARLIEST));
    }
}
