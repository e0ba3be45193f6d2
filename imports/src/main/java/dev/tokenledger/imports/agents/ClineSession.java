package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * One session of Cline since version 4.1 being read. An assistant's message with {@code metrics} is a call, of which the input
 * includes what was read from and written to the cache. A message is known by its session, agent and id.
 */
final class ClineSession {

    static final Set<String> NAMES = Set.of(
            "messages",
            "id",
            "role",
            "ts",
            "modelInfo",
            "provider",
            "metrics",
            "inputTokens",
            "outputTokens",
            "cacheReadTokens",
            "cacheWriteTokens",
            "cost",
            "metadata",
            "displayOnly");

    private static final String SUFFIX = ".messages.json";
    private static final Set<String> MANIFEST = Set.of("model", "provider", "cwd");

    private final Fields document;
    private final String session;
    private final String agent;
    private final Fields manifest;

    ClineSession(String file, Fields document) {
        this.document = document;
        Path path = Path.of(file).toAbsolutePath();
        String name = String.valueOf(path.getFileName());
        String stem = name.substring(0, name.length() - SUFFIX.length());
        String folder = Folders.nameAround(path);
        session = LabelText.sanitize(folder, Bound.ID);
        agent = stem.equals(folder) ? "" : LabelText.sanitize(stem, Bound.ID);
        manifest = SideFile.json(path.resolveSibling(folder + ".json"), MANIFEST);
    }

    /** Tells of every message. */
    void read(ImportSink sink) {
        JsonLines.Found found = new JsonLines.Found(sink);
        long number = 0;
        for (Fields message : document.objects("messages")) {
            found.read(++number, () -> message(message, found));
        }
    }

    private void message(Fields message, JsonLines.Found found) {
        if (!message.text("role").equals("assistant")
                || !message.hasObject("metrics")
                || message.object("metadata").isTrue("displayOnly")) {
            return;
        }
        Fields metrics = message.object("metrics");
        if (metrics.statesNoneOf("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "cost")) {
            throw message.refused("metrics", "none of its counts is known");
        }
        long read = metrics.count("cacheReadTokens");
        long written = metrics.count("cacheWriteTokens");
        long withoutRead = metrics.without("inputTokens", metrics.count("inputTokens"), "cacheReadTokens", read);
        TokenCounts tokens = TokenCounts.builder()
                .input(metrics.without("inputTokens", withoutRead, "cacheWriteTokens", written))
                .output(metrics.count("outputTokens"))
                .cacheCreation(written)
                .cacheRead(read)
                .build();
        Optional<Usd> cost = metrics.usd("cost");
        if (tokens.equals(TokenCounts.NONE) && cost.orElse(Usd.ZERO).signum() == 0) {
            return;
        }
        Instant time = message.statedTime("ts");
        Fields stated = message.object("modelInfo");
        boolean named = !stated.label("id").isEmpty();
        UsageRecord.Builder record = UsageRecord.builder()
                .source(ClineTask.Program.CLINE.source())
                .timestamp(time)
                .tokens(tokens)
                .provider(ClineTask.provider((named ? stated : manifest).label("provider")))
                .requestId(message.id("id"))
                .sessionId(session)
                .conversationId(agent.isEmpty() ? session : LabelText.sanitize(session + "/" + agent, Bound.ID))
                .attribute("project", manifest.label("cwd"))
                .notes(metrics.unknownMembers());
        cost.ifPresent(record::reportedCost);
        ModelName.set(record, named ? stated.label("id") : manifest.label("model"));
        if (!agent.isEmpty()) {
            record.role("delegate");
        }
        if (written > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        String id = message.scalar("id").isEmpty() ? time.toString() : message.scalar("id");
        String key = Keys.digest(ClineTask.Program.CLINE.source(), "session", session, agent, id);
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }
}
