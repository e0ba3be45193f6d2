package dev.tokenledger.imports.agents;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.ImportedCall;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that was read of one message.
 *
 * <p>Rows of one message and request are one call; a row without a request id belongs to the first request of its message that
 * has one. Where none has, as behind gateways, of which some send one message id for everything, rows are one call as long as
 * they can be of one response that grew. The same message under another request is a call of its own only if both stand in a session's own thread; otherwise
 * it is a replay, and the session's own rows win. Whether the ledger holds another call of the message is only known when it is
 * written, so each call is first offered under the message's key, and under one that has the request too if that is another
 * call's.
 *
 * @param key the ledger's key of the message, or of what stands for one without an id
 * @param unique whether no other message has this one's id, in any session
 * @param copies one a request, in the order of the requests; without a request one for each response that there must have been
 */
record ClaudeResponse(String key, boolean unique, List<ClaudeCopy> copies) implements ImportedCall {

    static final String WEB_SEARCH = "web_search";

    static ClaudeResponse of(String key, boolean unique, ClaudeCopy copy) {
        return new ClaudeResponse(key, unique, List.of(copy));
    }

    @Override
    public ImportedCall merge(ImportedCall other) {
        List<ClaudeCopy> more = ((ClaudeResponse) other).copies;
        if (copies.size() == 1 && more.size() == 1 && areOne(copies.get(0), more.get(0))) {
            return of(key, unique, copies.get(0).merge(more.get(0)));
        }
        List<ClaudeCopy> all = new ArrayList<>(copies);
        for (ClaudeCopy copy : more) {
            add(all, copy);
        }
        return new ClaudeResponse(key, unique, List.copyOf(all));
    }

    private boolean areOne(ClaudeCopy one, ClaudeCopy other) {
        return one.request().equals(other.request()) && (!one.request().isEmpty() || one.mayBeOne(other, unique));
    }

    /** Adds a copy to the one that it belongs to, the latest of several, or else behind those of its request. */
    private void add(List<ClaudeCopy> all, ClaudeCopy copy) {
        int end = 0;
        while (end < all.size() && all.get(end).request().compareTo(copy.request()) <= 0) {
            end++;
        }
        for (int i = end - 1; i >= 0 && all.get(i).request().equals(copy.request()); i--) {
            if (areOne(all.get(i), copy)) {
                all.set(i, all.get(i).merge(copy));
                return;
            }
        }
        all.add(end, copy);
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
            return offers(copies);
        }
        if (copies.get(copies.size() - 1).request().isEmpty()) {
            List<ClaudeCopy> main = copies.stream().filter(ClaudeCopy::main).toList();
            return offersWithoutRequests(unique && !main.isEmpty() ? main : copies);
        }
        List<ClaudeCopy> main = new ArrayList<>();
        for (ClaudeCopy copy : copies) {
            // Those without a request come first, and are one where the message has a request.
            if (!main.isEmpty() && copy.request().isEmpty()) {
                main.set(0, main.get(0).merge(copy));
            } else {
                main.add(copy);
            }
        }
        main.removeIf(copy -> !copy.main());
        if (main.isEmpty()) {
            return offers(List.of(copies.stream().reduce(ClaudeCopy::merge).orElseThrow()));
        }
        if (main.size() > 1 && main.get(0).request().isEmpty()) {
            ClaudeCopy unnamed = main.remove(0);
            main.set(0, unnamed.merge(main.get(0)));
        }
        return offers(main);
    }

    /** The offers of calls, each followed by those of its advisers. */
    private List<Offer> offers(List<ClaudeCopy> calls) {
        List<Offer> offers = new ArrayList<>();
        for (ClaudeCopy call : calls) {
            offers.add(offer(call, this::mergeIntoLedger));
            addAdvisers(call, offers);
        }
        return offers;
    }

    /** Versions before 0.2 made one record of all of them, which the first replaces. */
    private List<Offer> offersWithoutRequests(List<ClaudeCopy> calls) {
        TokenCounts together = copies.stream()
                .reduce(ClaudeCopy::merge)
                .map(copy -> copy.figures().tokens())
                .orElseThrow();
        List<Offer> offers = new ArrayList<>();
        for (ClaudeCopy call : calls) {
            boolean first = offers.isEmpty();
            offers.add(offer(
                    call,
                    (inForce, offered) -> first && inForce.tokens().equals(together)
                            ? Optional.of(offered)
                            : mergeIntoLedger(inForce, offered)));
            addAdvisers(call, offers);
        }
        return offers;
    }

    private void addAdvisers(ClaudeCopy call, List<Offer> offers) {
        int number = 0;
        for (ClaudeCopy adviser : call.advisers()) {
            String part = "adviser-" + ++number;
            String adviserKey = Keys.further(ClaudeCodeSource.NAME, key, part);
            offers.add(new Offer.Revise(
                    adviserKey,
                    other -> other == 1 ? Keys.further(ClaudeCodeSource.NAME, key, call.request() + "-" + part) : null,
                    adviser.record(adviserKey),
                    this::mergeIntoLedger));
        }
    }

    private Offer offer(ClaudeCopy copy, CopyMerge merge) {
        return new Offer.Revise(key, toldBy(copy), number -> otherKey(copy, number), copy.record(key), merge);
    }

    /** Claude Code's telemetry tells of the same request. */
    private static Elsewhere toldBy(ClaudeCopy copy) {
        return copy.request().isEmpty()
                ? Elsewhere.NOWHERE
                : new Elsewhere(List.of(), false, List.of(SameCall.claudeCodeEventKey(copy.request())));
    }

    private @Nullable String otherKey(ClaudeCopy copy, int number) {
        if (!copy.request().isEmpty()) {
            return number == 1 ? Keys.further(ClaudeCodeSource.NAME, key, copy.request()) : null;
        }
        ClaudeFigures figures = copy.figures();
        return Keys.digest(
                ClaudeCodeSource.NAME,
                key,
                unique ? "" : copy.labels().session(),
                copy.model().model(),
                figures.input() + "-" + figures.reads() + "-" + figures.writes() + "-" + number);
    }

    /** What the ledger's record and one just read say together; empty if they are two calls. */
    private Optional<UsageRecord> mergeIntoLedger(UsageRecord inForce, UsageRecord offered) {
        if (inForce.source().equals(SameCall.TELEMETRY)) {
            return Optional.of(SameCall.completed(offered, inForce));
        }
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
        if (request.isEmpty() && otherRequest.isEmpty() && !mayBeOne(inForce, offered)) {
            return Optional.empty();
        }
        boolean better = wasMain == isMain ? stated(offered) > stated(inForce) : isMain;
        UsageRecord surroundings = better ? offered : inForce;
        ClaudeFigures figures = figures(inForce).max(figures(offered));
        TokenCounts tokens = figures.tokens();
        Outcome outcome = outcome(inForce.outcome(), offered.outcome());
        UsageRecord.Builder merged = surroundings.toBuilder()
                .upstreamRequestId(request.isEmpty() ? otherRequest : request)
                .tokens(tokens)
                .passes(figures.passes())
                .calls(WEB_SEARCH, figures.searches())
                .aggregate(figures.several())
                .region(inForce.region().isEmpty() ? offered.region() : inForce.region())
                .timestamp(earlier(inForce, offered))
                .outcome(outcome)
                .notes(inForce.notes())
                .notes(offered.notes());
        Stream.of(inForce, offered)
                .flatMap(record -> record.reportedCost().stream())
                .max(Comparator.naturalOrder())
                .ifPresent(merged::reportedCost);
        if (inForce.identity().upstreamModel().equals(offered.identity().upstreamModel())) {
            // What a name says of its provider is better known by a later version.
            merged.identity(offered.identity());
        }
        if (outcome != Outcome.UNSTATED) {
            merged.withoutNote(Notes.OUTPUT_INCOMPLETE);
        }
        if (tokens.cacheCreationUnattributed() == 0) {
            merged.withoutNote(Notes.CACHE_SPLIT_MISSING);
        }
        // What versions before 0.2 noted of a place that is the record's region now.
        merged.withoutNote("inference_geo_not_priced");
        if (!offered.notes().contains(Notes.ADVISOR_NOT_INCLUDED)) {
            // Advisers are calls of their own since.
            merged.withoutNote(Notes.ADVISOR_NOT_INCLUDED);
        }
        return Optional.of(merged.build());
    }

    private boolean mayBeOne(UsageRecord one, UsageRecord other) {
        boolean sameSession = unique
                || one.sessionId().isEmpty()
                || other.sessionId().isEmpty()
                || one.sessionId().equals(other.sessionId());
        return sameSession
                && one.identity().model().equals(other.identity().model())
                && figures(one)
                        .mayGrowInto(
                                figures(other),
                                one.timestamp().orElseThrow(),
                                other.timestamp().orElseThrow(),
                                one.outcome() == Outcome.SUCCESS,
                                other.outcome() == Outcome.SUCCESS);
    }

    /** How much a record says of where it is from. */
    private static int stated(UsageRecord record) {
        return record.attributes().size() + (record.sessionId().isEmpty() ? 0 : 1);
    }

    private static ClaudeFigures figures(UsageRecord record) {
        return ClaudeFigures.of(
                record.tokens(), record.passes(), record.calls().getOrDefault(WEB_SEARCH, 0L), record.aggregate());
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
