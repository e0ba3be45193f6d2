package dev.tokenledger.formats.reconcile;

import dev.tokenledger.formats.reconcile.Buckets.Bucket;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds records that stand in another cell than on the bill: on the other side of midnight, in another tier, region or project; and those
 * that the bill has not. A record is named only if its tokens make up a difference exactly, alone or with others, or if without it no
 * token would be too many; so what cannot be told is not guessed. Not safe for use by several threads.
 */
final class Moves {

    private static final int MAX_CANDIDATES = 40;
    private static final int MAX_STEPS = 100_000;

    private final Map<CellKey, Cell> cells;
    private final Buckets buckets;
    private final List<Cause> causes;
    private final Map<CellKey, List<Use>> uses = new LinkedHashMap<>();
    private final List<Use> outside = new ArrayList<>();

    Moves(Map<CellKey, Cell> cells, Buckets buckets, List<Cause> causes) {
        this.cells = cells;
        this.buckets = buckets;
        this.causes = causes;
    }

    void make(List<Use> held) {
        for (Use use : held) {
            if (use.key.bucket().isEmpty()) {
                outside.add(use);
            } else {
                uses.computeIfAbsent(use.key, key -> new ArrayList<>()).add(use);
            }
        }
        while (otherCells()
                || acrossEdge(true)
                || intoBucket()
                || failed(true)
                || transfers()
                || failed(false)
                || acrossEdge(false)
                || extra()) {
            // Each step makes others possible: what is left is smaller every time.
        }
    }

    private List<CellKey> open() {
        List<CellKey> open = new ArrayList<>();
        cells.forEach((key, cell) -> {
            if (!key.calls() && !cell.residual().isZero()) {
                open.add(key);
            }
        });
        return open;
    }

    private Amounts residual(CellKey key) {
        Cell cell = cells.get(key);
        return cell == null ? new Amounts() : cell.residual();
    }

    /** What a cell of the bill lacks is exactly in another tier, region or project of the same bucket and model. */
    private boolean otherCells() {
        List<CellKey> open = open();
        for (CellKey to : open) {
            Amounts lacking = new Amounts().minus(residual(to));
            if (lacking.hasDeficit()) {
                continue;
            }
            for (CellKey from : open) {
                if (from.bucket().equals(to.bucket())
                        && from.model().equals(to.model())
                        && from.differences(to) == 1
                        && move(subset(of(from, use -> true), lacking), from, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * What a cell has too much is exactly in calls near its edge, which the bill dates beyond it.
     *
     * @param exactly else: without them nothing is too much
     */
    private boolean acrossEdge(boolean exactly) {
        for (CellKey from : open()) {
            Amounts surplus = residual(from);
            if (!surplus.hasSurplus()) {
                continue;
            }
            for (boolean early : new boolean[] {true, false}) {
                Bucket next = early ? buckets.before(from.bucket()) : buckets.after(from.bucket());
                List<Use> near = of(from, use -> !use.failed() && isNear(use, early));
                List<Use> found = exactly && !surplus.hasDeficit() ? subset(near, surplus) : List.of();
                if (!exactly) {
                    found = enough(near, surplus);
                }
                if (!found.isEmpty()) {
                    CellKey to = next == null ? null : from.inBucket(next.name());
                    boolean better = to == null ? exactly : improves(found, to);
                    if (better && move(found, from, to)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** What a cell of the bill lacks is exactly in calls near its edge, which the ledger dates beyond it. */
    private boolean intoBucket() {
        for (CellKey to : open()) {
            Amounts lacking = new Amounts().minus(residual(to));
            if (lacking.hasDeficit()) {
                continue;
            }
            for (boolean early : new boolean[] {true, false}) {
                // Early calls of the next bucket, late ones of the one before.
                Bucket next = early ? buckets.after(to.bucket()) : buckets.before(to.bucket());
                if (next == null) {
                    List<Use> beyond = outside.stream()
                            .filter(use -> use.key.inBucket(to.bucket()).equals(to) && isBeyond(use, to, early))
                            .toList();
                    List<Use> found = subset(beyond, lacking);
                    if (move(found, null, to)) {
                        outside.removeAll(found);
                        return true;
                    }
                    continue;
                }
                CellKey from = to.inBucket(next.name());
                if (!residual(from).isZero() && move(subset(of(from, use -> isNear(use, early)), lacking), from, to)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What a cell has too much is in calls that failed. */
    private boolean failed(boolean exactly) {
        for (CellKey from : open()) {
            Amounts surplus = residual(from);
            if (!surplus.hasSurplus()) {
                continue;
            }
            List<Use> candidates = of(from, Use::failed);
            List<Use> found = exactly
                    ? surplus.hasDeficit() ? List.of() : subset(candidates, surplus)
                    : enough(candidates, surplus);
            if (!found.isEmpty()) {
                drop(
                        found,
                        from,
                        Cause.Kind.FAILED_CALL,
                        "they failed or were canceled, and the provider did not bill them");
                return true;
            }
        }
        return false;
    }

    /** What one cell has too much is exactly what another lacks: tokens of many calls, which need not be told apart. */
    private boolean transfers() {
        List<CellKey> open = open();
        for (CellKey from : open) {
            Amounts surplus = residual(from);
            if (surplus.hasDeficit()) {
                continue;
            }
            for (CellKey to : open) {
                boolean neighbours = from.bucket().equals(to.bucket())
                        ? from.model().equals(to.model()) && from.differences(to) == 1
                        : from.differences(to) == 0 && isNext(from.bucket(), to.bucket());
                if (neighbours && surplus.sameAs(new Amounts().minus(residual(to)))) {
                    transfer(surplus, from, to);
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isNext(String one, String other) {
        Bucket before = buckets.before(one);
        Bucket after = buckets.after(one);
        return (before != null && before.name().equals(other))
                || (after != null && after.name().equals(other));
    }

    /** What a cell has too much is exactly in some of its calls, which the bill has not. */
    private boolean extra() {
        for (CellKey from : open()) {
            Amounts surplus = residual(from);
            if (!surplus.hasDeficit()) {
                List<Use> found = subset(of(from, use -> true), surplus);
                if (!found.isEmpty()) {
                    drop(found, from, Cause.Kind.EXTRA_CALL, "the bill has no such calls");
                    return true;
                }
            }
        }
        return false;
    }

    private List<Use> of(CellKey key, Predicate<Use> which) {
        return uses.getOrDefault(key, List.of()).stream()
                .filter(use -> !use.tokens.isZero())
                .filter(which)
                .toList();
    }

    private boolean isNear(Use use, boolean early) {
        Bucket bucket = buckets.named(use.key.bucket());
        if (bucket == null) {
            return false;
        }
        Duration distance =
                early ? Duration.between(bucket.start(), use.occurred) : Duration.between(use.occurred, bucket.end());
        return !distance.isNegative() && distance.compareTo(Comparison.EDGE) <= 0;
    }

    private boolean isBeyond(Use use, CellKey to, boolean early) {
        Bucket bucket = buckets.named(to.bucket());
        return bucket != null && (early ? !use.occurred.isBefore(bucket.end()) : use.occurred.isBefore(bucket.start()));
    }

    /** Whether the cell that records come to is explained better with them: fewer classes differ, or by fewer tokens. */
    private boolean improves(List<Use> found, CellKey to) {
        Amounts before = residual(to);
        Amounts after = new Amounts();
        after.add(before, 1);
        found.forEach(use -> after.add(use.tokens, 1));
        return after.size() < before.size() || after.distance().compareTo(before.distance()) < 0;
    }

    /** All candidates, if without them nothing is too much, and something is with them. */
    private static List<Use> enough(List<Use> candidates, Amounts surplus) {
        Amounts left = new Amounts();
        left.add(surplus, 1);
        candidates.forEach(use -> left.add(use.tokens, -1));
        return candidates.isEmpty() || left.hasSurplus() ? List.of() : candidates;
    }

    /** Records whose tokens add up to exactly these; none if there are none, or it takes too long to find them. */
    private static List<Use> subset(List<Use> candidates, Amounts wanted) {
        if (wanted.isZero() || wanted.hasDeficit()) {
            return List.of();
        }
        List<Use> fitting = new ArrayList<>();
        Amounts all = new Amounts();
        for (Use use : candidates) {
            if (use.tokens.fitsInto(wanted)) {
                if (use.tokens.sameAs(wanted)) {
                    return List.of(use);
                }
                fitting.add(use);
                all.add(use.tokens, 1);
            }
        }
        if (all.sameAs(wanted)) {
            return List.copyOf(fitting);
        }
        if (fitting.size() > MAX_CANDIDATES || !wanted.fitsInto(all)) {
            return List.of();
        }
        fitting.sort(Comparator.comparing((Use use) -> use.tokens.total()).reversed());
        List<Use> chosen = new ArrayList<>();
        return new Search(fitting, chosen).find(0, wanted) ? List.copyOf(chosen) : List.of();
    }

    /** A search that gives up. */
    private static final class Search {
        private final List<Use> candidates;
        private final List<Use> chosen;
        private int steps;

        Search(List<Use> candidates, List<Use> chosen) {
            this.candidates = candidates;
            this.chosen = chosen;
        }

        boolean find(int from, Amounts wanted) {
            if (wanted.isZero()) {
                return true;
            }
            for (int i = from; i < candidates.size() && steps < MAX_STEPS; i++) {
                steps++;
                Use use = candidates.get(i);
                if (use.tokens.fitsInto(wanted)) {
                    chosen.add(use);
                    if (find(i + 1, wanted.minus(use.tokens))) {
                        return true;
                    }
                    chosen.remove(chosen.size() - 1);
                }
            }
            return false;
        }
    }

    private boolean move(List<Use> found, @Nullable CellKey from, @Nullable CellKey to) {
        if (found.isEmpty()) {
            return false;
        }
        BigDecimal before = BigDecimal.ZERO;
        BigDecimal after = BigDecimal.ZERO;
        Amounts tokens = new Amounts();
        for (Use use : found) {
            before = before.add(use.cost.toBigDecimal());
            tokens.add(use.tokens, 1);
            if (from != null) {
                take(use, from);
            }
            if (to != null) {
                Use moved = use.in(to);
                after = after.add(moved.cost.toBigDecimal());
                put(moved);
            }
        }
        Cause.Kind kind = from == null || to == null ? Cause.Kind.BUCKET_BOUNDARY : from.difference(to);
        if (kind != Cause.Kind.BUCKET_BOUNDARY && from != null && to != null) {
            cause(
                    kind,
                    from,
                    before.subtract(after),
                    found,
                    tokens,
                    "the ledger has " + named(kind, from) + ", the bill " + named(kind, to));
            return true;
        }
        String words = "the ledger dates " + (found.size() == 1 ? "it" : "them") + " in "
                + (from == null ? "a bucket beyond the bill" : from.bucket()) + ", the bill in "
                + (to == null ? "one beyond the span compared" : to.bucket());
        if (from != null) {
            cause(kind, from, before, found, tokens, words);
        }
        if (to != null) {
            cause(kind, to, after.negate(), found, tokens, words);
        }
        return true;
    }

    private static String named(Cause.Kind kind, CellKey key) {
        String name = switch (kind) {
            case TIER -> key.tier().isEmpty() ? "standard" : key.tier();
            case REGION -> key.region().isEmpty() ? "no region" : key.region();
            case LONG_CONTEXT -> key.longContext() ? "long context" : "ordinary context";
            default -> key.project().isEmpty() ? "no project" : key.project();
        };
        return kind == Cause.Kind.TIER ? "tier " + name : name;
    }

    private void drop(List<Use> found, CellKey from, Cause.Kind kind, String note) {
        BigDecimal cost = BigDecimal.ZERO;
        Amounts tokens = new Amounts();
        for (Use use : found) {
            cost = cost.add(use.cost.toBigDecimal());
            tokens.add(use.tokens, 1);
            take(use, from);
        }
        cause(kind, from, cost, found, tokens, note);
    }

    private void take(Use use, CellKey from) {
        List<Use> left = uses.get(from);
        if (left != null) {
            left.remove(use);
        }
        cell(from).add(use, -1);
        if (!use.calls.isZero()) {
            cell(from.ofCalls()).add(use, -1);
        }
    }

    /** A use that was moved is no candidate again: so there is an end. */
    private void put(Use use) {
        cell(use.key).add(use, 1);
        if (!use.calls.isZero()) {
            cell(use.key.ofCalls()).add(use, 1);
        }
    }

    private Cell cell(CellKey key) {
        return cells.computeIfAbsent(key, Cell::new);
    }

    /** Moves tokens, with what they cost in the one cell to what they cost in the other. */
    private void transfer(Amounts surplus, CellKey from, CellKey to) {
        Cell source = cell(from);
        Cell target = cell(to);
        Map<String, BigDecimal> before = new HashMap<>();
        Map<String, BigDecimal> after = new HashMap<>();
        surplus.asMap().forEach((name, count) -> {
            BigDecimal cost = source.inLedger(name, count);
            BigDecimal other = target.rate(name);
            before.put(name, cost);
            after.put(name, from.bucket().equals(to.bucket()) && other != null ? other.multiply(count) : cost);
        });
        BigDecimal old = sum(before);
        BigDecimal now = sum(after);
        Map<String, BigDecimal> counts = Map.copyOf(surplus.asMap());
        before.forEach((name, cost) -> source.ourMoney.add(name, cost.negate()));
        after.forEach(target.ourMoney::add);
        counts.forEach((name, count) -> {
            source.ourQuantity.add(name, count.negate());
            target.ourQuantity.add(name, count);
            BigDecimal rate = source.rate(name);
            if (rate != null) {
                target.rates.putIfAbsent(name, rate);
            }
        });
        Cause.Kind kind = from.difference(to);
        Amounts tokens = new Amounts();
        counts.forEach(tokens::add);
        if (kind == Cause.Kind.BUCKET_BOUNDARY) {
            String words = "the ledger dates these tokens in " + from.bucket() + ", the bill in " + to.bucket();
            cause(kind, from, old, List.of(), tokens, words);
            cause(kind, to, now.negate(), List.of(), tokens, words);
        } else {
            cause(
                    kind,
                    from,
                    old.subtract(now),
                    List.of(),
                    tokens,
                    "the ledger has " + named(kind, from) + ", the bill " + named(kind, to));
        }
    }

    private static BigDecimal sum(Map<String, BigDecimal> amounts) {
        return amounts.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private void cause(Cause.Kind kind, CellKey key, BigDecimal usd, List<Use> found, Amounts tokens, String note) {
        causes.add(new Cause(
                kind,
                key.bucket(),
                key.model(),
                key.tier(),
                key.region(),
                key.project(),
                Decimals.plain(usd),
                found.size(),
                tokens.asMap(),
                found.stream().map(use -> use.record.id().value()).sorted().toList(),
                note));
    }
}
