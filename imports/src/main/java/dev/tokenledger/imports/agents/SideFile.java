package dev.tokenledger.imports.agents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A small file beside a log that has labels of it, such as its folder or model. No call is lost where it cannot be read. */
final class SideFile {

    private static final int MAX_BYTES = 4 << 20;

    private SideFile() {}

    /** The file's JSON object; one without members where there is no such file, or it cannot be read. */
    static Fields json(Path file, Set<String> names) {
        String text = text(file);
        try {
            return text.isEmpty() ? Fields.none() : Fields.read(text, names);
        } catch (RuntimeException e) {
            return Fields.none();
        }
    }

    /** The objects of the list that the file holds; none where there is no such file, or it cannot be read. */
    static List<Fields> list(Path file, Set<String> names) {
        List<Fields> items = new ArrayList<>();
        String text = text(file);
        try (JsonParser parser = Fields.parser(text)) {
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    items.add(Fields.read(parser, names));
                }
            }
        } catch (RuntimeException e) {
            // What was read before the break is as good as ever.
            return List.copyOf(items);
        }
        return List.copyOf(items);
    }

    /** The file's text; empty where there is no such file, or it cannot be read. */
    static String text(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
