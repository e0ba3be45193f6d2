package dev.tokenledger.imports.agents;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where programs keep their files. */
final class Folders {

    private Folders() {}

    /** The folders that a variable lists with commas, or else this one. */
    static List<Path> listed(Map<String, String> environment, String variable, Path otherwise) {
        List<Path> folders = listed(environment, variable);
        return folders.isEmpty() ? List.of(otherwise) : folders;
    }

    /** The folders that a variable lists with commas. */
    static List<Path> listed(Map<String, String> environment, String variable) {
        List<Path> folders = new ArrayList<>();
        for (String folder : environment.getOrDefault(variable, "").split(",")) {
            if (!folder.isBlank()) {
                folders.add(Path.of(folder.strip()));
            }
        }
        return List.copyOf(folders);
    }

    /** Where programs keep data: {@code $XDG_DATA_HOME}, else {@code ~/.local/share}. */
    static Path data(Map<String, String> environment, Path home) {
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        return data.isBlank() ? home.resolve(".local/share") : Path.of(data);
    }

    /** Where programs keep their settings: {@code $XDG_CONFIG_HOME}, else {@code ~/.config}. */
    static Path config(Map<String, String> environment, Path home) {
        String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
        return config.isBlank() ? home.resolve(".config") : Path.of(config);
    }

    /** The name of the folder that a file is in; empty for the root of a file system. */
    static String nameAround(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        Path name = folder == null ? null : folder.getFileName();
        return name == null ? "" : name.toString();
    }

    /** Those of the folders below that are there; the folder itself if none is. */
    static List<Path> below(Path folder, String... names) {
        List<Path> found = new ArrayList<>();
        for (String name : names) {
            if (Files.isDirectory(folder.resolve(name))) {
                found.add(folder.resolve(name));
            }
        }
        return found.isEmpty() ? List.of(folder) : List.copyOf(found);
    }
}
