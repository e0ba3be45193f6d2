package dev.tokenledger.sources;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.WriteResult;
import dev.tokenledger.model.Texts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One import under way: gathers records, commits them, counts.
 *
 * <p>A line counts as used once the ledger has answered one of its records, and as skipped when it refused all of them; so
 * the batch remembers which line each record is from, and is committed only between lines.
 */
final class ImportRun implements ImportSink {

    private static final int LONGEST_MESSAGE = 500;
    private static final int SHOWN_VALUE = 64;

    private final Ledger ledger;
    private final @Nullable DryRun dryRun;
    private final int batchSize;
    private final ImportListener listener;
    private final long started = System.nanoTime();

    private final List<Pending> pending = new ArrayList<>();
    private final Map<String, String> states = new LinkedHashMap<>();
    private final SortedMap<String, Long> skippedReasons = new TreeMap<>();
    private final List<ImportProblem> problems = new ArrayList<>();

    private @Nullable ImportInput input;
    private int file;
    private int fileCount;
    private int firstProblem;
    private long unreadableFiles;
    private long used;
    private long ignored;
    private long skipped;
    private long appended;
    private long duplicates;
    private long corrected;
    private long conflicts;

    private record Pending(long line, Step step) {}

    ImportRun(Ledger ledger, @Nullable DryRun dryRun, int batchSize, ImportListener listener) {
        this.ledger = ledger;
        this.dryRun = dryRun;
        this.batchSize = batchSize;
        this.listener = listener;
    }

    void begin(ImportInput begun, int number, int count) {
        input = begun;
        file = number;
        fileCount = count;
        firstProblem = problems.size();
        progress();
    }

    /** Commits what is left of the file. */
    void end() {
        commit();
        // Conflicts are only known once a batch is committed; a reader of the report wants them by line.
        problems.subList(firstProblem, problems.size()).sort(Comparator.comparingLong(ImportProblem::line));
        progress();
    }

    void unreadable(String message) {
        unreadableFiles++;
        problem(0, ImportProblem.UNREADABLE_FILE, message);
    }

    ImportReport report(String source) {
        return new ImportReport(
                source,
                dryRun != null,
                file,
                unreadableFiles,
                lines(),
                used,
                ignored,
                skipped,
                skippedReasons,
                calls(),
                appended,
                duplicates,
                corrected,
                conflicts,
                problems,
                Duration.ofNanos(System.nanoTime() - started));
    }

    @Override
    public void append(long line, UsageRecord record) {
        add(line, new Step.Append(record));
    }

    @Override
    public void reconcile(long line, String key, UsageRecord record, Merge merge) {
        add(line, new Step.Reconcile(key, record, merge));
    }

    @Override
    public void use(long line) {
        used++;
    }

    @Override
    public void ignore(long line) {
        ignored++;
    }

    @Override
    public void skip(long line, String reason, String message) {
        skipped++;
        skippedReasons.merge(reason, 1L, Long::sum);
        problem(line, reason, message);
    }

    @Override
    public void state(String key, String state) {
        states.put(key, state);
    }

    private void add(long line, Step step) {
        boolean newLine = pending.isEmpty() || pending.get(pending.size() - 1).line != line;
        if ((newLine && pending.size() >= batchSize) || pending.size() == Batch.MOST) {
            commit();
        }
        pending.add(new Pending(line, step));
    }

    private void commit() {
        if (pending.isEmpty() && states.isEmpty()) {
            return;
        }
        List<Pending> batch = List.copyOf(pending);
        Map<String, String> withStates = Map.copyOf(states);
        pending.clear();
        states.clear();
        List<Answer> answers = new ArrayList<>(batch.size());
        if (dryRun == null) {
            write(batch, withStates, answers);
        } else {
            for (Pending each : batch) {
                answers.add(tried(dryRun, each));
            }
        }
        count(answers);
        progress();
    }

    /** What became of a record: the ledger's answer, or why it refused. */
    private record Answer(Pending of, @Nullable WriteResult result, String refusal) {}

    /** Writes records; where the ledger refuses one, in halves, until that one stands alone. */
    private void write(List<Pending> batch, Map<String, String> withStates, List<Answer> answers) {
        try {
            List<WriteResult> results = ledger.write(batch(batch, withStates));
            for (int i = 0; i < batch.size(); i++) {
                answers.add(new Answer(batch.get(i), results.get(i), ""));
            }
        } catch (IllegalArgumentException e) {
            if (batch.isEmpty()) {
                throw e;
            }
            if (batch.size() == 1) {
                answers.add(new Answer(batch.get(0), null, String.valueOf(e.getMessage())));
                if (!withStates.isEmpty()) {
                    write(List.of(), withStates, answers);
                }
                return;
            }
            int half = batch.size() / 2;
            write(batch.subList(0, half), Map.of(), answers);
            write(batch.subList(half, batch.size()), withStates, answers);
        }
    }

    private static Answer tried(DryRun dryRun, Pending pending) {
        try {
            return new Answer(pending, dryRun.write(pending.step), "");
        } catch (IllegalArgumentException e) {
            return new Answer(pending, null, String.valueOf(e.getMessage()));
        }
    }

    private static Batch batch(List<Pending> batch, Map<String, String> states) {
        Batch.Builder builder = Batch.builder();
        for (Pending pending : batch) {
            if (pending.step instanceof Step.Reconcile reconcile) {
                builder.reconcile(reconcile.key(), reconcile.record(), reconcile.merge());
            } else {
                builder.append(pending.step.record());
            }
        }
        states.forEach(builder::readerState);
        return builder.build();
    }

    private void count(List<Answer> answers) {
        int i = 0;
        while (i < answers.size()) {
            long line = answers.get(i).of.line;
            String refusal = "";
            boolean answered = false;
            for (; i < answers.size() && answers.get(i).of.line == line; i++) {
                Answer answer = answers.get(i);
                if (answer.result == null) {
                    refusal = answer.refusal;
                } else {
                    answered = true;
                    count(answer.of, answer.result);
                }
            }
            if (!answered) {
                skip(line, ImportProblem.REFUSED, refusal);
            } else {
                used++;
                if (!refusal.isEmpty()) {
                    problem(line, ImportProblem.REFUSED, refusal);
                }
            }
        }
    }

    private void count(Pending pending, WriteResult result) {
        if (result instanceof AppendResult.Appended) {
            appended++;
        } else if (result instanceof AppendResult.Duplicate) {
            duplicates++;
        } else if (result instanceof WriteResult.Corrected) {
            corrected++;
        } else if (result instanceof AppendResult.Conflict conflict) {
            if (isOwnExport(pending.step.record(), conflict)) {
                duplicates++;
                return;
            }
            conflicts++;
            problem(
                    pending.line,
                    ImportProblem.CONFLICT,
                    "the id " + conflict.id() + " is taken by a record that differs in " + conflict.field()
                            + ": stored \"" + Texts.cut(conflict.stored(), SHOWN_VALUE) + "\", offered \""
                            + Texts.cut(conflict.offered(), SHOWN_VALUE) + "\"; the stored one stays");
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

    private void problem(long line, String reason, String message) {
        String name = input == null ? "" : input.name();
        ImportProblem problem = new ImportProblem(name, line, reason, Texts.cut(message, LONGEST_MESSAGE));
        if (problems.size() < ImportReport.MOST_PROBLEMS) {
            problems.add(problem);
        }
        listener.problem(problem);
    }

    private void progress() {
        if (input != null) {
            listener.progress(input, file, fileCount, lines(), calls());
        }
    }

    private long lines() {
        return used + ignored + skipped;
    }

    private long calls() {
        return appended + duplicates + corrected + conflicts;
    }
}
