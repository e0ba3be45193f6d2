package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session of Hermes used: aggregates that grow.
 *
 * <p>Four classes are disjoint, reasoning is inside the output. What the session's own model used is the session's total without what
 * other models are said to have used in its place; so a session that older versions began stays one record. What auxiliary tasks used is
 * not in the total.
 */
final class HermesSession {

    private static final List<String> COUNTS =
            List.of("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens");

    static final List<String> COLUMNS = List.of(
            "id",
            "model",
            "cwd",
            "git_repo_root",
            "billing_provider",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "reasoning_tokens",
            "estimated_cost_usd",
            "actual_cost_usd",
            "started_at",
            "ended_at");
    static final List<String> COLUMNS_BY_MODEL = List.of(
            "session_id",
            "model",
            "billing_provider",
            "billing_base_url",
            "billing_mode",
            "task",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "reasoning_tokens",
            "estimated_cost_usd",
            "actual_cost_usd",
            "first_seen",
            "last_seen");

    private final DatabaseRow row;
    private final long[] others = new long[COUNTS.size()];
    private boolean shared;
    private @Nullable Instant last;

    HermesSession(DatabaseRow row) {
        this.row = row;
    }

    /** What a model used for a task of this session. */
    void part(DatabaseRow part, JsonLines.Found found) {
        long[] counts = counts(part);
        Instant time = time(part, "last_seen", "first_seen");
        if (!part.text("task").isEmpty()) {
            tell(part, counts, time, row, found);
            return;
        }
        if (last == null || (time != null && time.isAfter(last))) {
            last = time;
        }
        if (isOwn(part)) {
            return;
        }
        shared = true;
        for (int i = 0; i < counts.length; i++) {
            others[i] = Math.addExact(others[i], counts[i]);
        }
        tell(part, counts, time, row, found);
    }

    private boolean isOwn(DatabaseRow part) {
        return part.text("model").equals(row.text("model"))
                && part.text("billing_provider").equals(row.text("billing_provider"));
    }

    /** What the session's own model used. */
    void rest(JsonLines.Found found) {
        long[] counts = counts(row);
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.max(0, counts[i] - others[i]);
        }
        if (row.text("id").isEmpty()) {
            throw DatabaseRow.refused("id", "is missing");
        }
        Instant time = last == null ? time(row, "ended_at", "started_at") : last;
        UsageRecord.Builder record = record(row.text("id"), counts, time, row);
        if (record == null) {
            return;
        }
        record.provider(row.label("billing_provider"));
        ModelName.set(record, row.label("model"));
        if (!shared) {
            cost(row).ifPresent(record::reportedCost);
        }
        found.call(new CopiedCall(Keys.digest(HermesSource.NAME, row.text("id")), record.build(), CopiedCall.LATEST));
    }

    /** What a model used for a session that is not there any more. */
    static void withoutSession(DatabaseRow part, JsonLines.Found found) {
        tell(part, counts(part), time(part, "last_seen", "first_seen"), part, found);
    }

    private static void tell(
            DatabaseRow part, long[] counts, @Nullable Instant time, DatabaseRow session, JsonLines.Found found) {
        UsageRecord.Builder record = record(part.text("session_id"), counts, time, session);
        if (record == null) {
            return;
        }
        record.provider(part.label("billing_provider"));
        ModelName.set(record, part.text("model").equals("unknown") ? "" : part.label("model"));
        cost(part).ifPresent(record::reportedCost);
        if (!part.text("task").isEmpty()) {
            record.role("auxiliary").taskName(part.label("task"));
        }
        String key = Keys.digest(
                HermesSource.NAME,
                part.text("session_id"),
                part.text("model"),
                part.text("billing_provider"),
                part.text("billing_base_url"),
                part.text("billing_mode"),
                part.text("task"));
        found.call(new CopiedCall(key, record.build(), CopiedCall.LATEST));
    }

    private static UsageRecord.@Nullable Builder record(
            String id, long[] counts, @Nullable Instant time, DatabaseRow session) {
        TokenCounts tokens = TokenCounts.builder()
                .input(counts[0])
                .output(counts[1])
                .cacheCreation(counts[3])
                .cacheRead(counts[2])
                .reasoning(counts[4])
                .build();
        if (tokens.equals(TokenCounts.NONE)) {
            return null;
        }
        if (time == null) {
            throw DatabaseRow.refused("started_at", "is missing");
        }
        String kept = LabelText.sanitize(id, Bound.ID);
        String root = session.label("git_repo_root");
        UsageRecord.Builder record = UsageRecord.builder()
                .source(HermesSource.NAME)
                .timestamp(time)
                .tokens(tokens)
                .sessionId(kept)
                .conversationId(kept)
                .aggregate(true)
                .attribute("project", root.isEmpty() ? session.label("cwd") : root);
        if (counts[3] > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        return record;
    }

    private static long[] counts(DatabaseRow row) {
        return COUNTS.stream().mapToLong(row::count).toArray();
    }

    private static @Nullable Instant time(DatabaseRow row, String column, String otherwise) {
        Instant time = row.time(column);
        return time == null ? row.time(otherwise) : time;
    }

    /** What was billed, else what Hermes reckoned. */
    private static Optional<Usd> cost(DatabaseRow row) {
        return row.usd("actual_cost_usd").or(() -> row.usd("estimated_cost_usd"));
    }
}
