package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.text.Texts.Bound;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Which models a task used when, and its folder. Cline says so in the messages of newer versions, else in {@code task_metadata.json}
 * whenever the model changes. Roo Code and Kilo Code tell the model itself, at the beginning of each request: {@code <model>} in the
 * environment's details, in {@code api_conversation_history.json}, of which nothing else is kept.
 */
final class ClineModels {

    private static final long MAX_HISTORY = 256L << 20;
    private static final String DETAILS = "<environment_details>";
    private static final Pattern MODEL = Pattern.compile("<model>([^<>]{1,256})</model>");
    private static final Set<String> NAMES = Set.of(
            "model_usage",
            "ts",
            "model_id",
            "model_provider_id",
            "workspace",
            "id",
            "cwdOnTaskInitialization",
            "modelId");
    private static final Set<String> HISTORY = Set.of("role", "ts", "content", "text");

    /** A model, and who served it; empty where that is not known. */
    record Model(String name, String provider) {
        static final Model UNKNOWN = new Model("", "");
    }

    private final NavigableMap<Instant, Model> changes;

    /** Whether a model is told behind the beginning of its first request, and not before it. */
    private final boolean toldBehind;

    private final Model otherwise;
    private final String project;

    private ClineModels(NavigableMap<Instant, Model> changes, boolean toldBehind, Model otherwise, String project) {
        this.changes = changes;
        this.toldBehind = toldBehind;
        this.otherwise = otherwise;
        this.project = project;
    }

    /** What stands beside a task's messages. */
    static ClineModels of(ClineTask.Program program, Path messages) {
        NavigableMap<Instant, Model> changes = new TreeMap<>();
        if (program != ClineTask.Program.CLINE) {
            history(messages.resolveSibling("api_conversation_history.json"), changes);
            String workspace = SideFile.json(messages.resolveSibling("history_item.json"), NAMES)
                    .label("workspace");
            return new ClineModels(changes, true, Model.UNKNOWN, workspace);
        }
        for (Fields change : SideFile.json(messages.resolveSibling("task_metadata.json"), NAMES)
                .objects("model_usage")) {
            Instant time = time(change);
            if (time != null && !change.label("model_id").isEmpty()) {
                changes.put(time, new Model(change.label("model_id"), change.label("model_provider_id")));
            }
        }
        String task = Folders.nameAround(messages);
        Path storage = messages.toAbsolutePath().resolve("../../..").normalize();
        for (Fields item : SideFile.list(storage.resolve("state/taskHistory.json"), NAMES)) {
            if (item.text("id").equals(task)) {
                return new ClineModels(
                        changes, false, new Model(item.label("modelId"), ""), item.label("cwdOnTaskInitialization"));
            }
        }
        return new ClineModels(changes, false, Model.UNKNOWN, "");
    }

    private static @Nullable Instant time(Fields object) {
        try {
            return object.time("ts");
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Reads the requests of a task one after the other: all together they may be large. */
    private static void history(Path file, NavigableMap<Instant, Model> changes) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_HISTORY) {
                return;
            }
            try (JsonParser parser = Fields.parser(new BufferedInputStream(Files.newInputStream(file)))) {
                if (parser.nextToken() == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        request(Fields.read(parser, HISTORY), changes);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            // The calls behind the break have no model, which they say.
            return;
        }
    }

    private static void request(Fields message, NavigableMap<Instant, Model> changes) {
        Instant time = time(message);
        if (time == null || !message.text("role").equals("user")) {
            return;
        }
        List<String> texts = new ArrayList<>(List.of(message.text("content")));
        message.objects("content").forEach(block -> texts.add(block.text("text")));
        for (String text : texts) {
            int details = text.lastIndexOf(DETAILS);
            Matcher model = MODEL.matcher(text);
            if (details >= 0 && model.find(details)) {
                String name = LabelText.sanitize(model.group(1), Bound.TEXT);
                if (!name.isEmpty()) {
                    changes.put(time, new Model(name, ""));
                }
            }
        }
    }

    /** The model of a call. */
    Model of(Fields stated, Instant time) {
        if (!stated.label("modelId").isEmpty()) {
            return new Model(stated.label("modelId"), stated.label("providerId"));
        }
        Map.Entry<Instant, Model> before = changes.floorEntry(time);
        Map.Entry<Instant, Model> behind = changes.ceilingEntry(time);
        Map.Entry<Instant, Model> first = toldBehind ? behind : before;
        Map.Entry<Instant, Model> second = toldBehind ? before : behind;
        return first != null ? first.getValue() : second != null ? second.getValue() : otherwise;
    }

    /** The task's folder of work; empty where it is not known. */
    String project() {
        return project;
    }
}
