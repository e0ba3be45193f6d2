package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.LogCall;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that was read of one message.
 *
 * <p>Rows of one message and request are one call; a row without a request id belongs to the first request of its message that
 * has one. The same message under another request is a call of its own only if both stand in a session's own thread; otherwise
 * it is a replay, and the session's own rows win. Whether the ledger holds another call of the message is only known when it is
 * written, so each call is first offered under the message's key, and under one that has the request too if that is another
 * call's.
 *
 * @param key the ledger's key of the message, or of what stands for one without an id
 * @param copies one a request, in the order of the requests
 */
record ClaudeResponse(String key, List<ClaudeCopy> copies) implements LogCall {

    static final String WEB_SEARCH = "web_search";

    static ClaudeResponse of(String key, ClaudeCopy copy) {
        return new ClaudeResponse(key, List.of(copy));
    }

    @Override
    public LogCall merge(LogCall other) {
        List<ClaudeCopy> more = ((ClaudeResponse) other).copies;
        if (copies.size() == 1
                && more.size() == 1
                && copies.get(0).request().equals(more.get(0).request())) {
            return of(key, copies.get(0).merge(more.get(0)));
        }
        List<ClaudeCopy> all = new ArrayList<>(copies);
        for (ClaudeCopy copy : more) {
            int i = 0;
            while (i < all.size() && all.get(i).request().compareTo(copy.request()) < 0) {
                i++;
            }
            if (i < all.size() && all.get(i).request().equals(copy.request())) {
                all.set(i, all.get(i).merge(copy));
            } else {
                all.add(i, copy);
            }
        }
        return new ClaudeResponse(key, List.copyOf(all));
    }

    @Override
    public Instant occurred() {
        Instant first = copies.get(0).occurred();
        for (ClaudeCopy copy : copies) {
            first = copy.occurred().isBefore(first) ? copy.occurred() : first;
        }
        return first;
    }

    @Override
    public List<Offer> offers() {
        if (copies.size() == 1) {
            return List.of(offer(copies.get(0)));
        }
        List<ClaudeCopy> main = new ArrayList<>(copies);
        main.removeIf(copy -> !copy.main());
        if (main.isEmpty()) {
            return List.of(offer(copies.stream().reduce(ClaudeCopy::merge).orElseThrow()));
        }
        if (main.size() > 1 && main.get(0).request().isEmpty()) {
            ClaudeCopy unnamed = main.remove(0);
            main.set(0, unnamed.merge(main.get(0)));
        }
        return main.stream().map(this::offer).toList();
    }

    private Offer offer(ClaudeCopy copy) {
        return new Offer(
                key,
                () -> Keys.further(ClaudeCodeSource.NAME, key, copy.request()),
                copy.record(key),
                ClaudeResponse::mergeIntoLedger);
    }

    /** What the ledger's record and one just read say together; empty if they are two calls. */
    private static Optional<UsageRecord> mergeIntoLedger(UsageRecord inForce, UsageRecord offered) {
        boolean wasMain = inForce.role().equals(ClaudeCopy.MAIN_ROLE);
        boolean isMain = offered.role().equals(ClaudeCopy.MAIN_ROLE);
        String request = inForce.upstreamRequestId();
        String otherRequest = offered.upstreamRequestId();
        boolean sameRequest = request.equals(otherRequest) || request.isEmpty() || otherRequest.isEmpty();
        if (!sameRequest && (wasMain || isMain)) {
            if (wasMain && isMain) {
                return Optional.empty();
            }
            return Optional.of(wasMain ? inForce : offered);
        }
        boolean better = wasMain == isMain ? stated(offered) > stated(inForce) : isMain;
        UsageRecord surroundings = better ? offered : inForce;
        ClaudeFigures figures = figures(inForce).max(figures(offered));
        TokenCounts tokens = figures.tokens();
        Outcome outcome = outcome(inForce.outcome(), offered.outcome());
        UsageRecord.Builder merged = surroundings.toBuilder()
                .upstreamRequestId(request.isEmpty() ? otherRequest : request)
                .tokens(tokens)
                .calls(WEB_SEARCH, figures.searches())
                .aggregate(figures.several())
                .timestamp(earlier(inForce, offered))
                .outcome(outcome)
                .notes(inForce.notes())
                .notes(offered.notes());
        Stream.of(inForce, offered)
                .flatMap(record -> record.reportedCost().stream())
                .max(Comparator.naturalOrder())
                .ifPresent(merged::reportedCost);
        if (outcome != Outcome.UNSTATED) {
            merged.withoutNote(Notes.OUTPUT_INCOMPLETE);
        }
        if (tokens.cacheCreationUnattributed() == 0) {
            merged.withoutNote(Notes.CACHE_SPLIT_MISSING);
        }
        return Optional.of(merged.build());
    }

    /** How much a record says of where it is from. */
    private static int stated(UsageRecord record) {
        return record.attributes().size() + (record.sessionId().isEmpty() ? 0 : 1);
    }

    private static ClaudeFigures figures(UsageRecord record) {
        return ClaudeFigures.of(record.tokens(), record.calls().getOrDefault(WEB_SEARCH, 0L), record.aggregate());
    }

    private static Instant earlier(UsageRecord one, UsageRecord other) {
        Instant first = one.timestamp().orElseThrow();
        Instant second = other.timestamp().orElseThrow();
        return first.isBefore(second) ? first : second;
    }

    private static Outcome outcome(Outcome one, Outcome other) {
        if (one == other) {
            return one;
        }
        return one == Outcome.SUCCESS || other == Outcome.SUCCESS ? Outcome.SUCCESS : Outcome.UNSTATED;
    }
}
