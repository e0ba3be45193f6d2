package dev.tokenledger.imports.agents;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the rows of one message and request say.
 *
 * @param request the provider's id of the request; empty if the rows have none
 * @param rank how near the row is to the call that {@code labels} and {@code model} are from
 * @param occurred the first time that a row states
 * @param region the place that served it, where that has a price of its own; else empty
 * @param reported what the program thought that the call cost; zero if it does not say
 * @param stopped whether a row says why the response ended, so that its figures are final
 * @param failed whether all rows are about an error
 * @param advice what other models were asked during the turn, each a call of its own
 * @param notes what is noted besides
 */
record ClaudeCopy(
        String request,
        Rank rank,
        Instant occurred,
        ModelIdentity model,
        String tier,
        String region,
        ClaudeLabels labels,
        ClaudeFigures figures,
        Usd reported,
        boolean stopped,
        boolean failed,
        List<ClaudeUsage.Advice> advice,
        Set<String> notes) {

    static final String MAIN_ROLE = "interactive";
    static final String SUB_AGENT_ROLE = "delegate";

    /** Where a row stands; the first is believed about the call's surroundings. */
    enum Rank {
        /** In the session's own thread. */
        MAIN,
        /** In a sub-agent's thread, or a replay in one. */
        SIDECHAIN,
        /** In a notice of progress. */
        PROGRESS
    }

    /** Another row of the same message: the largest figures, the first time, the surroundings of the better row. */
    ClaudeCopy merge(ClaudeCopy other) {
        ClaudeCopy better = compare(other) <= 0 ? this : other;
        return new ClaudeCopy(
                firstStated(request, other.request),
                better.rank,
                occurred.isBefore(other.occurred) ? occurred : other.occurred,
                better.model,
                tier.compareTo(other.tier) >= 0 ? tier : other.tier,
                region.compareTo(other.region) >= 0 ? region : other.region,
                better.labels,
                figures.max(other.figures),
                reported.compareTo(other.reported) >= 0 ? reported : other.reported,
                stopped || other.stopped,
                failed && other.failed,
                advice(other),
                union(notes, other.notes));
    }

    /** The longer list; of two as long the larger figures of each. */
    private List<ClaudeUsage.Advice> advice(ClaudeCopy other) {
        if (advice.size() != other.advice.size() || advice.isEmpty()) {
            return advice.size() >= other.advice.size() ? advice : other.advice;
        }
        List<ClaudeUsage.Advice> larger = new ArrayList<>();
        for (int i = 0; i < advice.size(); i++) {
            ClaudeUsage.Advice one = advice.get(i);
            ClaudeUsage.Advice two = other.advice.get(i);
            String model = one.model().compareTo(two.model()) <= 0 ? one.model() : two.model();
            larger.add(new ClaudeUsage.Advice(model, one.figures().max(two.figures())));
        }
        return List.copyOf(larger);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        if (one.containsAll(other)) {
            return one;
        }
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return Set.copyOf(both);
    }

    /** The calls to advisers that were made during this one. */
    List<ClaudeCopy> advisers() {
        return advice.stream()
                .map(each -> new ClaudeCopy(
                        request,
                        rank,
                        occurred,
                        ModelIdentity.ofReference(each.model()),
                        tier,
                        region,
                        labels,
                        each.figures(),
                        Usd.ZERO,
                        stopped,
                        failed,
                        List.of(),
                        Set.of()))
                .toList();
    }

    /**
     * Whether this and another copy without a request can be of one response, which only grows: of one model, of one session
     * unless the message's id is nobody else's, with the same input, and an output that stays once it is said to have ended.
     */
    boolean mayBeOne(ClaudeCopy other, boolean anySession) {
        boolean sameSession = anySession
                || labels.session().isEmpty()
                || other.labels.session().isEmpty()
                || labels.session().equals(other.labels.session());
        return sameSession
                && model.equals(other.model)
                && figures.mayGrowInto(other.figures, occurred, other.occurred, stopped, other.stopped);
    }

    boolean main() {
        return rank == Rank.MAIN;
    }

    /** The one that is stated; of two the first by the alphabet, as it is for any order of reading. */
    private static String firstStated(String one, String other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one + other;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** The order of belief, the same for any order of reading. */
    private int compare(ClaudeCopy other) {
        int order = rank.compareTo(other.rank);
        order = order != 0 ? order : labels.compareTo(other.labels);
        return order != 0 ? order : model.model().compareTo(other.model.model());
    }

    /** The record, under the id that it most likely gets, which spares making another. */
    UsageRecord record(String id) {
        TokenCounts tokens = figures.tokens();
        UsageRecord.Builder builder = labels.record(id, model)
                .timestamp(occurred)
                .upstreamRequestId(request)
                .tokens(tokens)
                .passes(figures.passes())
                .calls(ClaudeResponse.WEB_SEARCH, figures.searches())
                .role(main() ? MAIN_ROLE : SUB_AGENT_ROLE)
                .outcome(stopped ? Outcome.SUCCESS : failed ? Outcome.ERROR : Outcome.UNSTATED)
                .serviceTier(tier)
                .region(region)
                .aggregate(figures.several());
        if (reported.signum() > 0) {
            builder.reportedCost(reported);
        }
        if (!stopped && !failed) {
            builder.note(Notes.OUTPUT_INCOMPLETE);
        }
        if (tokens.cacheCreationUnattributed() > 0) {
            builder.note(Notes.CACHE_SPLIT_MISSING);
        }
        if (figures.several()) {
            builder.note(Notes.COMPACTION_INCLUDED);
        }
        notes.forEach(builder::note);
        if (!labels.complete()) {
            builder.note(Notes.LABELS_INCOMPLETE);
        }
        return builder.build();
    }
}
