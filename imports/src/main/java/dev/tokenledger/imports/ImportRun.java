package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.WriteResult;
import dev.tokenledger.imports.LogCall.CopyMerge;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One import of streams under way: gathers records, commits them, counts.
 *
 * <p>A line counts as used once the ledger has answered one of its records, and as skipped when it refused all of them; so
 * the batch remembers which line each record is from, and is committed only between lines.
 */
final class ImportRun implements ImportSink {

    private final StepWriter writer;
    private final Ledger ledger;
    private final int batchSize;
    private final ImportListener listener;
    private final Tally tally;

    private final List<Pending> pending = new ArrayList<>();
    private final Map<String, String> states = new LinkedHashMap<>();

    private @Nullable ImportInput input;
    private int fileCount;
    private int firstProblem;

    /** @param correction how the record came to what is there; null where nothing is corrected */
    private record Pending(long line, Step step, @Nullable Correction correction) {}

    ImportRun(StepWriter writer, Ledger ledger, int batchSize, ImportListener listener) {
        this.writer = writer;
        this.ledger = ledger;
        this.batchSize = batchSize;
        this.listener = listener;
        tally = new Tally(listener);
    }

    void begin(ImportInput begun, int count) {
        input = begun;
        fileCount = count;
        firstProblem = tally.problems();
        tally.file();
        progress();
    }

    /** Commits what is left of the file. */
    void end() {
        commit();
        tally.sortProblems(firstProblem);
        progress();
    }

    void unreadable(String message) {
        tally.unreadable(name(), message);
    }

    ImportReport report(String source) {
        return tally.report(source, writer.dry());
    }

    @Override
    public void append(long line, UsageRecord record) {
        add(line, new Step.Append(record), null);
    }

    @Override
    public void append(long line, UsageRecord record, Elsewhere elsewhere, CopyMerge merge) {
        Correction correction = new Correction(merge);
        add(line, new Step.Revise(record.id().value(), elsewhere, record, correction), correction);
    }

    @Override
    public void revise(long line, String key, UsageRecord record, Merge merge) {
        add(line, new Step.Revise(key, record, merge), null);
    }

    @Override
    public void use(long line) {
        tally.use(1);
    }

    @Override
    public void ignore(long line) {
        tally.ignore(1);
    }

    @Override
    public void skip(long line, String reason, String message) {
        tally.skip(1, name(), line, reason, message);
    }

    @Override
    public void state(String key, String state) {
        states.put(key, state);
    }

    private void add(long line, Step step, @Nullable Correction correction) {
        boolean newLine = pending.isEmpty() || pending.get(pending.size() - 1).line != line;
        if ((newLine && pending.size() >= batchSize) || pending.size() == Batch.MOST) {
            commit();
        }
        pending.add(new Pending(line, step, correction));
    }

    private void commit() {
        if (pending.isEmpty() && states.isEmpty()) {
            return;
        }
        List<Pending> batch = List.copyOf(pending);
        Map<String, String> withStates = Map.copyOf(states);
        pending.clear();
        states.clear();
        count(batch, writer.write(batch.stream().map(Pending::step).toList(), withStates));
        progress();
    }

    private void count(List<Pending> batch, List<WriteResult> results) {
        int i = 0;
        while (i < batch.size()) {
            long line = batch.get(i).line;
            String refusal = "";
            boolean answered = false;
            for (; i < batch.size() && batch.get(i).line == line; i++) {
                WriteResult result = results.get(i);
                if (result instanceof AppendResult.Rejected rejected) {
                    refusal = rejected.reason();
                } else {
                    answered = true;
                    count(batch.get(i), result);
                }
            }
            if (!answered) {
                skip(line, ImportProblem.REFUSED, refusal);
            } else {
                tally.use(1);
                if (!refusal.isEmpty()) {
                    tally.problem(name(), line, ImportProblem.REFUSED, refusal);
                }
            }
        }
    }

    private void count(Pending of, WriteResult first) {
        WriteResult result = of.correction != null && of.correction.conflict != null ? of.correction.conflict : first;
        if (result instanceof AppendResult.Conflict conflict && isOwnExport(of.step.record(), conflict)) {
            tally.duplicate();
        } else {
            tally.answer(result, of.step.record(), name(), of.line);
        }
    }

    /** Leaves the record in force as it is where it is another call's, and remembers in what the two differ. */
    private static final class Correction implements Merge {

        private final CopyMerge merge;
        private AppendResult.@Nullable Conflict conflict;

        Correction(CopyMerge merge) {
            this.merge = merge;
        }

        @Override
        public UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
            // A batch may be written again, after its first attempt failed.
            conflict = null;
            Optional<UsageRecord> merged;
            try {
                merged = merge.merge(inForce, offered);
            } catch (IllegalArgumentException e) {
                // The two are no record together: the stored one stays, and the batch goes on.
                merged = Optional.empty();
            }
            if (merged.isEmpty()) {
                inForce.firstDifference(offered)
                        .ifPresent(difference -> conflict = new AppendResult.Conflict(
                                inForce.id(), difference.field(), difference.stored(), difference.offered()));
            }
            return merged.orElse(inForce);
        }
    }

    /**
     * Whether the record is this ledger's own, come back from an export: an export states the cost that the ledger computed,
     * which makes it a given one.
     */
    private boolean isOwnExport(UsageRecord offered, AppendResult.Conflict conflict) {
        return offered.givenCost().isPresent()
                && ledger.find(conflict.id())
                        .filter(entry -> entry.record().givenCost().isEmpty())
                        .map(entry -> entry.record().toBuilder()
                                .cost(entry.cost().amount())
                                .pricingStatus(entry.cost().status())
                                .build())
                        .map(exported -> exported.firstDifference(offered).isEmpty())
                        .orElse(false);
    }

    private String name() {
        return input == null ? "" : input.name();
    }

    private void progress() {
        if (input != null) {
            listener.progress(input, (int) tally.files(), fileCount, tally.lines(), tally.calls());
        }
    }
}
