package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** One session in pi's format being read, of pi or of a program that took the format over; see {@link PiSource} for its rules. */
final class PiSession implements JsonLines.Rows {

    static final Set<String> NAMES = Set.of(
            "type",
            "id",
            "timestamp",
            "cwd",
            "message",
            "role",
            "provider",
            "model",
            "responseId",
            "usage",
            "input",
            "output",
            "cacheRead",
            "cacheWrite",
            "cost",
            "total",
            "stopReason",
            "totalTokens",
            "modelId");

    private final String name;

    /** Whether an answer that names no model is of the one in force; else its model is unknown. */
    private final boolean inForce;

    private String id;
    private String project;

    /** The provider and the model in force: of the last change or answer. */
    private String provider;

    private String model;

    PiSession(String name, boolean inForce, String carry) {
        this.name = name;
        this.inForce = inForce;
        String[] parts = carry.split("\t", -1);
        id = parts[0];
        project = parts.length > 1 ? parts[1] : "";
        provider = parts.length > 3 ? parts[2] : "";
        model = parts.length > 3 ? parts[3] : "";
    }

    @Override
    public String carry() {
        return String.join("\t", id, project, provider, model);
    }

    @Override
    public void read(Fields row, JsonLines.Found found) {
        switch (row.text("type")) {
            case "session" -> {
                id = row.id("id");
                project = row.label("cwd");
            }
            case "model_change" -> {
                provider = row.label("provider");
                model = row.label("modelId");
            }
            case "message" -> message(row, row.object("message"), found);
            case "compaction", "branch_summary" -> {
                if (row.hasObject("usage")) {
                    call(row, row, provider, model, found);
                }
            }
            default -> {
                // Changes of thinking, labels.
            }
        }
    }

    private void message(Fields row, Fields message, JsonLines.Found found) {
        switch (message.text("role")) {
            case "assistant" -> {
                String stated = message.label("model");
                if (!stated.isEmpty()) {
                    provider = message.label("provider");
                    model = stated;
                }
                if (message.hasObject("usage")) {
                    boolean named = !stated.isEmpty() || !inForce;
                    call(
                            row,
                            message,
                            named ? message.text("provider") : provider,
                            named ? message.text("model") : model,
                            found);
                }
            }
            case "toolResult" -> {
                if (message.hasObject("usage")) {
                    call(row, message, "", "", found);
                }
            }
            default -> {
                // What the user said.
            }
        }
    }

    private void call(Fields row, Fields message, String provider, String model, JsonLines.Found found) {
        Fields usage = message.object("usage");
        if (usage.statesNoneOf("input", "output", "cacheRead", "cacheWrite")) {
            throw row.refused("usage", "none of its counts is known");
        }
        long writes = usage.count("cacheWrite");
        TokenCounts tokens = TokenCounts.builder()
                .input(usage.count("input"))
                .output(usage.count("output"))
                .cacheCreation(writes)
                .cacheRead(usage.count("cacheRead"))
                .build();
        UsageRecord.Builder record = UsageRecord.builder();
        Optional<Usd> cost = usage.object("cost").usd("total");
        cost.ifPresent(record::reportedCost);
        if (tokens.equals(TokenCounts.NONE) && cost.orElse(Usd.ZERO).signum() == 0) {
            return;
        }
        Instant time = time(row, message);
        record.source(name)
                .timestamp(time)
                .tokens(tokens)
                .provider(provider)
                .upstreamRequestId(message.id("responseId"))
                .sessionId(id)
                .conversationId(id)
                .outcome(outcome(message.text("stopReason")))
                .attribute("project", project);
        ModelName.set(record, model);
        if (writes > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        if (usage.has("totalTokens") && usage.count("totalTokens") != tokens.totalInput() + tokens.output()) {
            record.note(Notes.TOTAL_DIFFERS);
        }
        record.notes(usage.unknownMembers());
        String key = Keys.digest(
                name,
                time.toString(),
                provider,
                model,
                Long.toString(tokens.input()),
                Long.toString(tokens.output()),
                Long.toString(tokens.cacheRead()),
                Long.toString(writes));
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }

    /** The message's own time, which is that of its request; a row's is when it was written down. */
    private static Instant time(Fields row, Fields message) {
        Instant time = message.time("timestamp");
        return time == null ? row.statedTime("timestamp") : time;
    }

    private static Outcome outcome(String stopReason) {
        return switch (stopReason) {
            case "" -> Outcome.UNSTATED;
            case "error" -> Outcome.ERROR;
            case "aborted" -> Outcome.CANCELED;
            default -> Outcome.SUCCESS;
        };
    }
}
