package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * OpenClaw's sessions, also of its earlier names: {@code agents/<agent>/sessions/<session>.jsonl} in {@code ~/.openclaw}, {@code
 * ~/.clawdbot}, {@code ~/.moltbot} and {@code ~/.moldbot}.
 *
 * <p>The format is pi's, see {@link PiSource}. An answer that names no model is of the one that was chosen last. Sessions that were
 * deleted or reset are put aside under their name with a suffix; they were paid, and count.
 */
public final class OpenClawSource implements LogSource {

    private static final String NAME = "openclaw";
    private static final Pattern SESSION = Pattern.compile(".+\\.jsonl(\\.(deleted|reset)\\..+)?");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        return List.of(
                home.resolve(".openclaw"),
                home.resolve(".clawdbot"),
                home.resolve(".moltbot"),
                home.resolve(".moldbot"));
    }

    @Override
    public List<Path> foldersOf(Path folder) {
        return Folders.below(folder, "agents");
    }

    @Override
    public boolean reads(Path file) {
        return SESSION.matcher(file.getFileName().toString()).matches();
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.read(file, sink, PiSession.NAMES, new PiSession(NAME, true, file.carry()));
    }
}
