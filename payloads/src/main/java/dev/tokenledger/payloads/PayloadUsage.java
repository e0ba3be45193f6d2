package dev.tokenledger.payloads;

import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A raw usage object, converted.
 *
 * @param tokens disjoint counts
 * @param calls paid tool calls, by name
 * @param serviceTier the tier that served the call, where the object says so, else empty
 * @param region the place that served the call, where the object names one that may have a price, else empty
 * @param aggregate whether the object sums up several passes over the input, so that no long-context tier applies
 * @param notes what is known to be missing or uncertain
 * @param reportedCost what the provider says that the call cost, where it does
 * @param passes what each of several passes used, where the object states it; they add up to {@code tokens}
 * @param advisors what ran on other models for the same answer, and is not in {@code tokens}
 */
public record PayloadUsage(
        TokenCounts tokens,
        SortedMap<String, Long> calls,
        String serviceTier,
        String region,
        boolean aggregate,
        SortedSet<String> notes,
        Optional<Usd> reportedCost,
        List<TokenCounts> passes,
        List<Advisor> advisors) {

    /** Copies its collections. */
    public PayloadUsage {
        calls = Collections.unmodifiableSortedMap(new TreeMap<>(calls));
        notes = Collections.unmodifiableSortedSet(new TreeSet<>(notes));
        passes = List.copyOf(passes);
        advisors = List.copyOf(advisors);
    }

    /** The same with a remark more. */
    PayloadUsage noted(String note) {
        SortedSet<String> more = new TreeSet<>(notes);
        more.add(note);
        return new PayloadUsage(tokens, calls, serviceTier, region, aggregate, more, reportedCost, passes, advisors);
    }

    /**
     * A pass on another model that an answer was made with.
     *
     * @param model the other model, as the provider names it; empty where it does not
     * @param tokens what the pass used
     * @param notes what is uncertain about these counts
     */
    public record Advisor(String model, TokenCounts tokens, SortedSet<String> notes) {
        /** Copies its notes. */
        public Advisor {
            notes = Collections.unmodifiableSortedSet(new TreeSet<>(notes));
        }
    }

    /**
     * Sets what the object says in a record that is being built. What advisors used is not in that one record, which is noted so
     * that its cost is partial.
     *
     * @param keepServiceTier whether the caller stated the service tier and goes before the object
     */
    public void applyTo(UsageRecord.Builder builder, boolean keepServiceTier) {
        applyOwnTo(builder, keepServiceTier);
        if (!advisors.isEmpty()) {
            UnknownMembers leftOut = new UnknownMembers();
            leftOut.leftOut("advisor_message");
            leftOut.applyTo(builder);
        }
    }

    /** Sets what the object says of the answering model itself. */
    void applyOwnTo(UsageRecord.Builder builder, boolean keepServiceTier) {
        builder.tokens(tokens).passes(passes).notes(notes);
        reportedCost.ifPresent(builder::reportedCost);
        calls.forEach(builder::calls);
        if (!keepServiceTier && !serviceTier.isEmpty()) {
            builder.serviceTier(serviceTier);
        }
        if (!region.isEmpty()) {
            builder.region(region);
        }
        if (aggregate) {
            builder.aggregate(true);
        }
    }

    /** What a convention finds, piece by piece. */
    static final class Builder {

        private TokenCounts tokens = TokenCounts.NONE;
        private final SortedMap<String, Long> calls = new TreeMap<>();
        private String serviceTier = "";
        private String region = "";
        private boolean aggregate;
        private final SortedSet<String> notes = new TreeSet<>();
        private Optional<Usd> reportedCost = Optional.empty();
        private List<TokenCounts> passes = List.of();
        private final List<Advisor> advisors = new ArrayList<>(0);
        private final UnknownMembers unknown = new UnknownMembers();

        Builder tokens(TokenCounts counts) {
            tokens = counts;
            return this;
        }

        /** Adds paid calls; 0 says nothing. */
        Builder calls(String name, long count) {
            if (count > 0) {
                calls.merge(name, count, Long::sum);
            }
            return this;
        }

        Builder serviceTier(String tier) {
            serviceTier = tier;
            return this;
        }

        Builder region(String place) {
            region = place;
            return this;
        }

        Builder aggregate(boolean several) {
            aggregate = several;
            return this;
        }

        /** What each pass used; one alone, or more than a record keeps, says nothing. */
        Builder passes(List<TokenCounts> each) {
            passes = each.size() > 1 && each.size() <= UsageRecord.MAX_PASSES ? each : List.of();
            return this;
        }

        Builder note(String note) {
            notes.add(note);
            return this;
        }

        Builder reportedCost(Optional<Usd> cost) {
            reportedCost = cost;
            return this;
        }

        Builder advisor(Advisor advisor) {
            advisors.add(advisor);
            return this;
        }

        /** Something that costs and is not in the figures. */
        Builder leftOut(String path) {
            unknown.leftOut(path);
            return this;
        }

        Set<String> notes() {
            return notes;
        }

        /** The usage; members of the object that were not read are noted. */
        PayloadUsage build(Figures read) {
            if (read.isEmpty()) {
                notes.add("usage_empty");
            }
            read.unread(unknown);
            notes.addAll(unknown.notes());
            return new PayloadUsage(
                    tokens, calls, serviceTier, region, aggregate, notes, reportedCost, passes, advisors);
        }
    }
}
