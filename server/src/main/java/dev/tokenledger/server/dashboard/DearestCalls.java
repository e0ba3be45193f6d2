package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.usage.TokenCounts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The calls of a view that cost most, or used most tokens; among equal ones the newer first. No index knows them, so the calls are
 * looked through from the newest on, as many as somebody waits for unless the view wants {@linkplain View#whole all of them}.
 *
 * @param all whether every call of the view was looked through
 */
record DearestCalls(List<LedgerEntry> calls, boolean all) {

    /** What is read in the time that a page may take. */
    static final int MAX_CALLS = 5_000;

    private static final int PAGE = 1_000;

    /** An entry with its place from the newest on. */
    private record Ranked(LedgerEntry entry, long place) {}

    static DearestCalls of(Ledger ledger, View view, Sort order, int most) {
        Comparator<Ranked> value = order == Sort.TOKENS
                ? Comparator.comparingLong(ranked -> tokens(ranked.entry()))
                : Comparator.comparing(ranked -> ranked.entry().effectiveCost().amount());
        Comparator<Ranked> ascending =
                value.thenComparing(Comparator.comparingLong(Ranked::place).reversed());
        PriorityQueue<Ranked> best = new PriorityQueue<>(most + 1, ascending);
        RecordQuery.Builder query = view.calls().limit(PAGE);
        long read = 0;
        boolean more = true;
        while (more && (view.whole() || read < MAX_CALLS)) {
            RecordPage page = ledger.records(query.build());
            for (LedgerEntry entry : page.entries()) {
                best.add(new Ranked(entry, read++));
                if (best.size() > most) {
                    best.poll();
                }
            }
            page.next().ifPresent(query::after);
            more = page.next().isPresent();
        }
        List<Ranked> calls = new ArrayList<>(best);
        calls.sort(Collections.reverseOrder(ascending));
        return new DearestCalls(calls.stream().map(Ranked::entry).toList(), !more);
    }

    /** Tokens of every class: uncached input, cache writes, cache reads and output. */
    static long tokens(LedgerEntry entry) {
        TokenCounts tokens = entry.record().tokens();
        return tokens.input() + tokens.cacheCreation() + tokens.cacheRead() + tokens.output();
    }
}
