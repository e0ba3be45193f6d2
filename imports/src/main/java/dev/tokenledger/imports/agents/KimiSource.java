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
 * The sessions of Kimi Code, {@code sessions/<folder>/<session>/agents/<agent>/wire.jsonl} in {@code $KIMI_CODE_HOME} or {@code
 * ~/.kimi-code}, and of Kimi CLI before it, {@code sessions/<folder>/<session>/wire.jsonl} and {@code
 * subagents/<agent>/wire.jsonl} below, in {@code $KIMI_SHARE_DIR} or {@code ~/.kimi}.
 *
 * <p>Each step of an agent says what it used, in four disjoint classes: {@code StatusUpdate} with {@code token_usage} (CLI), {@code
 * usage.record} (Code). A sub-agent's steps stand in its own file; what its parent's repeats of them is not read. {@link
 * KimiSession} has the rules of a file.
 */
public final class KimiSource implements LogSource {

    static final String NAME = "kimi";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> folders = new ArrayList<>(Folders.listed(environment, "KIMI_CODE_HOME", home.resolve(".kimi-code")));
        folders.addAll(Folders.listed(environment, "KIMI_SHARE_DIR", home.resolve(".kimi")));
        return List.copyOf(folders);
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "sessions");
    }

    @Override
    public boolean reads(Path file) {
        return file.getFileName().toString().equals("wire.jsonl");
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, KimiSession.NAMES, new KimiSession(file.path(), file.carry()));
    }
}
