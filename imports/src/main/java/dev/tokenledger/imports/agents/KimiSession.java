package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One agent's file of a session of Kimi Code or Kimi CLI being read.
 *
 * <p>A step of Kimi CLI is known by its message's id, which a fork of the session keeps; an id of fewer than 20 characters, by its
 * session as well. A step of Kimi Code has no id: it is known by its time, to the millisecond, its agent, model and figures.
 *
 * <p>Kimi Code writes the alias by which a model was chosen; the request before says which model that is. Kimi CLI writes
 * neither: the model is the one that is chosen in {@code config.toml} now, and noted as inferred.
 */
final class KimiSession implements JsonLines.Rows {

    static final Set<String> NAMES = Set.of(
            "type",
            "timestamp",
            "time",
            "message",
            "payload",
            "message_id",
            "token_usage",
            "input_other",
            "input_cache_read",
            "input_cache_creation",
            "output",
            "model",
            "modelAlias",
            "usage",
            "inputOther",
            "inputCacheRead",
            "inputCacheCreation");

    private static final Set<String> STATE = Set.of("workDir", "work_dirs", "path");
    private static final String MAIN = "main";
    private static final int UNIQUE = 20;
    private static final int MAX_ALIASES = 16;
    private static final String TEXT = "(?:\"([^\"\\\\]*)\"|'([^']*)')";
    private static final Pattern DEFAULT_MODEL = Pattern.compile("(?m)^\\s*default_model\\s*=\\s*" + TEXT);
    private static final Pattern MODEL = Pattern.compile("(?m)^\\s*model\\s*=\\s*" + TEXT);
    private static final Pattern MODEL_SECTION =
            Pattern.compile("(?m)^\\s*\\[models\\.(?:\"([^\"]*)\"|'([^']*)'|([^\\]\"']*))\\]\\s*$");
    private static final Pattern SECTION = Pattern.compile("(?m)^\\s*\\[");

    private final Path home;
    private final String session;
    private final String agent;
    private final String project;

    /** Which model stands behind an alias, by the requests so far. */
    private final Map<String, String> models = new LinkedHashMap<>();

    private String requested = "";
    private @Nullable Instant requestTime;
    private @Nullable String configured;

    KimiSession(Path file, String carry) {
        Path folder = parent(file.toAbsolutePath());
        String around = name(parent(folder));
        boolean nested = around.equals("agents") || around.equals("subagents");
        Path sessionFolder = nested ? parent(parent(folder)) : folder;
        agent = nested ? LabelText.sanitize(name(folder), Bound.ID) : MAIN;
        session = LabelText.sanitize(name(sessionFolder), Bound.ID);
        home = parent(parent(parent(sessionFolder)));
        project = project(sessionFolder);
        String[] parts = carry.split("\t", -1);
        if (parts.length >= 2) {
            requested = parts[0];
            requestTime = parts[1].isEmpty() ? null : Instant.ofEpochMilli(Long.parseLong(parts[1]));
            for (int i = 2; i + 1 < parts.length; i += 2) {
                models.put(parts[i], parts[i + 1]);
            }
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    /** The session's folder of work: Kimi Code says it in the session, Kimi CLI keeps a list of folders by their MD5. */
    private String project(Path sessionFolder) {
        String stated =
                SideFile.json(sessionFolder.resolve("state.json"), STATE).label("workDir");
        if (!stated.isEmpty()) {
            return stated;
        }
        String hash = name(parent(sessionFolder));
        for (Fields folder : SideFile.json(home.resolve("kimi.json"), STATE).objects("work_dirs")) {
            if (md5(folder.text("path")).equals(hash)) {
                return folder.label("path");
            }
        }
        return "";
    }

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    @Override
    public String carry() {
        StringBuilder carry = new StringBuilder(requested)
                .append('\t')
                .append(requestTime == null ? "" : Long.toString(requestTime.toEpochMilli()));
        models.forEach(
                (alias, model) -> carry.append('\t').append(alias).append('\t').append(model));
        return carry.toString();
    }

    @Override
    public void read(Fields row, JsonLines.Found found) {
        switch (row.text("type")) {
            case "llm.request" -> request(row);
            case "usage.record" -> record(row, found);
            default -> {
                Fields event = row.hasObject("message") ? row.object("message") : row;
                if (event.text("type").equals("StatusUpdate")) {
                    status(row, event.object("payload"), found);
                }
            }
        }
    }

    private void request(Fields row) {
        requested = row.label("model");
        requestTime = row.timeOfAnyUnit("time");
        String alias = row.label("modelAlias");
        if (!alias.isEmpty() && !requested.isEmpty()) {
            models.remove(alias);
            models.put(alias, requested);
            if (models.size() > MAX_ALIASES) {
                models.remove(models.keySet().iterator().next());
            }
        }
    }

    private void record(Fields row, JsonLines.Found found) {
        if (!row.hasObject("usage")) {
            return;
        }
        Fields usage = row.object("usage");
        if (usage.statesNoneOf("inputOther", "output", "inputCacheRead", "inputCacheCreation")) {
            throw row.refused("usage", "none of its counts is known");
        }
        TokenCounts tokens = tokens(
                usage.count("inputOther"),
                usage.count("output"),
                usage.count("inputCacheCreation"),
                usage.count("inputCacheRead"));
        Instant stated = row.timeOfAnyUnit("time");
        Instant time = stated == null ? requestTime : stated;
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        if (time == null) {
            throw row.refused("time", "is missing");
        }
        String alias = row.label("model");
        // Placeholders such as __secondary__ name no model.
        boolean named = !alias.isEmpty() && !alias.startsWith("__");
        String model = models.getOrDefault(alias, named ? alias : requested);
        UsageRecord.Builder record = record(time, tokens).notes(usage.unknownMembers());
        ModelName.set(record, model);
        String key = Keys.digest(
                KimiSource.NAME,
                agent,
                time.toString(),
                alias,
                Long.toString(tokens.input()),
                Long.toString(tokens.output()),
                Long.toString(tokens.cacheCreation()),
                Long.toString(tokens.cacheRead()));
        found.call(new CopiedCall(key, record.build(), CopiedCall.EARLIEST));
    }

    private void status(Fields row, Fields payload, JsonLines.Found found) {
        if (!payload.hasObject("token_usage")) {
            return;
        }
        Fields usage = payload.object("token_usage");
        if (usage.statesNoneOf("input_other", "output", "input_cache_read", "input_cache_creation")) {
            throw payload.refused("token_usage", "none of its counts is known");
        }
        TokenCounts tokens = tokens(
                usage.count("input_other"),
                usage.count("output"),
                usage.count("input_cache_creation"),
                usage.count("input_cache_read"));
        Instant time = row.timeOfAnyUnit("timestamp");
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        if (time == null) {
            throw row.refused("timestamp", "is missing");
        }
        String id = payload.scalar("message_id");
        UsageRecord.Builder record = record(time, tokens)
                .upstreamRequestId(LabelText.sanitize(id, Bound.ID))
                .notes(usage.unknownMembers());
        String stated = payload.label("model");
        ModelName.set(record, stated.isEmpty() ? configured() : stated);
        if (stated.isEmpty() && !configured().isEmpty()) {
            record.note(Notes.MODEL_INFERRED);
        }
        String key;
        if (id.isEmpty()) {
            key = Keys.digest(
                    KimiSource.NAME,
                    session,
                    agent,
                    time.toString(),
                    Long.toString(tokens.totalInput()),
                    Long.toString(tokens.output()));
        } else {
            key = id.length() < UNIQUE
                    ? Keys.digest(KimiSource.NAME, session, id)
                    : Keys.digest(KimiSource.NAME, "message", id);
        }
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }

    private static TokenCounts tokens(long input, long output, long written, long read) {
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(written)
                .cacheRead(read)
                .build();
    }

    private UsageRecord.Builder record(Instant time, TokenCounts tokens) {
        UsageRecord.Builder record = UsageRecord.builder()
                .source(KimiSource.NAME)
                .timestamp(time)
                .tokens(tokens)
                .sessionId(session)
                .conversationId(agent.equals(MAIN) ? session : LabelText.sanitize(session + "/" + agent, Bound.ID))
                .attribute("project", project);
        if (!agent.equals(MAIN)) {
            record.role("delegate");
        }
        if (tokens.cacheCreation() > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        return record;
    }

    /** The model that Kimi CLI is set to use; empty where its settings do not say. */
    private String configured() {
        String known = configured;
        if (known == null) {
            known = LabelText.sanitize(configured(SideFile.text(home.resolve("config.toml"))), Bound.TEXT);
            configured = known;
        }
        return known;
    }

    private static String configured(String settings) {
        Matcher chosen = DEFAULT_MODEL.matcher(settings);
        if (!chosen.find()) {
            return "";
        }
        String name = group(chosen);
        Matcher section = MODEL_SECTION.matcher(settings);
        while (section.find()) {
            if (group(section).equals(name)) {
                Matcher next = SECTION.matcher(settings);
                int end = next.find(section.end()) ? next.start() : settings.length();
                Matcher model = MODEL.matcher(settings).region(section.end(), end);
                return model.find() ? group(model) : name;
            }
        }
        return name;
    }

    private static String group(Matcher matcher) {
        for (int i = 1; i <= matcher.groupCount(); i++) {
            String group = matcher.group(i);
            if (group != null) {
                return group.strip();
            }
        }
        return "";
    }
}
