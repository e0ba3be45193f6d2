package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.imports.agents.JsonScanner.Token;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One row of a transcript being read: every field that matters, found by where it stands and not by its name alone, and filled
 * again row by row. Fields that are refused are remembered and only told of if the row turns out to be a call.
 */
final class ClaudeRow {

    private static final int TYPE = 1;
    private static final int TIMESTAMP = 2;
    private static final int REQUEST = 4;
    private static final int MESSAGE = 8;
    private static final int DATA = 16;
    private static final int ID = 32;
    private static final int MODEL = 64;
    private static final int USAGE = 128;

    /** Message ids shorter than this come again: gateways send one for everything. */
    private static final int UNIQUE_ID = 20;

    private static final String SYNTHETIC = "<synthetic>";

    private final ClaudeUsage usage = new ClaudeUsage("message.usage.");
    private final Map<String, ModelIdentity> identities;
    private final Memo types = new Memo();
    private final Memo timestamps = new Memo();
    private final Memo requests = new Memo();
    private final Memo messages = new Memo();
    private final Memo sessions = new Memo();
    private final Memo agents = new Memo();
    private final Memo projects = new Memo();
    private final Memo branches = new Memo();
    private final Memo versions = new Memo();
    private final Memo models = new Memo();
    private final Memo uuids = new Memo();
    private final boolean nested;

    /** The row in a notice of progress; made when it is needed, and absent in a nested one. */
    private @Nullable ClaudeRow inner;

    private boolean hasInner;
    private ClaudeLabels labels = ClaudeLabels.of("", "", "", "", "");
    private String keyed = "";
    private String key = "";
    private String labelsSession = "";
    private String labelsAgent = "";
    private String labelsProject = "";
    private String labelsBranch = "";
    private String labelsVersion = "";
    private int seen;
    private String type = "";
    private String timestamp = "";
    private String request = "";
    private String session = "";
    private String agent = "";
    private String project = "";
    private String branch = "";
    private String version = "";
    private String uuid = "";
    private String message = "";
    private String model = "";
    private Instant occurred = Instant.EPOCH;
    private Usd reported = Usd.ZERO;
    private boolean sidechain;
    private boolean apiError;
    private boolean stopped;
    private boolean hasUsage;
    private boolean audit;
    private String problem = "";

    ClaudeRow() {
        this(false, new HashMap<>());
    }

    private ClaudeRow(boolean nested, Map<String, ModelIdentity> identities) {
        this.nested = nested;
        this.identities = identities;
    }

    /**
     * Reads the object that a scanner stands on, and leaves it on the object's end.
     *
     * @return the call that the row is about; null if it is about something else
     * @throws IllegalArgumentException if it is a call that cannot be read; the message begins with the field's name
     */
    @Nullable
    ClaudeResponse read(JsonScanner json) {
        readRow(json);
        ClaudeRow call = call();
        if (call == null || call.model.equals(SYNTHETIC)) {
            return null;
        }
        call.check();
        if (!call.problem.isEmpty()) {
            throw new IllegalArgumentException(call.problem);
        }
        return call.apiError && call.usage.figures().none()
                ? null
                : ClaudeResponse.of(call.key(), call.message.length() >= UNIQUE_ID, copy(call));
    }

    /** What the copies of the call have in common: the message's id, or what stands for it. */
    private String key() {
        if (!message.isEmpty()) {
            // The rows of a message mostly follow one another.
            if (!message.equals(keyed)) {
                keyed = message;
                key = Keys.of(ClaudeCodeSource.NAME, message);
            }
            return key;
        }
        if (!request.isEmpty()) {
            return Keys.of(ClaudeCodeSource.NAME, "request", request);
        }
        return uuid.isEmpty()
                ? Keys.digest(
                        ClaudeCodeSource.NAME,
                        timestamp,
                        session,
                        model,
                        usage.figures().inKey())
                : Keys.of(ClaudeCodeSource.NAME, "row", uuid);
    }

    /** What the row says of its call. */
    private ClaudeCopy copy(ClaudeRow call) {
        ClaudeCopy.Rank rank =
                call != this ? ClaudeCopy.Rank.PROGRESS : sidechain ? ClaudeCopy.Rank.SIDECHAIN : ClaudeCopy.Rank.MAIN;
        return new ClaudeCopy(
                call.request,
                rank,
                call.occurred,
                identities.computeIfAbsent(call.model, ModelIdentity::ofReference),
                call.usage.tier(),
                call.usage.region(),
                labels(agent.isEmpty() ? call.agent : agent),
                call.usage.figures(),
                call.reported,
                call.stopped,
                call.apiError,
                call.usage.advice(),
                notes(call));
    }

    private static Set<String> notes(ClaudeRow call) {
        ClaudeUsage usage = call.usage;
        boolean another = usage.ranElsewhere(call.model);
        if (!usage.advised()
                && usage.unknownMembers().isEmpty()
                && !usage.splitAboveTotal()
                && !usage.thinkingAboveOutput()
                && !another) {
            return Set.of();
        }
        Set<String> notes = new HashSet<>(usage.unknownMembers());
        add(notes, usage.advised(), Notes.ADVISOR_NOT_INCLUDED);
        add(notes, usage.advised(), UsageRecord.UNPRICED_MEMBER + "advisor_message");
        add(notes, usage.splitAboveTotal(), Notes.CACHE_SPLIT_ABOVE_TOTAL);
        add(notes, usage.thinkingAboveOutput(), Notes.REASONING_ABOVE_OUTPUT);
        add(notes, another, Notes.PASS_OF_ANOTHER_MODEL);
        return notes;
    }

    private static void add(Set<String> notes, boolean applies, String note) {
        if (applies) {
            notes.add(note);
        }
    }

    /** The row that is the call: this one, the one in a notice of progress, or none. */
    private @Nullable ClaudeRow call() {
        if (type.equals("progress")) {
            return inner != null && hasInner && inner.isCall() ? inner : null;
        }
        return isCall() ? this : null;
    }

    /** A row of usage without a type is a call's too; one of any other type is not, such as a tool's result. */
    private boolean isCall() {
        return hasUsage && !audit && (type.equals("assistant") || type.isEmpty());
    }

    private void check() {
        if (!usage.problem().isEmpty()) {
            refuse(usage.problem());
        }
        try {
            if (timestamp.isEmpty()) {
                refuse("timestamp: is missing");
            } else {
                occurred = Rfc3339.parse(timestamp);
            }
        } catch (IllegalArgumentException e) {
            refuse("timestamp: " + e.getMessage());
        }
        try {
            Texts.checked("requestId", request, Bound.ID);
            if (!identities.containsKey(model)
                    && Texts.checked("message.model", model, Bound.TEXT).isEmpty()) {
                refuse("message.model: is missing");
            }
        } catch (IllegalArgumentException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    /** Most rows of a file are from the same surroundings, which share one object then. */
    private ClaudeLabels labels(String ofAgent) {
        if (!session.equals(labelsSession)
                || !ofAgent.equals(labelsAgent)
                || !project.equals(labelsProject)
                || !branch.equals(labelsBranch)
                || !version.equals(labelsVersion)) {
            labelsSession = session;
            labelsAgent = ofAgent;
            labelsProject = project;
            labelsBranch = branch;
            labelsVersion = version;
            labels = ClaudeLabels.of(session, ofAgent, project, branch, version);
        }
        return labels;
    }

    private void clear() {
        seen = 0;
        type = "";
        timestamp = "";
        request = "";
        session = "";
        agent = "";
        project = "";
        branch = "";
        version = "";
        uuid = "";
        message = "";
        model = "";
        reported = Usd.ZERO;
        sidechain = false;
        apiError = false;
        stopped = false;
        hasUsage = false;
        hasInner = false;
        audit = false;
        problem = "";
    }

    private void readRow(JsonScanner json) {
        clear();
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "type" -> type = text(json, name, TYPE, types);
                case "timestamp" -> timestamp = text(json, name, TIMESTAMP, timestamps);
                case "requestId" -> request = text(json, name, REQUEST, requests);
                case "uuid" -> uuid = uuid(json);
                case "sessionId" -> session = json.text(sessions);
                case "agentId" -> agent = json.text(agents);
                case "cwd" -> project = json.text(projects);
                case "gitBranch" -> branch = json.text(branches);
                case "version" -> version = json.text(versions);
                case "costUSD" -> reported = usd(json);
                case "_audit_timestamp" -> {
                    // Claude Desktop's audit has early snapshots of what stands in its transcripts.
                    audit = true;
                    json.pass();
                }
                case "isSidechain" -> sidechain = json.is(Token.TRUE);
                case "isApiErrorMessage" -> apiError = json.is(Token.TRUE);
                case "message" -> {
                    once(name, MESSAGE);
                    if (json.enter()) {
                        readMessage(json);
                    }
                }
                case "data" -> {
                    once(name, DATA);
                    if (json.enter()) {
                        readData(json);
                    }
                }
                default -> json.pass();
            }
        }
    }

    private void readMessage(JsonScanner json) {
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "id" -> message = text(json, "message.id", ID, messages);
                case "model" -> model = text(json, "message.model", MODEL, models);
                case "stop_reason" -> stopped = json.is(Token.TEXT);
                case "usage" -> {
                    once("message.usage", USAGE);
                    if (json.enter()) {
                        hasUsage = true;
                        usage.read(json);
                    } else if (json.token() != Token.NULL) {
                        hasUsage = true;
                        refuse("message.usage: expected an object");
                    }
                }
                default -> json.pass();
            }
        }
    }

    /** What a notice of progress is about: the row of a sub-agent, among other things. */
    private void readData(JsonScanner json) {
        for (String name = json.member(); name != null; name = json.member()) {
            if (name.equals("message") && !nested) {
                if (json.enter()) {
                    inner = inner == null ? new ClaudeRow(true, identities) : inner;
                    hasInner = true;
                    inner.readRow(json);
                }
            } else if (name.equals("agentId") && !nested) {
                agent = json.text(agents);
            } else {
                json.pass();
            }
        }
    }

    /** A text that decides what the row is; anything else than a text is refused. */
    private String text(JsonScanner json, String name, int field, Memo memo) {
        once(name, field);
        String text = json.text(memo);
        if (json.token() != Token.TEXT && json.token() != Token.NULL) {
            refuse(name + ": expected text");
        }
        return text;
    }

    /** Only a call that has no other name goes by its row's. */
    private String uuid(JsonScanner json) {
        if (message.isEmpty() && request.isEmpty()) {
            return json.text(uuids);
        }
        json.pass();
        return "";
    }

    /** What an old version thought that the call cost; nothing if it is no amount. */
    private static Usd usd(JsonScanner json) {
        if (json.is(Token.INTEGER) || json.token() == Token.FRACTION) {
            try {
                Usd amount = Usd.rounded(Decimals.parse(json.text()));
                return amount.signum() < 0 ? Usd.ZERO : amount;
            } catch (IllegalArgumentException e) {
                return Usd.ZERO;
            }
        }
        return Usd.ZERO;
    }

    private void once(String name, int field) {
        if ((seen & field) != 0) {
            refuse(name + ": duplicate field");
        }
        seen |= field;
    }

    private void refuse(String message) {
        problem = problem.isEmpty() ? message : problem;
    }
}
