package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.imports.LogFiles;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.imports.sources.ImportSources;
import dev.tokenledger.server.http.AgentLogs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The logs of one agent, in those of its default folders that are there.
 *
 * @param folders at least one
 */
record FoundLogs(LogSource logs, List<Path> folders) {

    /** How wide the names are in a list. */
    private static final int NAME_WIDTH = 13;

    /** Those of every agent that has any; only whether folders are there is looked at. */
    static List<FoundLogs> on(Session session) {
        return ImportSources.ALL.stream()
                .map(known -> known.source().get())
                .filter(LogSource.class::isInstance)
                .map(LogSource.class::cast)
                .map(logs -> new FoundLogs(logs, existingFolders(logs, session)))
                .filter(found -> !found.folders.isEmpty())
                .toList();
    }

    /** Those of an agent's default folders that are there. */
    static List<Path> existingFolders(LogSource logs, Session session) {
        return defaultFolders(logs, session).stream().filter(Files::exists).toList();
    }

    /** Where an agent keeps its logs, whether or not there are any. */
    static List<Path> defaultFolders(LogSource logs, Session session) {
        return logs.defaultFolders(
                session.environment().variables(), session.places().home());
    }

    /** What is there, and the one command that shows what it cost, for who has no ledger yet; empty if nothing is there. */
    static String offer(Session session) {
        StringBuilder agents = new StringBuilder();
        for (FoundLogs found : on(session)) {
            LogFiles.Size size = found.size();
            if (size.files() > 0) {
                String name = found.logs.name();
                agents.append("\n  ")
                        .append(name)
                        .append(" ".repeat(Math.max(1, NAME_WIDTH - name.length())))
                        .append(Figures.count(size.files(), "file", "files"))
                        .append(", ")
                        .append(Figures.bytes(size.bytes()));
            }
        }
        return agents.isEmpty()
                ? ""
                : "Logs of these agents are on this machine:" + agents
                        + "\nTo import them and see what they cost: tokenledger import --show";
    }

    private LogFiles.Size size() {
        return LogFiles.size(logs, folders);
    }

    /** The names of agents with files that can be imported, and how many they are. */
    static List<AgentLogs> counted(Session session) {
        return on(session).stream()
                .map(found -> new AgentLogs(found.logs.name(), found.size().files()))
                .filter(logs -> logs.files() > 0)
                .toList();
    }
}
