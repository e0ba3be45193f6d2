package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.LogSource;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hermes' databases of sessions, {@code state.db} and {@code profiles/<profile>/state.db} in {@code $HERMES_HOMES}, {@code $HERMES_HOME}
 * or {@code ~/.hermes}.
 *
 * <p>{@code sessions} says of each session what all of its calls used; newer versions say it by model and task as well, in {@code
 * session_model_usage}. {@link HermesSession} makes records of both.
 */
public final class HermesSource implements LogSource {

    static final String NAME = "hermes";

    private static final SessionDatabase DATABASE =
            new SessionDatabase("Hermes'", "state.db", List.of("id", "input_tokens", "output_tokens"));
    private static final String BY_MODEL = "session_model_usage";
    private static final Set<String> REQUIRED_BY_MODEL = Set.of("session_id", "model", "input_tokens", "output_tokens");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Path> defaultFolders(Map<String, String> environment, Path home) {
        List<Path> homes = new ArrayList<>();
        for (String one : environment.getOrDefault("HERMES_HOMES", "").split(File.pathSeparator)) {
            if (!one.isBlank()) {
                homes.add(Path.of(one.strip()));
            }
        }
        return homes.isEmpty()
                ? Folders.listed(environment, "HERMES_HOME", home.resolve(".hermes"))
                : List.copyOf(homes);
    }

    /** Beside its databases the folder has copies of whole work trees. */
    @Override
    public List<Path> foldersOf(Path folder) {
        List<Path> found = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve(DATABASE.file()))) {
            found.add(folder.resolve(DATABASE.file()));
        }
        try (DirectoryStream<Path> profiles = Files.newDirectoryStream(folder.resolve("profiles"))) {
            for (Path profile : profiles) {
                if (Files.isRegularFile(profile.resolve(DATABASE.file()))) {
                    found.add(profile.resolve(DATABASE.file()));
                }
            }
        } catch (IOException e) {
            return found.isEmpty() ? List.of(folder) : List.copyOf(found);
        }
        return found.isEmpty() ? List.of(folder) : List.copyOf(found);
    }

    @Override
    public boolean reads(Path file) {
        return DATABASE.is(file);
    }

    @Override
    public Growth growth(Path file) {
        return Growth.UNDETECTABLE;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        DATABASE.read(file, sink, found, (database, rows) -> {
            Map<String, HermesSession> sessions = new HashMap<>();
            database.rows(
                    SessionDatabase.TABLE,
                    HermesSession.COLUMNS,
                    row -> sessions.put(row.text("id"), new HermesSession(row)));
            if (database.columns(BY_MODEL).containsAll(REQUIRED_BY_MODEL)) {
                database.rows(BY_MODEL, HermesSession.COLUMNS_BY_MODEL, row -> {
                    HermesSession session = sessions.get(row.text("session_id"));
                    rows.read(() -> {
                        if (session == null) {
                            HermesSession.withoutSession(row, found);
                        } else {
                            session.part(row, found);
                        }
                    });
                });
            }
            database.rows(SessionDatabase.TABLE, List.of("id"), row -> {
                HermesSession session = sessions.get(row.text("id"));
                rows.read(() -> {
                    if (session != null) {
                        session.rest(found);
                    }
                });
            });
        });
    }
}
