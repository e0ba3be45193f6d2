package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.imports.ImportedCall;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Messages of OpenCode that were begun in the same millisecond by the same model: usually one. A fork's messages have new ids
 * and the figures of those they are copied from; so those that are finished and agree in everything are one call, and the rest
 * are as many calls as they have ids.
 *
 * @param source the name of the source
 * @param copies the largest copy of each message, by its id
 */
record OpenCodeCall(String source, String key, SortedMap<String, UsageRecord> copies) implements ImportedCall {

    static OpenCodeCall of(String source, String key, String id, UsageRecord record) {
        SortedMap<String, UsageRecord> copies = new TreeMap<>();
        copies.put(id, record);
        return new OpenCodeCall(source, key, copies);
    }

    @Override
    public ImportedCall merge(ImportedCall other) {
        SortedMap<String, UsageRecord> all = new TreeMap<>(copies);
        ((OpenCodeCall) other)
                .copies.forEach((id, record) ->
                        all.merge(id, record, (one, two) -> CopiedCall.best(CopiedCall.LARGEST, one, two)));
        return new OpenCodeCall(source, key, all);
    }

    @Override
    public Instant occurred() {
        return copies.values().iterator().next().timestamp().orElse(Instant.EPOCH);
    }

    @Override
    public List<Offer> offers() {
        List<UsageRecord> calls = new ArrayList<>();
        List<Offer> offers = new ArrayList<>();
        copies.forEach((id, record) -> {
            if (calls.stream().noneMatch(call -> isCopy(call, record))) {
                calls.add(record);
                offers.add(new Offer.Revise(
                        key, number -> number == 1 ? Keys.of(source, id) : null, record, OpenCodeCall::merge));
            }
        });
        return offers;
    }

    private static Optional<UsageRecord> merge(UsageRecord inForce, UsageRecord offered) {
        if (inForce.requestId().equals(offered.requestId())) {
            if (hasReasoningTwice(inForce, offered)) {
                return Optional.of(offered);
            }
            return Optional.of(CopiedCall.later(CopiedCall.LARGEST, inForce, offered));
        }
        return isCopy(inForce, offered) ? Optional.of(inForce) : Optional.empty();
    }

    /** Versions before 0.2 added reasoning to an output that held it already. */
    private static boolean hasReasoningTwice(UsageRecord inForce, UsageRecord offered) {
        TokenCounts before = inForce.tokens();
        TokenCounts now = offered.tokens();
        return now.reasoning() > 0
                && before.reasoning() == now.reasoning()
                && before.output() == now.output() + now.reasoning()
                && before.totalInput() == now.totalInput()
                && inForce.duration().equals(offered.duration())
                && offered.duration().isPresent();
    }

    private static boolean isCopy(UsageRecord one, UsageRecord other) {
        return one.duration().isPresent()
                && one.duration().equals(other.duration())
                && one.timestamp().equals(other.timestamp())
                && one.tokens().equals(other.tokens())
                && one.reportedCost().equals(other.reportedCost())
                && one.identity().equals(other.identity());
    }
}
