package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * pi's sessions: {@code ~/.pi/agent/sessions/<folder>/*.jsonl}, or below {@code $PI_CODING_AGENT_DIR}.
 *
 * <p>An assistant's message with usage is a call, and so are the entries {@code compaction} and {@code branch_summary}, which ran
 * on the model in force, and a tool's result with usage, whose model is not told. The four classes are disjoint, and pi's own
 * cost is kept as reported. A
 * branched session begins with copies of the messages before; a message is therefore known by its time, model and figures,
 * whatever session it stands in. Messages without any tokens and cost, such as those aborted before an answer, are no calls.
 */
public final class PiSource implements LogSource {

    private static final String NAME = "pi";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return Folders.listed(environment, "PI_CODING_AGENT_DIR", home.resolve(".pi/agent"));
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
        JsonLines.read(file, sink, PiSession.NAMES, new PiSession(NAME, false, file.carry()));
    }
}
