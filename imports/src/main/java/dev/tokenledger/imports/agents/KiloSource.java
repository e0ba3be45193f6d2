package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Kilo's messages: since version 7 the database {@code kilo.db} in {@code kilo} in {@code $XDG_DATA_HOME} or {@code ~/.local/share},
 * which is OpenCode's in all but its name, see {@link OpenCodeSource}; before, the tasks of its extension of an editor, see {@link
 * ClineTask}.
 */
public final class KiloSource implements LogSource {

    private final OpenCodeSource messages = new OpenCodeSource(ClineTask.Program.KILO.source());
    private final ClineSource tasks = ClineSource.kilo();

    @Override
    public String name() {
        return ClineTask.Program.KILO.source();
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> folders = new ArrayList<>();
        folders.add(Folders.data(environment, home).resolve("kilo"));
        folders.addAll(tasks.defaultFolders(environment, home));
        return List.copyOf(folders);
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        List<Path> found = tasks.foldersOf(folder);
        return found.equals(List.of(folder)) ? messages.foldersOf(folder) : found;
    }

    @Override
    public boolean reads(Path file) {
        return tasks.reads(file) || messages.reads(file);
    }

    @Override
    public Growth growth(Path file) {
        return tasks.reads(file) ? tasks.growth(file) : messages.growth(file);
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        if (tasks.reads(file.path())) {
            tasks.read(file, sink);
        } else {
            messages.read(file, sink);
        }
    }
}
