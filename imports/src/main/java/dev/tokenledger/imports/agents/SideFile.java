package dev.tokenledger.imports.agents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** A small file beside a log that has labels of it, such as its folder or model. No call is lost where it cannot be read. */
final class SideFile {

    private static final int MAX_BYTES = 1 << 20;

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

    /** The file's text; empty where there is no such file, or it cannot be read. */
    static String text(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES ? Files.readString(file) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
