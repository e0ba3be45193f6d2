package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.agents.CodexCounter.Figures;
import dev.tokenledger.imports.agents.CodexCounter.Step;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** One rollout of {@link CodexSource} being read. */
final class CodexRollout implements JsonLines.Rows {

    /** How many texts stand before the counter in what is carried; versions before 0.2 had {@value #CARRIED_BEFORE}. */
    private static final int CARRIED = 12;

    private static final int CARRIED_BEFORE = 10;

    /** The file's own session: that of the first {@code session_meta}. */
    private String own = "";

    /** The oldest session that the file's first events are copied from; the own one if they are not. */
    private String root = "";

    private String parent = "";
    private String role = "";
    private String project = "";
    private String branch = "";
    private String version = "";
    private String provider = "";
    private String turn = "";
    private String model = "";
    private String tier = "";
    private CodexCounter counter = new CodexCounter();

    /** What lines of single responses told since the last running total, which is to tell it again. */
    private Figures recorded = Figures.ZERO;

    /** Goes on where {@link #carry} was. */
    CodexRollout(String carry) {
        String[] parts = carry.split("\t", -1);
        if (parts.length != CARRIED_BEFORE + 1 && parts.length != CARRIED + 1) {
            return;
        }
        own = parts[0];
        root = parts[1];
        parent = parts[2];
        role = parts[3];
        project = parts[4];
        branch = parts[5];
        version = parts[6];
        provider = parts[7];
        turn = parts[8];
        model = parts[9];
        if (parts.length == CARRIED + 1) {
            tier = parts[10];
            recorded = Figures.parse(parts[11]);
        }
        counter = CodexCounter.parse(parts[parts.length - 1]);
    }

    @Override
    public String carry() {
        return String.join(
                "\t",
                own,
                root,
                parent,
                role,
                project,
                branch,
                version,
                provider,
                turn,
                model,
                tier,
                recorded.text(),
                counter.text());
    }

    @Override
    public void read(Fields row, JsonLines.Found found) {
        Fields payload = row.object("payload");
        switch (row.text("type")) {
            case "session_meta" -> session(payload);
            case "token_usage_record" -> response(row, payload, found);
            case "turn_context" -> model = payload.label("model").isEmpty() ? model : payload.label("model");
            case "event_msg" -> {
                switch (payload.text("type")) {
                    case "task_started", "turn_started" -> turn = payload.id("turn_id");
                    case "thread_settings_applied" -> settings(payload);
                    case "token_count" -> count(row, payload, found);
                    default -> {
                        // What was said and done.
                    }
                }
            }
            default -> {
                // What was said and done.
            }
        }
    }

    /** The file's own comes first, then one for each session that its events are copied from, the oldest last. */
    private void session(Fields meta) {
        String id = meta.id("id");
        if (!own.isEmpty()) {
            if (counter.text().isEmpty() && !id.isEmpty()) {
                root = id;
            }
            return;
        }
        own = id;
        String forkedFrom = meta.id("forked_from_id");
        root = forkedFrom.isEmpty() ? own : forkedFrom;
        parent = meta.id("parent_thread_id");
        Fields spawn = meta.object("source").object("subagent").object("thread_spawn");
        if (parent.isEmpty() && !spawn.id("parent_thread_id").isEmpty()) {
            parent = spawn.id("parent_thread_id");
            // It begins with copies of the parent's events, which are known by the parent's session where they have no
            // turn.
            root = forkedFrom.isEmpty() ? parent : forkedFrom;
        }
        boolean spawned = !parent.isEmpty()
                || meta.object("source").has("subagent")
                || meta.text("thread_source").equals("subagent");
        role = spawned ? "delegate" : "interactive";
        project = meta.label("cwd");
        branch = meta.object("git").label("branch");
        version = meta.label("cli_version");
        provider = meta.label("model_provider");
    }

    /** The settings as they are from here on: all of them, so that a tier that is not named is the ordinary one. */
    private void settings(Fields payload) {
        if (payload.hasObject("thread_settings")) {
            tier = payload.object("thread_settings").label("service_tier");
        }
    }

    /** The usage of one response. The running total mostly tells it again afterwards, but never that of a compaction. */
    private void response(Fields row, Fields payload, JsonLines.Found found) {
        if (!payload.hasObject("usage")) {
            throw payload.refused("usage", "is missing");
        }
        Instant time = row.statedTime("timestamp");
        Figures usage = figures(payload.object("usage"));
        if (usage.empty()) {
            return;
        }
        // Copies of it in other threads are known by the total, which is the last one and what was told since.
        Figures total = counter.latest().plus(recorded).plus(usage);
        recorded = recorded.plus(usage);
        String ownTurn = payload.id("turn_id");
        found.call(call(
                ownTurn.isEmpty() ? turn : ownTurn,
                time,
                total,
                new Step(usage, true),
                payload.id("response_id"),
                payload.object("usage").unknownMembers()));
    }

    private void count(Fields row, Fields payload, JsonLines.Found found) {
        Fields info = payload.object("info");
        if (!info.hasObject("total_token_usage")) {
            return;
        }
        Instant time = row.statedTime("timestamp");
        Figures total = figures(info.object("total_token_usage"));
        Figures last = Figures.of(info.object("last_token_usage"));
        // A running total goes on to hold what one call had.
        Set<String> unknown = info.object(last.empty() ? "total_token_usage" : "last_token_usage")
                .unknownMembers();
        boolean copied = !root.equals(own) || !parent.isEmpty();
        Figures told = recorded;
        recorded = Figures.ZERO;
        counter.next(total, last, copied)
                .flatMap(step -> withoutTold(step, told))
                .ifPresent(step -> found.call(call(turn, time, total, step, "", unknown)));
    }

    /**
     * What of a step no line of a single response has told.
     *
     * @param told what such lines have told since the total before; that of compactions is no part of the step
     */
    private static Optional<Step> withoutTold(Step step, Figures told) {
        if (told.empty()) {
            return Optional.of(step);
        }
        if (told.covers(step.figures())) {
            return Optional.empty();
        }
        Figures rest = step.figures().minus(told);
        boolean possible = step.figures().covers(told) && rest.possible();
        return Optional.of(new Step(possible ? rest : step.figures(), false));
    }

    private static Figures figures(Fields usage) {
        if (usage.statesNoneOf("input_tokens", "output_tokens", "cached_input_tokens")) {
            throw usage.refused("input_tokens", "none of the counts is known");
        }
        Figures figures = Figures.of(usage);
        long left = usage.without("input_tokens", figures.input(), "cached_input_tokens", figures.cached());
        usage.without("input_tokens", left, "cache_write_input_tokens", figures.written());
        usage.without("output_tokens", figures.output(), "reasoning_output_tokens", figures.reasoning());
        return figures;
    }

    private CopiedCall call(
            String turnId, Instant time, Figures total, Step step, String responseId, Set<String> notes) {
        Figures figures = step.figures();
        if (!figures.possible()) {
            throw new IllegalArgumentException(
                    "payload.info.total_token_usage: since the total before, more tokens were cached than read, or more"
                            + " spent on reasoning than written");
        }
        UsageRecord.Builder record = UsageRecord.builder()
                .source(CodexSource.NAME)
                .timestamp(time)
                .tokens(TokenCounts.builder()
                        .input(figures.input() - figures.cached() - figures.written())
                        .output(figures.output())
                        .cacheCreation(figures.written())
                        .cacheRead(figures.cached())
                        .reasoning(figures.reasoning())
                        .build())
                .provider(model.isEmpty() && provider.isEmpty() ? "openai" : provider)
                .serviceTier(tier)
                .sessionId(parent.isEmpty() ? own : parent)
                .conversationId(own)
                .requestId(turnId)
                .upstreamRequestId(responseId)
                .role(role)
                .attribute("project", project)
                .attribute("git_branch", branch)
                .attribute("agent_version", version)
                .notes(notes);
        ModelName.set(record, model);
        if (!step.whole()) {
            record.aggregate(true).note(Notes.CALLS_MISSING);
        }
        String scope = turnId.isEmpty() ? root : turnId;
        return new CopiedCall(Keys.of(CodexSource.NAME, scope, total.key()), record.build(), CopiedCall.EARLIEST);
    }
}
