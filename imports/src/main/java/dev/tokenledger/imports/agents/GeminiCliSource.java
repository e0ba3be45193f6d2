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
import org.jspecify.annotations.Nullable;

/**
 * Gemini CLI's chats: {@code ~/.gemini/tmp/<project>/chats/session-*.json}, or {@code .jsonl} in newer versions, and those of
 * sub-agents below; {@code $GEMINI_CLI_HOME} stands for the home folder.
 *
 * <p>A message of type {@code gemini} with tokens is a call. Input contains what was read from the cache; tokens of tools' prompts
 * stand beside it; thoughts stand beside the output and are billed as output. The same message is written down again as it
 * grows, and in {@code $set}; what {@code $rewindTo} takes out of a chat was used all the same. A message is known by its id,
 * and by its session too where that is no UUID.
 */
public final class GeminiCliSource implements LogSource {

    private static final String NAME = "gemini-cli";
    private static final String CHATS = "chats";
    private static final Set<String> NAMES = Set.of(
            "sessionId",
            "kind",
            "messages",
            "$set",
            "id",
            "timestamp",
            "type",
            "model",
            "tokens",
            "input",
            "output",
            "cached",
            "thoughts",
            "tool",
            "total");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        String other = environment.getOrDefault("GEMINI_CLI_HOME", "");
        return List.of((other.isBlank() ? home : Path.of(other.strip())).resolve(".gemini"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "tmp");
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".json") || name.endsWith(".jsonl"))
                && (name.startsWith("session-") || chats(file) != null);
    }

    @Override
    public Growth growth(Path file) {
        return isLines(file) ? Growth.APPENDED : Growth.REWRITTEN;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        Chat chat = new Chat(file);
        if (isLines(file.path())) {
            JsonLines.read(file, sink, NAMES, chat);
            return;
        }
        Fields document = JsonDocument.read(file, sink, NAMES).orElse(null);
        if (document != null) {
            chat.header(document);
            JsonLines.Found found = new JsonLines.Found(sink);
            long number = 0;
            for (Fields message : document.objects("messages")) {
                found.read(++number, () -> chat.message(message, found));
            }
        }
        sink.reached(0, 0, "");
    }

    private static boolean isLines(Path file) {
        return file.getFileName().toString().endsWith(".jsonl");
    }

    /** The folder of chats that the file is in; null if it is in none. */
    private static @Nullable Path chats(Path file) {
        for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
            Path name = folder.getFileName();
            if (name != null && name.toString().equals(CHATS)) {
                return folder;
            }
        }
        return null;
    }

    /** One chat being read. */
    private static final class Chat implements JsonLines.Rows {

        private final String project;
        private String session;
        private boolean subAgent;

        Chat(ImportFile file) throws IOException {
            project = project(file.path());
            String[] carry = file.carry().split("\t", -1);
            if (carry.length == 2) {
                session = carry[0];
                subAgent = carry[1].equals("subagent");
            } else {
                session =
                        LabelText.sanitize(file.path().getFileName().toString().replaceAll("\\.jsonl?$", ""), Bound.ID);
            }
        }

        /** The project's folder, where it is written down beside the chats, else the name or hash that stands for it. */
        private static String project(Path file) throws IOException {
            Path chats = chats(file);
            Path folder = chats == null ? null : chats.getParent();
            if (folder == null || folder.getFileName() == null) {
                return "";
            }
            Path root = folder.resolve(".project_root");
            String stated = Files.isRegularFile(root) && Files.size(root) < 4_096 ? Files.readString(root) : "";
            String kept = LabelText.sanitize(stated, Bound.TEXT);
            return kept.isEmpty() ? LabelText.sanitize(folder.getFileName().toString(), Bound.TEXT) : kept;
        }

        @Override
        public String carry() {
            return session + "\t" + (subAgent ? "subagent" : "");
        }

        @Override
        public void read(Fields row, JsonLines.Found found) {
            if (row.has("$set")) {
                Fields set = row.object("$set");
                header(set);
                messages(set, found);
            } else if (row.text("type").isEmpty()) {
                header(row);
                messages(row, found);
            } else {
                message(row, found);
            }
        }

        void header(Fields header) {
            if (!header.id("sessionId").isEmpty()) {
                session = header.id("sessionId");
            }
            if (header.has("kind")) {
                subAgent = header.text("kind").equals("subagent");
            }
        }

        private void messages(Fields header, JsonLines.Found found) {
            for (Fields message : header.objects("messages")) {
                try {
                    message(message, found);
                } catch (IllegalArgumentException e) {
                    found.refuse(JsonLines.INVALID_RECORD, String.valueOf(e.getMessage()));
                }
            }
        }

        void message(Fields message, JsonLines.Found found) {
            if (!message.text("type").equals("gemini") || !message.hasObject("tokens")) {
                return;
            }
            Fields figures = message.object("tokens");
            if (figures.statesNoneOf("input", "output", "cached", "thoughts", "tool")) {
                throw message.refused("tokens", "none of its counts is known");
            }
            long input = figures.count("input");
            long cached = figures.count("cached");
            long output = figures.count("output");
            long thoughts = figures.count("thoughts");
            long tool = figures.count("tool");
            long uncached = figures.without("input", input, "cached", cached);
            TokenCounts tokens = TokenCounts.builder()
                    .input(uncached + tool)
                    .output(output + thoughts)
                    .cacheRead(cached)
                    .reasoning(thoughts)
                    .build();
            if (tokens.equals(TokenCounts.NONE)) {
                return;
            }
            Instant time = message.statedTime("timestamp");
            UsageRecord.Builder record = UsageRecord.builder()
                    .source(NAME)
                    .timestamp(time)
                    .tokens(tokens)
                    .provider("google")
                    .requestId(message.id("id"))
                    .sessionId(session)
                    .conversationId(session)
                    .role(subAgent ? "delegate" : "interactive")
                    .attribute("project", project);
            if (figures.has("total") && figures.count("total") != input + output + thoughts + tool) {
                record.note(Notes.TOTAL_DIFFERS);
            }
            ModelName.set(record, message.text("model"));
            record.notes(figures.unknownMembers());
            found.call(new CopiedCall(key(message, time), record.build(), CopiedCall.LARGEST));
        }

        private String key(Fields message, Instant time) {
            String id = message.text("id");
            if (Keys.isUnique(id)) {
                return Keys.of(NAME, id);
            }
            return id.isEmpty()
                    ? Keys.digest(NAME, session, time.toString(), message.text("model"))
                    : Keys.of(NAME, session, id);
        }
    }
}
