package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.UsageRecord;
import java.util.Comparator;
import java.util.List;

/**
 * Where a row says it was written. Empty texts stand for "not stated". Ordered by belief: those that state more go first.
 *
 * @param complete false if a text was there but cannot be kept, for its length or its characters
 * @param stamp a record that says all this and nothing of its own, which many are made from
 */
record ClaudeLabels(
        String session,
        String agent,
        String project,
        String branch,
        String version,
        boolean complete,
        UsageRecord stamp)
        implements Comparable<ClaudeLabels> {

    private static final ModelIdentity NO_MODEL = ModelIdentity.ofReference("none");

    private static final Comparator<ClaudeLabels> ORDER = Comparator.comparingInt(ClaudeLabels::stated)
            .reversed()
            .thenComparing(ClaudeLabels::session)
            .thenComparing(ClaudeLabels::agent)
            .thenComparing(ClaudeLabels::project)
            .thenComparing(ClaudeLabels::branch)
            .thenComparing(ClaudeLabels::version);

    /** A call is not lost for a label: one that cannot be kept is left out. */
    static ClaudeLabels of(String session, String agent, String project, String branch, String version) {
        String keptSession = LabelText.sanitize(session, Bound.ID);
        String keptAgent = LabelText.sanitize(agent, Bound.ID);
        String keptProject = LabelText.sanitize(project, Bound.TEXT);
        String keptBranch = LabelText.sanitize(branch, Bound.TEXT);
        String keptVersion = LabelText.sanitize(version, Bound.TEXT);
        boolean complete = keptSession.isEmpty() == session.isBlank()
                && keptAgent.isEmpty() == agent.isBlank()
                && keptProject.isEmpty() == project.isBlank()
                && keptBranch.isEmpty() == branch.isBlank()
                && keptVersion.isEmpty() == version.isBlank();
        UsageRecord stamp = UsageRecord.builder()
                .identity(NO_MODEL)
                .sessionId(keptSession)
                .conversationId(conversation(keptSession, keptAgent))
                .attribute("project", keptProject)
                .attribute("git_branch", keptBranch)
                .attribute("agent_version", keptVersion)
                .source(ClaudeCodeSource.NAME)
                .build();
        return new ClaudeLabels(keptSession, keptAgent, keptProject, keptBranch, keptVersion, complete, stamp);
    }

    /** Starts the record of a call. */
    UsageRecord.Builder record(String id, ModelIdentity model) {
        return stamp.toBuilder().id(id).identity(model);
    }

    /** How many of them are stated. */
    private int stated() {
        int stated = 0;
        for (String label : List.of(session, agent, project, branch, version)) {
            stated += label.isEmpty() ? 0 : 1;
        }
        return stated;
    }

    /** The thread of messages: the session's own, or a sub-agent's within it. */
    private static String conversation(String session, String agent) {
        if (agent.isEmpty()) {
            return session;
        }
        String both = session.isEmpty() ? agent : session + "/" + agent;
        return both.length() <= Bound.ID.characters() ? both : session;
    }

    @Override
    public int compareTo(ClaudeLabels other) {
        // Most rows of a call are from the same surroundings and share one object.
        return this == other ? 0 : ORDER.compare(this, other);
    }
}
