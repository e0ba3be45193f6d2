package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Counts;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A request of Copilot's database, as its row has it.
 *
 * @param counts input, output, read from the cache, written to it, reasoning
 */
record CopilotCall(String session, String model, String created, String initiator, String folder, List<String> counts) {

    /** How SQLite writes a time; it is UTC. */
    private static final Pattern WITHOUT_ZONE = Pattern.compile("[0-9-]{10}[ T][0-9:]{8}(\\.[0-9]+)?");

    /**
     * Tells what it is.
     *
     * @throws IllegalArgumentException if a figure cannot be
     */
    void tell(JsonLines.Found found) {
        TokenCounts tokens = tokens(
                count("input_tokens", 0),
                count("output_tokens", 1),
                count("cache_read_tokens", 2),
                count("cache_write_tokens", 3),
                count("reasoning_tokens", 4));
        if (tokens.equals(TokenCounts.NONE)) {
            return;
        }
        UsageRecord.Builder record =
                record(session, model, time(), tokens).attribute("project", LabelText.sanitize(folder, Bound.TEXT));
        if (initiator.equals("compaction")) {
            record.role("auxiliary").taskName("compaction");
        }
        String key = Keys.digest(CopilotSource.NAME, session, created, model, String.join(",", counts));
        found.call(new CopiedCall(key, record.build(), CopiedCall.LARGEST));
    }

    private long count(String column, int place) {
        try {
            return Counts.parse(counts.get(place), TokenCounts.LIMIT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(column + ": " + e.getMessage(), e);
        }
    }

    private Instant time() {
        try {
            return Rfc3339.parse(WITHOUT_ZONE.matcher(created).matches() ? created.replace(' ', 'T') + "Z" : created);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("created_at: " + e.getMessage(), e);
        }
    }

    /** The classes of figures of which the input includes the cache, and the output reasoning. */
    static TokenCounts tokens(long input, long output, long read, long written, long reasoning) {
        if (read + written > input) {
            throw new IllegalArgumentException("input_tokens: " + read + " read from and " + written
                    + " written to the cache are more than the " + input + " that contain them");
        }
        return TokenCounts.builder()
                .input(input - read - written)
                .output(output)
                .cacheCreation(written)
                .cacheRead(read)
                .reasoning(reasoning)
                .build();
    }

    /** A record of Copilot's, which serves other makers' models under names and at prices of its own. */
    static UsageRecord.Builder record(String session, String model, Instant time, TokenCounts tokens) {
        UsageRecord.Builder record = UsageRecord.builder()
                .source(CopilotSource.NAME)
                .timestamp(time)
                .tokens(tokens)
                .provider("github-copilot")
                .sessionId(LabelText.sanitize(session, Bound.ID))
                .conversationId(LabelText.sanitize(session, Bound.ID));
        ModelName.set(record, model);
        if (tokens.cacheCreation() > 0) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        return record;
    }
}
