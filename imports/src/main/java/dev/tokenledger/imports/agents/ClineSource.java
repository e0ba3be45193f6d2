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
 * The tasks of Cline, and of Roo Code and Kilo Code, which descend from it: {@code tasks/<task>/ui_messages.json} in the folder that
 * an editor keeps for the extension; Cline's in {@code $CLINE_DATA_DIR}, {@code $CLINE_DIR/data} or {@code ~/.cline/data} as well, and
 * there, since version 4.1, its sessions, {@code sessions/<session>/*.messages.json}.
 *
 * <p>{@link ClineTask} and {@link ClineSession} have the rules of the two formats. Their files are written anew with every message.
 */
public final class ClineSource implements LogSource {

    private static final String TASK = "ui_messages.json";
    private static final String SESSION = ".messages.json";
    private static final List<String> EDITORS =
            List.of("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Trae");

    private final ClineTask.Program program;

    private ClineSource(ClineTask.Program program) {
        this.program = program;
    }

    /** Cline's tasks and sessions. */
    public static ClineSource cline() {
        return new ClineSource(ClineTask.Program.CLINE);
    }

    /** Roo Code's tasks. */
    public static ClineSource rooCode() {
        return new ClineSource(ClineTask.Program.ROO_CODE);
    }

    /** The tasks of Kilo Code before version 7. */
    static ClineSource kilo() {
        return new ClineSource(ClineTask.Program.KILO);
    }

    @Override
    public String name() {
        return program.source();
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> folders = new ArrayList<>();
        if (program == ClineTask.Program.CLINE) {
            List<Path> roots = Folders.listed(environment, "CLINE_DIR", home.resolve(".cline"));
            List<Path> named = Folders.listed(environment, "CLINE_DATA_DIR");
            if (named.isEmpty()) {
                roots.forEach(root -> folders.add(root.resolve("data")));
            }
            folders.addAll(named);
        }
        List<Path> settings = new ArrayList<>();
        settings.add(Folders.config(environment, home));
        settings.add(home.resolve("Library/Application Support"));
        settings.addAll(Folders.listed(environment, "APPDATA"));
        for (Path folder : settings) {
            for (String editor : EDITORS) {
                folders.add(folder.resolve(editor).resolve("User/globalStorage").resolve(program.extension()));
            }
        }
        return List.copyOf(folders);
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return program == ClineTask.Program.CLINE
                ? Folders.below(folder, "tasks", "sessions")
                : Folders.below(folder, "tasks");
    }

    @Override
    public boolean reads(Path file) {
        String name = file.getFileName().toString();
        return name.equals(TASK) || (program == ClineTask.Program.CLINE && name.endsWith(SESSION));
    }

    @Override
    public Growth growth(Path file) {
        return Growth.REWRITTEN;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        if (file.path().getFileName().toString().endsWith(SESSION)) {
            JsonDocument.read(file, sink, ClineSession.NAMES)
                    .ifPresent(document -> new ClineSession(file.name(), document).read(sink));
        } else {
            JsonDocument.items(file, sink, ClineTask.NAMES, new ClineTask(program, file.path()));
        }
        sink.reached(0, 0, "");
    }
}
