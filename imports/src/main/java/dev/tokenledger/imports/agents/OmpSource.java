package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Oh My Pi's sessions, {@code ~/.omp/agent/sessions/<folder>/*.jsonl}, and those of its advisers and sub-agents in folders below.
 *
 * <p>The format is pi's, see {@link PiSource}, with a title before the session. An answer that names no model is of the one that was
 * chosen last.
 */
public final class OmpSource implements LogSource {

    private static final String NAME = "omp";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return List.of(home.resolve(".omp/agent"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().endsWith(".jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, PiSession.NAMES, new PiSession(NAME, true, file.carry()));
    }
}
