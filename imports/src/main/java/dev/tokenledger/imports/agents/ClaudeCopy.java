package dev.tokenledger.imports.agents;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;

/**
 * What the rows of one message and request say.
 *
 * @param request the provider's id of the request; empty if the rows have none
 * @param rank how near the row is to the call that {@code labels} and {@code model} are from
 * @param occurred the first time that a row states
 * @param reported what the program thought that the call cost; zero if it does not say
 * @param stopped whether a row says why the response ended, so that its figures are final
 * @param failed whether all rows are about an error
 * @param advised whether another model gave advice, whose tokens are not in the figures
 * @param elsewhere whether it was served in a place that has a price of its own
 */
record ClaudeCopy(
        String request,
        Rank rank,
        Instant occurred,
        ModelIdentity model,
        String tier,
        ClaudeLabels labels,
        ClaudeFigures figures,
        Usd reported,
        boolean stopped,
        boolean failed,
        boolean advised,
        boolean elsewhere) {

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
                better.labels,
                figures.max(other.figures),
                reported.compareTo(other.reported) >= 0 ? reported : other.reported,
                stopped || other.stopped,
                failed && other.failed,
                advised || other.advised,
                elsewhere || other.elsewhere);
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
                .calls(ClaudeResponse.WEB_SEARCH, figures.searches())
                .role(main() ? MAIN_ROLE : SUB_AGENT_ROLE)
                .outcome(stopped ? Outcome.SUCCESS : failed ? Outcome.ERROR : Outcome.UNSTATED)
                .serviceTier(tier)
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
        if (advised) {
            builder.note(Notes.ADVISOR_NOT_INCLUDED);
        }
        if (elsewhere) {
            builder.note(Notes.INFERENCE_GEO_NOT_PRICED);
        }
        if (!labels.complete()) {
            builder.note(Notes.LABELS_INCOMPLETE);
        }
        return builder.build();
    }
}
