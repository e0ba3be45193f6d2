package dev.tokenledger.formats.reprice;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.reprice.RepricePlan.Change;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prices records again and keeps it: each at the instant of its call, by a price book of one's choice, as a run of revaluations.
 *
 * <p>Records without a whole price are filled in by what the book knows more of them; records with one are corrected. No record
 * loses a price by it. The run is written in commits of {@link #PAGE} records with what it has done so far. One that was stopped
 * goes on when the same is asked for again: what it has changed needs no change then. Used by one thread.
 */
public final class Repricing {

    /** Records of one commit. */
    public static final int PAGE = 1_000;

    /** What became of {@link #apply}. */
    public enum Outcome {
        /** All is written. */
        APPLIED,
        /** Nothing was to be changed, and nothing was written. */
        NOTHING,
        /** A run with this plan was written before. */
        BEFORE,
        /** The plan is another one by now; nothing was written. */
        OUT_OF_DATE
    }

    /**
     * What was done.
     *
     * @param run the run; null if there is none
     * @param digest that of the plan as it is now
     * @param skipped records that somebody else changed meanwhile, which were left as they are
     */
    public record Result(Outcome outcome, @Nullable RepriceRun run, String digest, long skipped) {}

    /** The cost that a record is to get. */
    private record Next(Cost cost, Optional<PriceEntry> price, Change change) {}

    /** Takes a page of records. */
    private interface Pages {
        void page(List<LedgerEntry> entries);
    }

    private final Ledger ledger;
    private final Selection selection;
    private final PriceBook prices;
    private final @Nullable RepriceRun undone;
    private final String reason;
    private final ZoneId zone;
    private final Optional<Instant> closedBefore;

    private Repricing(
            Ledger ledger,
            Selection selection,
            PriceBook prices,
            @Nullable RepriceRun undone,
            String reason,
            ZoneId zone) {
        this.ledger = ledger;
        this.selection = selection;
        this.prices = prices;
        this.undone = undone;
        // Checked as each revaluation will be.
        this.reason = new Revaluation(
                        RecordId.of("checked"),
                        RecordId.of("checked"),
                        1,
                        "checked",
                        reason,
                        new Cost.Given(Usd.ZERO, PricingStatus.PRICED))
                .reason();
        this.zone = zone;
        closedBefore = PeriodMark.closedBefore(ledger.periodMarks());
    }

    /**
     * Prices records again.
     *
     * @param ledger whose they are
     * @param prices the book to price by
     * @param reason why, 1 to 512 characters
     * @param zone whose months a plan is told by
     * @throws IllegalArgumentException if the reason is empty, too long or no text
     */
    public static Repricing of(Ledger ledger, Selection selection, PriceBook prices, String reason, ZoneId zone) {
        return new Repricing(ledger, selection, prices, null, reason, zone);
    }

    /**
     * Gives records back what they cost before a run, as far as they were not reversed or repriced since.
     *
     * @param run the run
     * @throws IllegalArgumentException if the reason is empty, too long or no text
     */
    public static Repricing undo(Ledger ledger, RepriceRun run, String reason, ZoneId zone) {
        Selection all = new Selection(EnumSet.allOf(PricingStatus.class), true, TimeWindow.all(), Map.of());
        return new Repricing(ledger, all, PriceBook.empty(), run, reason, zone);
    }

    private String scope() {
        return undone == null ? selection.scope() : "undo of " + undone.id();
    }

    /** The run that was begun for the same and not finished; empty if there is none. */
    public Optional<RepriceRun> unfinished() {
        return RepriceRun.of(ledger).stream()
                .filter(run -> !run.applied()
                        && run.scope().equals(scope())
                        && run.reason().equals(reason))
                .findFirst();
    }

    /** What would change. Nothing is written. */
    public RepricePlan plan() {
        RepricePlan plan = new RepricePlan(zone);
        walk(entries -> entries.forEach(entry -> {
            plan.see(entry);
            Next next = next(entry, plan);
            if (next != null) {
                plan.add(entry, next.cost, next.change);
            }
        }));
        if (undone != null && plan.total().records() + plan.closed() < undone.records()) {
            nameLeft(undone, plan);
        }
        return plan;
    }

    /** Names the records of a run that were reversed or repriced since. */
    private void nameLeft(RepriceRun run, RepricePlan plan) {
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(true).limit(PAGE);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            Map<RecordId, LedgerEntry> known = new HashMap<>();
            page.entries().stream()
                    .filter(entry -> entry.kind() == Kind.USAGE)
                    .forEach(entry -> known.put(entry.id(), entry));
            for (LedgerEntry entry : page.entries()) {
                RecordId id = entry.record().id();
                if (entry.kind() == Kind.REVALUATION
                        && entry.revaluation().orElseThrow().run().equals(run.id())) {
                    LedgerEntry record = Optional.ofNullable(known.get(id))
                            .or(() -> ledger.find(id))
                            .orElseThrow();
                    String later = record.revaluation().orElseThrow().run();
                    if (!record.inForce()) {
                        plan.addLeft(id, "reversed since");
                    } else if (!later.equals(run.id())) {
                        plan.addLeft(id, "repriced since by the run " + later);
                    }
                }
            }
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
    }

    /**
     * Changes it.
     *
     * @param digest the plan's, without which whatever is to be changed now is
     * @param clock tells when the run was written to
     * @param progress is told how many records are done
     */
    public Result apply(Optional<String> digest, InstantSource clock, LongConsumer progress) {
        Optional<RepriceRun> open = unfinished();
        if (open.isPresent()
                && (digest.isEmpty() || digest.get().equals(open.get().digest()))) {
            return write(open.get(), Long.MAX_VALUE, clock, progress);
        }
        if (digest.isPresent()) {
            Optional<RepriceRun> before = RepriceRun.of(ledger).stream()
                    .filter(run -> run.applied() && run.digest().equals(digest.get()))
                    .findFirst();
            if (before.isPresent()) {
                return new Result(Outcome.BEFORE, before.get(), digest.get(), 0);
            }
        }
        RepricePlan plan = plan();
        String now = plan.digest();
        if (digest.isPresent() && !digest.get().equals(now)) {
            return new Result(Outcome.OUT_OF_DATE, null, now, 0);
        }
        if (open.isPresent()) {
            // What is left of a run that was stopped.
            return write(open.get(), plan.lastSequence(), clock, progress);
        }
        if (plan.total().records() == 0) {
            return new Result(Outcome.NOTHING, null, now, 0);
        }
        Instant began = clock.instant().truncatedTo(ChronoUnit.MICROS);
        String lists = prices.layers().stream().map(PriceLayer::name).collect(Collectors.joining(", "));
        RepriceRun run = new RepriceRun(
                RecordId.generate().value(),
                false,
                scope(),
                reason,
                now,
                lists,
                began,
                began,
                0,
                0,
                Usd.ZERO,
                Usd.ZERO);
        return write(run, plan.lastSequence(), clock, progress);
    }

    private Result write(RepriceRun begun, long lastSequence, InstantSource clock, LongConsumer progress) {
        Writing writing = new Writing(begun, lastSequence, clock, progress);
        walk(writing::page);
        return new Result(Outcome.APPLIED, writing.end(), begun.digest(), writing.skipped);
    }

    /** The commits of one run. */
    private final class Writing {

        private final long lastSequence;
        private final InstantSource clock;
        private final LongConsumer progress;
        private RepriceRun run;
        private long skipped;

        Writing(RepriceRun run, long lastSequence, InstantSource clock, LongConsumer progress) {
            this.run = run;
            this.lastSequence = lastSequence;
            this.clock = clock;
            this.progress = progress;
        }

        void page(List<LedgerEntry> entries) {
            RepricePlan unused = new RepricePlan(zone);
            List<LedgerEntry> changed = new ArrayList<>();
            List<Next> nexts = new ArrayList<>();
            Batch.Builder batch = Batch.builder();
            for (LedgerEntry entry : entries) {
                Next next = entry.sequence() > lastSequence ? null : next(entry, unused);
                if (next != null) {
                    changed.add(entry);
                    nexts.add(next);
                    batch.step(new Batch.Step.Revalue(entry, next.cost, next.price, run.id(), reason));
                }
            }
            if (changed.isEmpty()) {
                return;
            }
            RepriceRun all = run;
            for (int i = 0; i < changed.size(); i++) {
                all = with(all, changed.get(i), nexts.get(i));
            }
            List<WriteResult> results =
                    ledger.write(batch.readerState(all.key(), all.state()).build());
            // What was refused is taken out of the figures with the next commit.
            RepriceRun done = run;
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof WriteResult.Revalued) {
                    done = with(done, changed.get(i), nexts.get(i));
                } else if (results.get(i) instanceof AppendResult.Rejected) {
                    skipped++;
                }
            }
            run = done;
            progress.accept(run.records());
        }

        private RepriceRun with(RepriceRun so, LedgerEntry entry, Next next) {
            boolean fills = next.change == Change.FILL;
            return new RepriceRun(
                    so.id(),
                    false,
                    so.scope(),
                    so.reason(),
                    so.digest(),
                    so.prices(),
                    so.began(),
                    clock.instant().truncatedTo(ChronoUnit.MICROS),
                    so.filled() + (fills ? 1 : 0),
                    so.corrected() + (fills ? 0 : 1),
                    so.before().plus(entry.effectiveCost().amount()),
                    so.after().plus(next.cost.amount()));
        }

        RepriceRun end() {
            RepriceRun whole = new RepriceRun(
                    run.id(),
                    true,
                    run.scope(),
                    run.reason(),
                    run.digest(),
                    run.prices(),
                    run.began(),
                    clock.instant().truncatedTo(ChronoUnit.MICROS),
                    run.filled(),
                    run.corrected(),
                    run.before(),
                    run.after());
            ledger.write(Batch.builder().readerState(whole.key(), whole.state()).build());
            return whole;
        }
    }

    /** Goes through the records in force that the selection has, page by page; they may be changed meanwhile. */
    private void walk(Pages pages) {
        if (selection.statuses().size() == PricingStatus.values().length) {
            walk(RecordQuery.over(selection.window()), pages);
            return;
        }
        for (PricingStatus status : selection.statuses()) {
            walk(RecordQuery.over(selection.window()).where(Dimension.PRICING_STATUS, status.text()), pages);
        }
    }

    private void walk(RecordQuery.Builder query, Pages pages) {
        selection.filters().forEach(query::where);
        query.limit(PAGE);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            pages.page(page.entries().stream()
                    .filter(entry -> entry.kind() == Kind.USAGE)
                    .toList());
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
    }

    /** What a record is to cost; null if it stays as it is. */
    private @Nullable Next next(LedgerEntry entry, RepricePlan plan) {
        Next next = undone == null ? repriced(entry, plan) : undone(entry, undone);
        if (next != null && closedBefore.filter(entry.occurred()::isBefore).isPresent()) {
            plan.addClosed();
            return null;
        }
        return next;
    }

    private @Nullable Next repriced(LedgerEntry entry, RepricePlan plan) {
        Cost before = entry.effectiveCost();
        UsageRecord record = entry.record();
        if (record.givenCost().isPresent()) {
            if (!selection.given()) {
                return null;
            }
            record = record.toBuilder().withoutCost().build();
        }
        Cost after;
        try {
            after = prices.price(record, entry.occurred());
        } catch (IllegalArgumentException e) {
            // Above what a record can cost.
            plan.addWorse();
            return null;
        }
        if (after.equals(before) || alike(before, after)) {
            if (before.status() != PricingStatus.PRICED) {
                plan.addWithoutPrice();
            }
            return null;
        }
        if (!knowsMore(before, after)) {
            if (before.status() == PricingStatus.PRICED || after.status() == PricingStatus.UNPRICED) {
                plan.addWorse();
            } else {
                plan.addWithoutPrice();
            }
            return null;
        }
        Optional<PriceEntry> price = prices.find(record, entry.occurred())
                .filter(found -> after.priceId().equals(Optional.of(found.id())));
        return new Next(after, price, Change.of(before));
    }

    /** The same amount by the same price; a record may have been priced by an older rule for the same. */
    private static boolean alike(Cost before, Cost after) {
        return before.amount().equals(after.amount())
                && before.status() == after.status()
                && before.priceId().equals(after.priceId());
    }

    /** Whether a cost leaves out less than another, or neither leaves out anything. */
    private static boolean knowsMore(Cost before, Cost after) {
        if (after.status() == PricingStatus.PRICED) {
            return true;
        }
        if (before.status() == PricingStatus.UNPRICED) {
            return after.status() == PricingStatus.PARTIAL;
        }
        return before.status() == PricingStatus.PARTIAL
                && after.status() == PricingStatus.PARTIAL
                && missing(after) < missing(before);
    }

    private static long missing(Cost cost) {
        return cost.unpricedTokens().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()
                + cost.unpricedCalls().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
    }

    private @Nullable Next undone(LedgerEntry entry, RepriceRun run) {
        Optional<Revaluation> last = entry.revaluation().filter(one -> one.run().equals(run.id()));
        return last.isEmpty() ? null : new Next(earlier(entry, last.get()), Optional.empty(), Change.UNDO);
    }

    /** What a record cost before its last revaluation. */
    private Cost earlier(LedgerEntry entry, Revaluation last) {
        if (last.number() == 1) {
            return entry.cost();
        }
        return history(ledger, entry).stream()
                .filter(one -> one.kind() == Kind.REVALUATION && one.revaluations() == last.number() - 1)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the record " + entry.id() + " lacks a revaluation"))
                .cost();
    }

    /** A record and all that was done to it, in the order of writing. */
    public static List<LedgerEntry> history(Ledger ledger, LedgerEntry record) {
        TimeWindow instant = TimeWindow.of(record.occurred(), record.occurred().plus(1, ChronoUnit.MICROS));
        RecordQuery.Builder query = RecordQuery.over(instant).history(true).limit(RecordQuery.MAX_LIMIT);
        List<LedgerEntry> found = new ArrayList<>();
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            page.entries().stream()
                    .filter(entry -> entry.record().id().equals(record.record().id()))
                    .forEach(found::add);
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        found.sort(Comparator.comparingLong(LedgerEntry::sequence));
        return found;
    }
}
