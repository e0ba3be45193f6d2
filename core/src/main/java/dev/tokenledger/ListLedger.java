package dev.tokenledger;

import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.backend.SummaryRows;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@link InMemoryLedger} over a list of entries. It shares nothing with what it is compared with but {@code backend}. */
final class ListLedger implements InMemoryLedger {

    private static final Comparator<LedgerEntry> NEWEST_FIRST = Comparator.comparing(LedgerEntry::occurred)
            .thenComparingLong(LedgerEntry::sequence)
            .reversed();

    private final PriceBook prices;
    private final InstantSource clock;
    private final List<LedgerEntry> entries = new ArrayList<>();
    private final NavigableMap<RecordId, Integer> places = new TreeMap<>();
    private final Map<PriceId, PriceEntry> usedPrices = new HashMap<>();
    private final SortedMap<String, String> readerStates = new TreeMap<>();
    private final List<PeriodMark> marks = new ArrayList<>();
    private boolean closed;

    ListLedger(PriceBook prices, InstantSource clock) {
        this.prices = prices;
        this.clock = clock;
    }

    @Override
    public synchronized List<WriteResult> write(Batch batch) {
        checkReady("write");
        return allOrNothing(() -> {
            List<WriteResult> results = new ArrayList<>(batch.steps().size());
            for (Batch.Step step : batch.steps()) {
                results.add(write(step));
            }
            remember(batch);
            return results;
        });
    }

    private WriteResult write(Batch.Step step) {
        if (step instanceof Batch.Step.Revise revise) {
            return revise(revise);
        }
        if (step instanceof Batch.Step.Restore restore) {
            return restore(restore);
        }
        if (step instanceof Batch.Step.Revalue revalue) {
            return revalue(revalue);
        }
        if (step instanceof Batch.Step.Adjust adjust) {
            return adjust(adjust);
        }
        return append(step.record());
    }

    private void remember(Batch batch) {
        batch.readerStates().forEach((key, state) -> {
            if (state.isEmpty()) {
                readerStates.remove(key);
            } else {
                readerStates.put(key, state);
            }
        });
    }

    /** A merge that fails, or a replacement that is too expensive, takes back what was written before it. */
    private <T> T allOrNothing(Supplier<T> work) {
        int size = entries.size();
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            while (entries.size() > size) {
                LedgerEntry last = entries.remove(entries.size() - 1);
                places.remove(last.id());
                if (last.kind() == Kind.REVERSAL || last.kind() == Kind.REVALUATION) {
                    mark(last.record().id());
                }
            }
            throw e;
        }
    }

    @Override
    public synchronized AppendResult append(UsageRecord offered) {
        checkReady("append");
        Integer place = places.get(offered.id());
        if (place == null) {
            try {
                add(priced(offered));
            } catch (IllegalArgumentException e) {
                return rejected(offered, e);
            }
            return new AppendResult.Appended(offered.id());
        }
        return known(entries.get(place), offered);
    }

    /** What is answered to a record whose id is taken. */
    private static AppendResult known(LedgerEntry stored, UsageRecord offered) {
        if (stored.kind() != Kind.USAGE) {
            return new AppendResult.Conflict(offered.id(), "id", name(stored.kind()), "a record");
        }
        return stored.record()
                .firstDifference(offered)
                .<AppendResult>map(difference -> new AppendResult.Conflict(
                        offered.id(), difference.field(), difference.stored(), difference.offered()))
                .orElseGet(() -> new AppendResult.Duplicate(offered.id()));
    }

    private static String name(Kind kind) {
        return switch (kind) {
            case USAGE -> "a record";
            case REVERSAL -> "a reversal";
            case REVALUATION -> "a revaluation";
            case ADJUSTMENT -> "an adjustment";
        };
    }

    private AppendResult adjust(Batch.Step.Adjust step) {
        Instant now = now();
        LedgerEntry offered = LedgerEntry.ofAdjustment(
                entries.size() + 1L, step.record(), step.amount(), now, new LedgerEntry.Adjustment(step.reason()));
        Optional<LedgerEntry> stored = find(offered.id());
        if (stored.isPresent()) {
            return knownAdjustment(stored.get(), offered);
        }
        if (isClosed(offered)) {
            return new AppendResult.Rejected(
                    offered.id(),
                    "timestamp",
                    "timestamp: the adjustment lies before "
                            + PeriodMark.closedBefore(marks).orElseThrow() + ", and what happened then is closed");
        }
        add(offered);
        return new AppendResult.Appended(offered.id());
    }

    /** What is answered to an adjustment whose id is taken, or to what is done to one. */
    private static AppendResult knownAdjustment(LedgerEntry stored, LedgerEntry offered) {
        RecordId id = stored.id();
        if (stored.kind() != Kind.ADJUSTMENT) {
            return new AppendResult.Conflict(id, "id", name(stored.kind()), "an adjustment");
        }
        Optional<AppendResult> difference = stored.record()
                .firstDifference(offered.record())
                .map(field -> new AppendResult.Conflict(id, field.field(), field.stored(), field.offered()));
        if (difference.isPresent()) {
            return difference.get();
        }
        if (!stored.cost().equals(offered.cost())) {
            return new AppendResult.Conflict(
                    id,
                    "cost_usd",
                    stored.cost().amount().toString(),
                    offered.cost().amount().toString());
        }
        String reason = stored.adjustment().orElseThrow().reason();
        String other = offered.adjustment().orElseThrow().reason();
        return reason.equals(other)
                ? new AppendResult.Duplicate(id)
                : new AppendResult.Conflict(id, "reason", reason, other);
    }

    private AppendResult restoreAdjustment(LedgerEntry entry) {
        Optional<LedgerEntry> stored = find(entry.id());
        if (stored.isPresent()) {
            return knownAdjustment(stored.get(), entry);
        }
        add(LedgerEntry.ofAdjustment(
                entries.size() + 1L,
                entry.record(),
                entry.cost().amount(),
                entry.recorded(),
                entry.adjustment().orElseThrow()));
        return new AppendResult.Appended(entry.id());
    }

    private AppendResult restore(Batch.Step.Restore step) {
        LedgerEntry entry = step.entry();
        keepPrice(entry.cost(), step.price());
        return switch (entry.kind()) {
            case USAGE -> restoreRecord(entry);
            case REVERSAL -> restoreReversal(entry);
            case REVALUATION -> restoreRevaluation(entry);
            case ADJUSTMENT -> restoreAdjustment(entry);
        };
    }

    private void keepPrice(Cost cost, Optional<PriceEntry> price) {
        price.ifPresent(entry -> usedPrices.putIfAbsent(cost.priceId().orElseThrow(), entry));
    }

    private AppendResult restoreRevaluation(LedgerEntry entry) {
        Revaluation revaluation = entry.revaluation().orElseThrow();
        LedgerEntry record = find(entry.record().id()).orElse(null);
        if (record == null) {
            return rejected(entry, "the ledger has no record " + entry.record().id() + " to be revalued");
        }
        AppendResult known = known(record, entry.record());
        if (known instanceof AppendResult.Conflict) {
            return known;
        }
        Optional<LedgerEntry> taken = find(entry.id());
        if (taken.isPresent()) {
            return taken.get().revaluation().filter(revaluation::equals).isPresent()
                    ? new AppendResult.Duplicate(entry.id())
                    : new AppendResult.Conflict(
                            entry.id(), "id", name(taken.get().kind()), "a revaluation of " + record.id());
        }
        if (revaluation.number() <= record.revaluations()) {
            return new AppendResult.Conflict(
                    entry.id(), "revaluation", "another revaluation " + revaluation.number(), "this one");
        }
        if (!record.inForce()) {
            return rejected(entry, "the record " + record.id() + " is reversed");
        }
        if (revaluation.number() > record.revaluations() + 1) {
            return rejected(entry, "the one before it is missing, of the record " + record.id());
        }
        revalue(record, revaluation, entry.recorded());
        return new AppendResult.Appended(entry.id());
    }

    private static AppendResult rejected(LedgerEntry entry, String reason) {
        return new AppendResult.Rejected(entry.id(), "revaluation", "revaluation: " + reason);
    }

    private WriteResult revalue(Batch.Step.Revalue step) {
        RecordId id = step.entry().id();
        LedgerEntry record = find(id).orElse(null);
        if (record == null || record.kind() != Kind.USAGE) {
            return new AppendResult.Rejected(id, "id", "id: the ledger has no record " + id);
        }
        if (!record.inForce()) {
            return new AppendResult.Rejected(id, "id", "id: the record " + id + " is reversed");
        }
        if (record.effectiveCost().equals(step.cost())) {
            return new AppendResult.Duplicate(id);
        }
        if (isClosed(record)) {
            return new AppendResult.Rejected(
                    id,
                    "timestamp",
                    "timestamp: the call lies before "
                            + PeriodMark.closedBefore(marks).orElseThrow() + ", and what happened then is closed");
        }
        if (record.revaluations() != step.entry().revaluations()) {
            return new AppendResult.Rejected(
                    id, "revaluation", "revaluation: the record " + id + " was revalued since it was read");
        }
        keepPrice(step.cost(), step.price());
        Revaluation revaluation = new Revaluation(
                RecordId.generate(), id, record.revaluations() + 1, step.run(), step.reason(), step.cost());
        revalue(record, revaluation, now());
        return new WriteResult.Revalued(id, revaluation.id());
    }

    private void revalue(LedgerEntry record, Revaluation revaluation, Instant recorded) {
        add(LedgerEntry.ofRevaluation(entries.size() + 1L, record.record(), revaluation, recorded));
        mark(record.id());
    }

    private AppendResult restoreRecord(LedgerEntry entry) {
        Optional<LedgerEntry> stored = find(entry.id());
        if (stored.isPresent()) {
            return known(stored.get(), entry.record());
        }
        add(LedgerEntry.ofUsage(entries.size() + 1L, entry.record(), entry.cost(), entry.recorded()));
        return new AppendResult.Appended(entry.id());
    }

    private AppendResult restoreReversal(LedgerEntry entry) {
        UsageRecord record = entry.record();
        LedgerEntry reversed = find(record.id()).orElse(null);
        if (reversed == null) {
            return new AppendResult.Rejected(
                    entry.id(), "reversal", "reversal: the ledger has no record " + record.id() + " to be reversed");
        }
        AppendResult known =
                entry.adjustment().isPresent() ? knownAdjustment(reversed, entry) : known(reversed, record);
        if (known instanceof AppendResult.Conflict) {
            return known;
        }
        if (!reversed.inForce()) {
            return new AppendResult.Duplicate(entry.id());
        }
        Optional<LedgerEntry> taken = find(entry.id());
        if (taken.isPresent()) {
            String stored = taken.get().kind() == Kind.REVERSAL
                    ? "a reversal of another record"
                    : name(taken.get().kind());
            return new AppendResult.Conflict(entry.id(), "id", stored, "a reversal of " + record.id());
        }
        negate(reversed, entry.reversal().orElseThrow(), entry.recorded());
        return new AppendResult.Appended(entry.id());
    }

    private WriteResult revise(Batch.Step.Revise step) {
        Revision revision = Revision.of(step, new Revision.Lookup() {
            @Override
            public List<LedgerEntry> revisions(String key) {
                return ListLedger.this.revisions(key);
            }

            @Override
            public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) {
                return entries.stream()
                        .filter(entry -> entry.kind() == Kind.USAGE)
                        .filter(entry -> entry.record().sessionId().equals(sessionId)
                                && entry.record().upstreamRequestId().equals(upstreamRequestId))
                        .toList();
            }
        });
        if (revision instanceof Revision.First first) {
            return append(first.record());
        }
        if (revision instanceof Revision.Next next) {
            Priced priced;
            try {
                priced = priced(next.record());
            } catch (IllegalArgumentException e) {
                return rejected(next.record(), e);
            }
            next.replaced().forEach(replaced -> negate(replaced, "corrected by its source"));
            add(priced);
            return new WriteResult.Corrected(
                    next.record().id(), next.replaced().get(0).id());
        }
        return new AppendResult.Duplicate(((Revision.Known) revision).id());
    }

    @Override
    public synchronized List<LedgerEntry> revisions(String key) {
        checkReady("read");
        String checked = Revision.checkedKey(key);
        List<LedgerEntry> revisions = new ArrayList<>(1);
        find(RecordId.of(checked)).ifPresent(revisions::add);
        places.subMap(RecordId.of(Revision.laterFrom(checked)), RecordId.of(Revision.laterTo(checked)))
                .values()
                .forEach(place -> revisions.add(entries.get(place)));
        return Revision.inOrder(checked, revisions);
    }

    @Override
    public synchronized ReversalResult reverse(RecordId id, String reason) {
        checkReady("reverse");
        String why = Texts.checked("reason", reason, Bound.TEXT);
        LedgerEntry entry = find(id).orElse(null);
        if (entry == null || (entry.kind() != Kind.USAGE && entry.kind() != Kind.ADJUSTMENT)) {
            return new ReversalResult.NotFound(id);
        }
        if (!entry.inForce()) {
            return new ReversalResult.AlreadyReversed(id);
        }
        if (isClosed(entry)) {
            return new ReversalResult.PeriodClosed(
                    id, PeriodMark.closedBefore(marks).orElseThrow());
        }
        return new ReversalResult.Reversed(id, negate(entry, why), Optional.empty());
    }

    @Override
    public synchronized ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        checkReady("replace");
        if (find(id).filter(entry -> entry.kind() == Kind.ADJUSTMENT).isPresent()) {
            return new ReversalResult.NotFound(id);
        }
        if (places.containsKey(replacement.id())
                && find(id).map(LedgerEntry::inForce).orElse(false)) {
            return new ReversalResult.ReplacementTaken(replacement.id());
        }
        return allOrNothing(() -> {
            ReversalResult result = reverse(id, reason);
            if (result instanceof ReversalResult.Reversed reversed) {
                // A correction is of the same call, so it counts where the call did.
                add(priced(
                        replacement.timestamp().isPresent()
                                ? replacement
                                : replacement.at(find(id).orElseThrow().occurred())));
                return new ReversalResult.Reversed(id, reversed.reversal(), Optional.of(replacement.id()));
            }
            return result;
        });
    }

    private boolean isClosed(LedgerEntry entry) {
        return PeriodMark.closedBefore(marks).filter(entry.occurred()::isBefore).isPresent();
    }

    @Override
    public synchronized PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        checkReady("write");
        PeriodMark mark = new PeriodMark(closedBefore, zone.getId(), reason, now());
        if (mark.closedBefore().equals(PeriodMark.closedBefore(marks))) {
            return marks.isEmpty() ? mark : marks.get(marks.size() - 1);
        }
        marks.add(mark);
        return mark;
    }

    @Override
    public synchronized List<PeriodMark> periodMarks() {
        checkOpen();
        return List.copyOf(marks);
    }

    private RecordId negate(LedgerEntry entry, String reason) {
        Reversal reversal = new Reversal(RecordId.generate(), entry.id(), reason);
        negate(entry, reversal, now());
        return reversal.id();
    }

    private void negate(LedgerEntry entry, Reversal reversal, Instant recorded) {
        add(LedgerEntry.ofReversal(entries.size() + 1L, entry, reversal, recorded));
        mark(entry.id());
    }

    /** Says on a record what reversed it, and what revalued it last. */
    private void mark(RecordId id) {
        LedgerEntry entry = find(id).orElseThrow();
        Optional<Reversal> reversal = Optional.empty();
        Optional<Revaluation> revaluation = Optional.empty();
        for (LedgerEntry later : entries.subList((int) entry.sequence(), entries.size())) {
            if (later.record().id().equals(id)) {
                reversal = later.reversal();
                revaluation = later.kind() == Kind.REVALUATION ? later.revaluation() : revaluation;
            }
        }
        entries.set(
                (int) entry.sequence() - 1,
                new LedgerEntry(
                        entry.sequence(),
                        entry.id(),
                        entry.kind(),
                        entry.record(),
                        entry.cost(),
                        entry.recorded(),
                        reversal,
                        revaluation,
                        entry.adjustment()));
    }

    /** A record with its instant filled in, and what it costs. */
    private record Priced(UsageRecord record, Cost cost, Instant recorded) {}

    /** @throws IllegalArgumentException if it would cost more than a record can */
    private Priced priced(UsageRecord offered) {
        Instant now = now();
        UsageRecord record = offered.timestamp().isPresent() ? offered : offered.at(now);
        return new Priced(record, prices.price(record, now), now);
    }

    private static AppendResult rejected(UsageRecord record, IllegalArgumentException tooExpensive) {
        return new AppendResult.Rejected(record.id(), "cost_usd", String.valueOf(tooExpensive.getMessage()));
    }

    private void add(Priced priced) {
        UsageRecord record = priced.record();
        Cost cost = priced.cost();
        cost.priceId()
                .flatMap(id -> prices.find(record, priced.recorded()))
                .ifPresent(entry -> usedPrices.putIfAbsent(entry.id(), entry));
        add(LedgerEntry.ofUsage(entries.size() + 1L, record, cost, priced.recorded()));
    }

    private void add(LedgerEntry entry) {
        places.put(entry.id(), entries.size());
        entries.add(entry);
    }

    @Override
    public synchronized Optional<LedgerEntry> find(RecordId id) {
        checkOpen();
        return Optional.ofNullable(places.get(id)).map(entries::get);
    }

    @Override
    public synchronized RecordPage records(RecordQuery query) {
        checkReady("list records");
        List<LedgerEntry> found = entries.stream()
                .filter(entry -> query.history() || entry.inForce())
                .filter(entry -> query.window().contains(entry.occurred()))
                .filter(entry ->
                        matches(query.filters(), entry, query.history() ? entry.cost() : entry.effectiveCost()))
                .filter(entry ->
                        query.after().map(cursor -> isBehind(entry, cursor)).orElse(true))
                .sorted(NEWEST_FIRST)
                .limit(query.limit() + 1L)
                .toList();
        if (found.size() <= query.limit()) {
            return new RecordPage(found, Optional.empty());
        }
        LedgerEntry last = found.get(query.limit() - 1);
        return new RecordPage(
                found.subList(0, query.limit()),
                Optional.of(new RecordQuery.Cursor(micros(last.occurred()), last.sequence())));
    }

    private static boolean isBehind(LedgerEntry entry, RecordQuery.Cursor cursor) {
        long micros = micros(entry.occurred());
        return micros < cursor.micros() || (micros == cursor.micros() && entry.sequence() < cursor.sequence());
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    @Override
    public synchronized Report report(ReportQuery query) {
        return Report.of(query, this::summaries);
    }

    @Override
    public synchronized List<GroupedSummary> summaries(SummaryQuery query) {
        checkReady("query");
        SummaryRows rows = new SummaryRows(query);
        Map<RecordId, Cost> costs = new HashMap<>();
        for (LedgerEntry entry : entries) {
            if (query.asOf().filter(entry.recorded()::isAfter).isPresent()) {
                continue;
            }
            switch (entry.kind()) {
                case USAGE, ADJUSTMENT -> add(rows, query, entry, entry.cost(), false);
                case REVERSAL -> add(rows, query, entry, entry.cost(), true);
                case REVALUATION -> {
                    RecordId id = entry.record().id();
                    Cost before = costs.getOrDefault(id, find(id).orElseThrow().cost());
                    add(rows, query, entry, before, true);
                    add(rows, query, entry, entry.cost(), false);
                    costs.put(id, entry.cost());
                }
            }
        }
        return rows.rows();
    }

    private static void add(SummaryRows rows, SummaryQuery query, LedgerEntry entry, Cost cost, boolean negated) {
        if (query.window().contains(entry.occurred()) && matches(query.filters(), entry, cost)) {
            Instant bucket = query.bucket()
                    .map(calendar -> calendar.startOf(entry.occurred(), query.zone()))
                    .orElse(TimeWindow.MIN);
            Summary summary =
                    entry.adjustment().isPresent() ? Summary.ofAmount(cost.amount()) : Summary.of(entry.record(), cost);
            rows.add(
                    bucket,
                    query.dimensions().stream()
                            .map(dimension -> value(dimension, entry, cost))
                            .toList(),
                    negated ? summary.negated() : summary);
        }
    }

    private static boolean matches(Map<Dimension, String> filters, LedgerEntry entry, Cost cost) {
        return filters.entrySet().stream()
                .allMatch(filter -> value(filter.getKey(), entry, cost).equals(filter.getValue()));
    }

    private static String value(Dimension dimension, LedgerEntry entry, Cost cost) {
        return dimension.valueOf(entry.record(), cost.status().text());
    }

    @Override
    public synchronized Optional<Explanation> explain(RecordId id) {
        return find(id).map(entry -> entry.cost()
                .priceId()
                .map(usedPrices::get)
                .map(price -> price.explain(entry.record()))
                .orElseGet(() -> new Explanation(entry.cost(), List.of(), Optional.empty())));
    }

    @Override
    public synchronized Optional<String> readerState(String key) {
        checkOpen();
        return Optional.ofNullable(readerStates.get(key));
    }

    @Override
    public synchronized Map<String, String> readerStates(String prefix) {
        checkOpen();
        SortedMap<String, String> found = new TreeMap<>(readerStates.tailMap(prefix));
        found.keySet().removeIf(key -> !key.startsWith(prefix));
        return found;
    }

    @Override
    public synchronized boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        Batch.Builder checked = Batch.builder();
        states.forEach(checked::readerState);
        return writeIf(key, expected, checked.build()) instanceof ConditionalResult.Written;
    }

    @Override
    public synchronized ConditionalResult writeIf(String key, String expected, Batch batch) {
        String next = batch.readerStates().getOrDefault(key, "");
        if (next.isEmpty() || next.equals(expected)) {
            throw new IllegalArgumentException(
                    "states: expected one under " + key + " that is neither empty nor the expected one");
        }
        checkReady("write");
        if (!readerStates.getOrDefault(key, "").equals(expected)) {
            return new ConditionalResult.StateChanged();
        }
        List<WriteResult> results = new ArrayList<>();
        try {
            return allOrNothing(() -> {
                for (Batch.Step step : batch.steps()) {
                    results.add(write(step));
                }
                if (results.stream()
                        .anyMatch(result ->
                                result instanceof AppendResult.Conflict || result instanceof AppendResult.Rejected)) {
                    throw new RefusedException();
                }
                remember(batch);
                return new ConditionalResult.Written(results);
            });
        } catch (RefusedException e) {
            return new ConditionalResult.Refused(results);
        }
    }

    /** Takes back a batch that is to be written as a whole or not at all. */
    private static final class RefusedException extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    /** Nothing is derived here, so there is nothing to differ. */
    @Override
    public synchronized VerifyReport verify() {
        checkOpen();
        return new VerifyReport(entries.size(), List.of());
    }

    /** Nothing is derived here, so there is nothing to compute. */
    @Override
    public synchronized void rebuild() {
        checkOpen();
    }

    @Override
    public PriceBook prices() {
        return prices;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private void checkReady(String what) {
        checkOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw new LedgerInterruptedException(
                    "cannot " + what + ": the thread was interrupted; nothing was stored", null);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the ledger is closed");
        }
    }
}
