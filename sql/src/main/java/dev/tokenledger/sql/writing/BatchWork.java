package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.records.PreparedRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A batch on its way through the {@link GroupCommit}. */
final class BatchWork implements Work<List<WriteResult>> {

    /** From so many steps on, records are prepared by several threads: pricing takes no locks. */
    private static final int MANY = 512;

    private final Batch batch;
    private final boolean revises;

    /** For each step the prepared record to append; null for what is done to other records. */
    private final List<@Nullable PreparedRecord> rows;

    /**
     * For each step of a large batch the record of a key's first revision, which is what most keys are for; null for any other
     * step, and in a small batch, whose keys are mostly known.
     */
    private final List<@Nullable PreparedRecord> firsts;

    /** For each step the record that was staged for it; null for one that is done. */
    private final List<@Nullable PreparedRecord> staged = new ArrayList<>();

    private final List<@Nullable WriteResult> revised = new ArrayList<>();

    BatchWork(Batch batch, PriceBook prices, Instant now) {
        this.batch = batch;
        List<Batch.Step> steps = batch.steps();
        revises = steps.stream().anyMatch(Batch.Step.Revise.class::isInstance);
        rows = each(steps, step -> prepared(step, prices, now));
        firsts = each(
                steps,
                step -> steps.size() >= MANY && step instanceof Batch.Step.Revise revise
                        ? WriteKernel.prepare(Revision.first(revise).record(), prices, now)
                        : null);
    }

    private static List<@Nullable PreparedRecord> each(
            List<Batch.Step> steps, Function<Batch.Step, @Nullable PreparedRecord> prepare) {
        @Nullable PreparedRecord[] prepared = new @Nullable PreparedRecord[steps.size()];
        IntFunction<@Nullable PreparedRecord> each = i -> prepare.apply(steps.get(i));
        if (steps.size() < MANY) {
            Arrays.setAll(prepared, each);
        } else {
            Arrays.parallelSetAll(prepared, each);
        }
        return Arrays.asList(prepared);
    }

    private static @Nullable PreparedRecord prepared(Batch.Step step, PriceBook prices, Instant now) {
        if (step instanceof Batch.Step.Restore restore) {
            return restore.entry().kind() == LedgerEntry.Kind.USAGE
                    ? PreparedRecord.restored(restore.entry(), restore.price().orElse(null))
                    : null;
        }
        return step instanceof Batch.Step.Append ? WriteKernel.prepare(step.record(), prices, now) : null;
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public void apply(WriteKernel kernel) throws SQLException {
        staged.clear();
        revised.clear();
        // Most keys are new when there are many, and their records are staged and inserted together as others are.
        Set<String> taken = revises ? Corrections.taken(kernel, batch) : Set.of();
        Queue<WriteResult> revaluations = new ArrayDeque<>();
        int revaluedTo = 0;
        for (int i = 0; i < rows.size(); i++) {
            PreparedRecord row = rows.get(i);
            WriteResult result = null;
            if (row != null) {
                if (revises) {
                    taken.add(row.record().id().value());
                    taken.add(Revision.key(row.record().id()));
                }
            } else if (batch.steps().get(i) instanceof Batch.Step.Revise step) {
                boolean elsewhere = Revision.looksForRequest(step)
                        || step.elsewhere().revised().stream().anyMatch(taken::contains)
                        || step.elsewhere().replaced().stream().anyMatch(taken::contains);
                if (taken.add(step.key()) && !elsewhere) {
                    row = firsts.get(i);
                    row = row == null ? kernel.firstRevision(step) : row;
                } else {
                    result = Corrections.revise(kernel, step);
                }
            } else if (batch.steps().get(i) instanceof Batch.Step.Restore step) {
                result = switch (step.entry().kind()) {
                    case REVERSAL -> Corrections.restoreReversal(kernel, step.entry());
                    case REVALUATION -> Corrections.restoreRevaluation(kernel, step);
                    case USAGE, ADJUSTMENT -> Corrections.restoreAdjustment(kernel, step.entry());
                };
            } else if (batch.steps().get(i) instanceof Batch.Step.Adjust step) {
                result = Corrections.adjust(kernel, step);
            } else if (i >= revaluedTo) {
                List<Batch.Step.Revalue> together = revaluations(i);
                revaluations.addAll(Corrections.revalue(kernel, together));
                revaluedTo = i + together.size();
                result = revaluations.remove();
            } else {
                result = revaluations.remove();
            }
            if (row != null) {
                kernel.stage(row);
            }
            staged.add(row);
            revised.add(result);
        }
        if (!batch.readerStates().isEmpty()) {
            kernel.records().putReaderStates(batch.readerStates());
        }
    }

    /** The revaluations from a step on, up to a step of another kind: they are written together. */
    private List<Batch.Step.Revalue> revaluations(int from) {
        List<Batch.Step.Revalue> together = new ArrayList<>();
        for (int i = from; i < rows.size() && batch.steps().get(i) instanceof Batch.Step.Revalue step; i++) {
            together.add(step);
        }
        return together;
    }

    /** A first revision whose id was free when its key was looked up may have been taken by another process since. */
    @Override
    public void check() throws SQLException {
        if (!revises) {
            return;
        }
        for (int i = 0; i < rows.size(); i++) {
            PreparedRecord row = staged.get(i);
            boolean first = rows.get(i) == null && row != null;
            if (first
                    && !(row.result() instanceof AppendResult.Appended)
                    && !(row.result() instanceof AppendResult.Rejected)) {
                throw new LostRaceException("the key " + row.record().id());
            }
        }
    }

    @Override
    public List<WriteResult> result() {
        List<WriteResult> results = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            PreparedRecord row = staged.get(i);
            results.add(row != null ? row.result() : Objects.requireNonNull(revised.get(i)));
        }
        return results;
    }
}
