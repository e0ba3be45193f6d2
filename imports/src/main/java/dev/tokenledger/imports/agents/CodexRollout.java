package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.agents.CodexCounter.Figures;
import dev.tokenledger.imports.agents.CodexCounter.Step;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One rollout of {@link CodexSource} being read. */
final class CodexRollout implements JsonLines.Rows {

    private static final int CARRIED = 10;
    private static final String UNKNOWN_MODEL = "unknown";

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
    private CodexCounter counter = new CodexCounter();

    /** Goes on where {@link #carry} was. */
    CodexRollout(String carry) {
        String[] parts = carry.split("\t", -1);
        if (parts.length == CARRIED + 1) {
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
            counter = CodexCounter.parse(parts[CARRIED]);
        }
    }

    @Override
    public String carry() {
        return String.join(
                "\t", own, root, parent, role, project, branch, version, provider, turn, model, counter.text());
    }

    @Override
    public void read(Fields row, JsonLines.Found found) {
        Fields payload = row.object("payload");
        switch (row.text("type")) {
            case "session_meta" -> session(payload);
            case "turn_context" -> model = payload.label("model").isEmpty() ? model : payload.label("model");
            case "event_msg" -> {
                switch (payload.text("type")) {
                    case "task_started", "turn_started" -> turn = payload.id("turn_id");
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
        boolean spawned = !parent.isEmpty()
                || meta.object("source").has("subagent")
                || meta.text("thread_source").equals("subagent");
        role = spawned ? "delegate" : "interactive";
        project = meta.label("cwd");
        branch = meta.object("git").label("branch");
        version = meta.label("cli_version");
        provider = meta.label("model_provider");
    }

    private void count(Fields row, Fields payload, JsonLines.Found found) {
        Fields info = payload.object("info");
        if (!info.hasObject("total_token_usage")) {
            return;
        }
        Instant time = time(row);
        Fields usage = info.object("total_token_usage");
        Figures total = Figures.of(usage);
        usage.without("input_tokens", total.input(), "cached_input_tokens", total.cached());
        usage.without("output_tokens", total.output(), "reasoning_output_tokens", total.reasoning());
        Figures last = Figures.of(info.object("last_token_usage"));
        boolean copied = !root.equals(own) || !parent.isEmpty();
        counter.next(total, last, copied).ifPresent(step -> found.call(call(time, total, step)));
    }

    private CopiedCall call(Instant time, Figures total, Step step) {
        Figures figures = step.figures();
        if (figures.cached() > figures.input() || figures.reasoning() > figures.output()) {
            throw new IllegalArgumentException(
                    "payload.info.total_token_usage: since the total before, more tokens were cached than read, or more"
                            + " spent on reasoning than written");
        }
        UsageRecord.Builder record = UsageRecord.builder()
                .source(CodexSource.NAME)
                .timestamp(time)
                .tokens(new TokenCounts(
                        figures.input() - figures.cached(),
                        figures.output(),
                        0,
                        0,
                        0,
                        figures.cached(),
                        figures.reasoning(),
                        0,
                        0,
                        0,
                        0))
                .upstreamModel(model.isEmpty() ? UNKNOWN_MODEL : model)
                .provider(provider)
                .sessionId(parent.isEmpty() ? own : parent)
                .conversationId(own)
                .requestId(turn)
                .role(role)
                .attribute("project", project)
                .attribute("git_branch", branch)
                .attribute("agent_version", version);
        if (model.isEmpty()) {
            record.note(Notes.MODEL_MISSING).provider(provider.isEmpty() ? "openai" : provider);
        }
        if (!step.whole()) {
            record.aggregate(true).note(Notes.CALLS_MISSING);
        }
        String scope = turn.isEmpty() ? root : turn;
        return new CopiedCall(Keys.of(CodexSource.NAME, scope, total.toString()), record.build(), CopiedCall.EARLIEST);
    }

    private static Instant time(Fields row) {
        @Nullable Instant time = row.time("timestamp");
        if (time == null) {
            throw row.refused("timestamp", "is missing");
        }
        return time;
    }
}
