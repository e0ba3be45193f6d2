package dev.tokenledger.server.keys;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.FileStamp;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.formats.text.SharedFile;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.summary.Dimension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The keys in a YAML file that its owner alone can read. It is replaced as a whole, so that a server that reads it never sees
 * half of it, and one change follows the other, whichever process makes it.
 */
public final class KeyFile {

    private static final String ATTRIBUTES = "attributes";
    private static final String LIMIT = "limit";
    private static final Set<String> FIELDS = Set.of("id", "name", "scopes", "created", "sha256");

    /** What only some keys have; files of earlier versions have none. */
    private static final Set<String> MORE_FIELDS = Set.of(ATTRIBUTES, LIMIT);

    private final Path file;
    private final SharedFile shared;

    /** The keys in this file, which need not be there yet. */
    public KeyFile(Path file) {
        this.file = file;
        shared = new SharedFile(file);
    }

    /**
     * The keys; none if there is no file.
     *
     * @throws IllegalArgumentException if the file is no list of keys; the message names the file and the line
     * @throws UncheckedIOException if it cannot be read
     */
    public ApiKeys read() {
        try {
            return keys(shared.read());
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("cannot read " + file + ": " + reason(e), e));
        }
    }

    private ApiKeys keys(Optional<byte[]> content) throws IOException {
        if (content.isEmpty()) {
            return ApiKeys.none();
        }
        try {
            return parse(Utf8.decode(content.get(), 0, content.get().length));
        } catch (TextFormatException e) {
            throw new IllegalArgumentException(file + ":" + e.place().line() + ": " + e.getMessage(), e);
        }
    }

    /** Java's own message names the file again. */
    private String reason(IOException e) {
        if (e instanceof FileSystemException problem && problem.getReason() != null) {
            return problem.getReason();
        }
        return e instanceof CharacterCodingException ? "it is not UTF-8 text" : String.valueOf(e.getMessage());
    }

    /**
     * Changes the keys, durably: on return they are on disk (on Windows the file is, and its name soon), so that no power cut
     * brings a revoked key back. Processes that change them at the same time do so one after the other.
     *
     * @param change the new keys, given those in the file; what it throws leaves the file as it was
     * @return the new keys
     * @throws IllegalArgumentException if the file is no list of keys; the message names the file and the line
     * @throws UncheckedIOException if the file cannot be written, or another process keeps it locked; it is then as it was
     */
    public ApiKeys update(UnaryOperator<ApiKeys> change) {
        try {
            byte[] written =
                    shared.update(current -> yaml(change.apply(keys(current))).getBytes(StandardCharsets.UTF_8));
            return keys(Optional.of(written));
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("cannot write " + file + ": " + reason(e), e));
        }
    }

    private static String yaml(ApiKeys keys) {
        StringBuilder yaml =
                new StringBuilder("# Kept by 'tokenledger keys'. The keys themselves are not in here.\nkeys:");
        yaml.append(keys.all().isEmpty() ? " []\n" : "\n");
        for (ApiKey key : keys.all()) {
            String scopes = key.scopes().stream().sorted().map(Scope::text).collect(Collectors.joining(", "));
            // A name holds nothing that would end the quotes.
            yaml.append("  - id: \"").append(key.id()).append("\"\n");
            yaml.append("    name: \"").append(key.name()).append("\"\n");
            yaml.append("    scopes: [").append(scopes).append("]\n");
            yaml.append("    created: \"").append(key.created()).append("\"\n");
            yaml.append("    sha256: \"").append(key.sha256()).append("\"\n");
            texts(yaml, ATTRIBUTES, key.attributes());
            Map<String, String> limit = new LinkedHashMap<>();
            key.limit().values().forEach((dimension, value) -> limit.put(dimension.name(), value));
            texts(yaml, LIMIT, limit);
        }
        return yaml.toString();
    }

    /** A JSON object, which is YAML too. */
    private static void texts(StringBuilder yaml, String name, Map<String, String> texts) {
        if (!texts.isEmpty()) {
            String object = JsonText.write(json -> {
                json.writeStartObject();
                texts.forEach(json::writeStringProperty);
                json.writeEndObject();
            });
            yaml.append("    ").append(name).append(": ").append(object).append('\n');
        }
    }

    /**
     * The keys as they are in the file at the moment, looked at again at most once a second, so that a running server learns
     * of a revoked key. A file that has become unreadable changes nothing, but is told of, and read again each time until it
     * can be.
     *
     * @param failures told why the file cannot be read; once, until the reason is another
     */
    public Supplier<ApiKeys> watched(LongSupplier nanoTime, Consumer<RuntimeException> failures) {
        return new Watch(nanoTime, failures);
    }

    private final class Watch implements Supplier<ApiKeys> {

        private static final long LOOK_AGAIN = Duration.ofSeconds(1).toNanos();

        private final LongSupplier nanoTime;
        private final Consumer<RuntimeException> failures;
        private Optional<FileStamp> stamp;
        private ApiKeys keys;
        private long looked;
        private String told = "";

        Watch(LongSupplier nanoTime, Consumer<RuntimeException> failures) {
            this.nanoTime = nanoTime;
            this.failures = failures;
            stamp = FileStamp.ifReadable(file);
            keys = read();
            looked = nanoTime.getAsLong();
        }

        @Override
        public synchronized ApiKeys get() {
            long now = nanoTime.getAsLong();
            if (now - looked >= LOOK_AGAIN) {
                looked = now;
                Optional<FileStamp> last = FileStamp.ifReadable(file);
                if (!last.equals(stamp)) {
                    readAgain(last);
                }
            }
            return keys;
        }

        /** Only what was read is not read again: what could not be may yet be, though nothing about the file has changed. */
        private void readAgain(Optional<FileStamp> last) {
            try {
                keys = read();
                stamp = last;
                told = "";
            } catch (IllegalArgumentException | UncheckedIOException e) {
                String reason = String.valueOf(e.getMessage());
                if (!reason.equals(told)) {
                    told = reason;
                    failures.accept(e);
                }
            }
        }
    }

    private static ApiKeys parse(String yaml) {
        Node document = Documents.readYaml(yaml);
        if (!(document instanceof Node.Mapping mapping)
                || !(mapping.members().get("keys") instanceof Node.Sequence list)
                || mapping.members().size() != 1) {
            throw new TextFormatException(document.place(), "expected 'keys:' and a list");
        }
        List<ApiKey> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Node item : list.items()) {
            try {
                ApiKey key = key(item);
                if (!ids.add(key.id())) {
                    throw new TextFormatException(item.place(), "a second key with the id " + key.id());
                }
                keys.add(key);
            } catch (TextFormatException e) {
                throw e;
            } catch (IllegalArgumentException e) {
                throw new TextFormatException(item.place(), String.valueOf(e.getMessage()));
            }
        }
        return ApiKeys.of(keys);
    }

    private static ApiKey key(Node item) {
        if (!(item instanceof Node.Mapping mapping)
                || !hasFields(mapping.members().keySet())) {
            throw new TextFormatException(
                    item.place(), "expected id, name, scopes, created and sha256, and perhaps attributes and limit");
        }
        Map<String, Node> members = mapping.members();
        if (!(members.get("scopes") instanceof Node.Sequence list)) {
            throw new TextFormatException(item.place(), "scopes: expected a list");
        }
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        list.items().forEach(scope -> scopes.add(Scope.parse(text("scopes", scope))));
        return new ApiKey(
                text("id", members.get("id")),
                text("name", members.get("name")),
                scopes,
                Rfc3339.parse(text("created", members.get("created"))),
                text("sha256", members.get("sha256")),
                new TreeMap<>(texts(ATTRIBUTES, members.get(ATTRIBUTES))),
                new ReadLimit(limit(texts(LIMIT, members.get(LIMIT)))));
    }

    private static boolean hasFields(Set<String> stated) {
        Set<String> more = new HashSet<>(stated);
        more.removeAll(FIELDS);
        return stated.containsAll(FIELDS) && MORE_FIELDS.containsAll(more);
    }

    private static Map<Dimension, String> limit(Map<String, String> stated) {
        Map<Dimension, String> limit = new LinkedHashMap<>();
        stated.forEach((name, value) -> {
            if (limit.put(Dimension.parse(name), value) != null) {
                throw new IllegalArgumentException(LIMIT + ": " + name + " is limited twice");
            }
        });
        return limit;
    }

    private static Map<String, String> texts(String what, @Nullable Node node) {
        if (node == null) {
            return Map.of();
        }
        if (!(node instanceof Node.Mapping mapping)) {
            throw new IllegalArgumentException(what + ": expected texts by their names");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        mapping.members().forEach((name, value) -> texts.put(name, text(what + "." + name, value)));
        return texts;
    }

    private static String text(String what, @Nullable Node node) {
        if (node instanceof Node.Text text) {
            return text.value();
        }
        throw new IllegalArgumentException(what + ": expected text");
    }
}
