package dev.tokenledger.imports;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.imports.Attempt.Verdict;
import dev.tokenledger.imports.FileReading.Chunk;
import dev.tokenledger.imports.FileReading.FoundFile;
import dev.tokenledger.imports.ImportedCall.Offer;
import dev.tokenledger.imports.UsageSource.Growth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One import under way.
 *
 * <p>Several threads read files; the calling thread takes what they yield file by file in the order of their paths, merges the
 * copies of each call, and writes. So what is stored does not depend on which thread was faster. Calls are gathered until {@code
 * maxPending} of them are waiting or all files are read, and then written by the time of the call; only then are the states of
 * the files written that they are from. A program that dies in between has stored calls of which it does not know, and finds
 * them to be duplicates the next time; it never knows of a file what it has not stored.
 *
 * <p>A file of which nothing is remembered may be a stream without an end, and what becomes of a line may depend on those before.
 * So it is read alone, and its calls are written in the order of its lines as soon as a batch is full.
 *
 * <p>The words for what is under way: a source tells of {@link ImportedCall calls}; a {@link LocatedCall} knows the lines that it
 * is from; a call has {@link ImportedCall.Offer offers} for the ledger; each goes there by an {@link Attempt}, of one step or
 * several.
 */
final class ImportRun {

    /** How many files are read ahead of the one whose turn it is; with the size of a chunk it bounds the memory. */
    private static final int READ_AHEAD = 32;

    private static final int CHUNK = 4_096;

    /** The most runs of repricing that are taken over from other ledgers. */
    private static final int MAX_KEPT = 100_000;

    private static final int FEW_FILES = 16;

    /** From so many calls on, their records are made by several threads: nobody reads files by then. */
    private static final int MANY = 512;

    private static final int MAX_STATE_KEY = 4_000;
    private static final long POLL_MILLIS = 100;

    private final Ledger ledger;
    private final StepWriter writer;
    private final int batchSize;
    private final int threads;
    private final int maxPending;
    private final ImportListener listener;
    private final Tally tally;

    private final LongAdder bytesRead = new LongAdder();
    private final Lines.Buffers buffers = new Lines.Buffers();
    private final Map<String, String> states = new LinkedHashMap<>();
    private final Map<String, String> kept = new LinkedHashMap<>();
    private @Nullable PeriodMark mark;
    private Map<String, LocatedCall> pending = new LinkedHashMap<>();
    private String fileName = "";
    private int fileCount;
    private int firstProblem;
    private long lines;
    private long bytes;

    ImportRun(StepWriter writer, Ledger ledger, int batchSize, int threads, int maxPending, ImportListener listener) {
        this.ledger = ledger;
        this.writer = writer;
        this.batchSize = batchSize;
        this.threads = threads;
        this.maxPending = maxPending;
        this.listener = listener;
        tally = new Tally(listener);
    }

    /** Imports a log's files: those below these folders, and these files. */
    ImportReport run(LogSource source, List<Path> paths) {
        FileFinder finder = new FileFinder(source);
        finder.find(paths);
        finder.failed().forEach((path, failure) -> {
            tally.file();
            tally.unreadable(path.toString(), Importer.problem(failure));
        });
        return run(source, changed(source, finder), finder.found().size());
    }

    /** Imports files and streams of which nothing is remembered. */
    ImportReport run(UsageSource source, Collection<ImportFile> files) {
        for (ImportFile file : files) {
            bytes += size(file);
        }
        return run(source, files.stream().map(FoundFile::unremembered).toList(), files.size());
    }

    private static long size(ImportFile file) {
        try {
            return file.file().isPresent() ? Files.size(file.file().get()) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private ImportReport run(UsageSource source, List<FoundFile> files, int count) {
        fileCount = count;
        read(source, files);
        write(true, true);
        writeKept();
        return report(source);
    }

    /** What an export says besides its entries, as far as the ledger says nothing of that itself. */
    private void writeKept() {
        if (writer.dry()) {
            return;
        }
        Map<String, String> missing = new LinkedHashMap<>();
        kept.forEach((key, state) -> {
            if (ledger.readerState(key).isEmpty()) {
                missing.put(key, state);
            }
        });
        writer.write(List.of(), missing);
        PeriodMark closed = mark;
        if (closed != null && ledger.periodMarks().isEmpty()) {
            ledger.markPeriod(closed.closedBefore(), zone(closed), closed.reason());
        }
    }

    private static ZoneId zone(PeriodMark mark) {
        try {
            return ZoneId.of(mark.zone());
        } catch (DateTimeException e) {
            // Written by a machine that knows more zones.
            return ZoneOffset.UTC;
        }
    }

    /** What was done so far. */
    ImportReport report(UsageSource source) {
        return tally.report(source.name(), writer.dry());
    }

    /** The files with something new in them. */
    private List<FoundFile> changed(LogSource source, FileFinder finder) {
        String prefix = source.name() + ":";
        Map<String, String> known = finder.found().size() > FEW_FILES ? ledger.readerStates(prefix) : null;
        List<FoundFile> files = new ArrayList<>();
        finder.found().forEach((path, look) -> {
            String key = prefix + path;
            String text = known == null ? ledger.readerState(key).orElse(null) : known.get(key);
            Optional<FileState> state = Optional.ofNullable(text).flatMap(FileState::parse);
            if (state.isEmpty()) {
                tally.newFile();
            }
            Growth growth = source.growth(path);
            if (growth == Growth.UNREMEMBERED) {
                files.add(FoundFile.unremembered(ImportFile.of(path)));
            } else if (growth != Growth.UNDETECTABLE
                    && state.isPresent()
                    && state.get().unchanged(look)) {
                tally.unchangedFile();
            } else {
                files.add(new FoundFile(ImportFile.of(path), growth, look, state));
                bytes += Math.max(0, look.size() - state.map(FileState::offset).orElse(0L));
            }
        });
        return files;
    }

    private void read(UsageSource source, List<FoundFile> files) {
        if (files.isEmpty()) {
            return;
        }
        ExecutorService readers = Executors.newFixedThreadPool(Math.min(threads, files.size()), work -> {
            Thread thread = new Thread(work, "tokenledger-import");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<FileReading> ahead = new ArrayDeque<>();
            Iterator<FoundFile> next = files.iterator();
            while (next.hasNext() || !ahead.isEmpty()) {
                while (next.hasNext() && mayReadAhead(ahead)) {
                    FoundFile file = next.next();
                    int chunk = file.remembered() ? CHUNK : Math.min(CHUNK, batchSize);
                    FileReading reading = new FileReading(source, file, chunk, bytesRead, buffers);
                    ahead.add(reading);
                    readers.execute(reading);
                }
                take(source.name(), ahead.remove());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerInterruptedException(
                    "the import was interrupted; what is stored stays, and importing again takes up the rest", e);
        } finally {
            readers.shutdownNow();
        }
    }

    private static boolean mayReadAhead(Deque<FileReading> ahead) {
        return ahead.isEmpty() || (ahead.peek().file().remembered() && ahead.size() < READ_AHEAD);
    }

    /** Takes all that one file yields. */
    private void take(String source, FileReading reading) throws InterruptedException {
        FoundFile file = reading.file();
        fileName = file.remembered() ? "" : file.name();
        firstProblem = tally.problems();
        tally.file();
        progress();
        while (true) {
            Chunk chunk = reading.poll(POLL_MILLIS);
            if (chunk != null) {
                take(source, file, chunk);
                if (chunk.last()) {
                    progress();
                    return;
                }
            }
            if (file.remembered()) {
                progress();
            }
        }
    }

    private void take(String source, FoundFile file, Chunk chunk) {
        if (chunk.defect() instanceof Error defect) {
            throw defect;
        }
        chunk.calls().forEach((key, call) -> pending.merge(key, call, LocatedCall::merge));
        lines += chunk.lines();
        tally.use(chunk.used());
        tally.ignore(chunk.ignored());
        chunk.skipped().forEach((reason, skipped) -> tally.skipped(skipped, reason));
        chunk.problems().forEach(tally::problem);
        if (kept.size() + chunk.kept().size() <= MAX_KEPT) {
            kept.putAll(chunk.kept());
        }
        mark = chunk.mark() == null ? mark : chunk.mark();
        String key = source + ":" + file.name();
        if (chunk.state() != null && isText(key)) {
            states.put(key, chunk.state().text());
        }
        if (!file.remembered()) {
            write(chunk.last(), false);
            // Conflicts are only known once a batch is committed; a reader of the report wants them by line.
            tally.sortProblems(firstProblem);
        } else if (pending.size() >= maxPending) {
            write(true, true);
        }
        if (chunk.failure() != null) {
            tally.unreadable(file.name(), Importer.problem(chunk.failure()));
        }
        if (chunk.defect() instanceof RuntimeException defect) {
            tally.unreadable(file.name(), Importer.defect(defect));
        }
    }

    /** A path of bytes that are no text cannot be a key; its file is read again at every import. */
    private static boolean isText(String key) {
        return key.length() <= MAX_STATE_KEY
                && StandardCharsets.UTF_8.newEncoder().canEncode(key);
    }

    /** Writes what waits and then the states of the files that it is from; or, if the file goes on, whole batches alone. */
    private void write(boolean all, boolean byTime) {
        List<LocatedCall> calls = byTime ? inTime(pending.values()) : List.copyOf(pending.values());
        int end = all ? calls.size() : calls.size() - calls.size() % batchSize;
        pending = new LinkedHashMap<>();
        for (int from = 0; from < end; from += batchSize) {
            write(calls.subList(from, Math.min(end, from + batchSize)));
            progress();
        }
        calls.subList(end, calls.size()).forEach(call -> pending.put(call.call().key(), call));
        if (all) {
            writer.write(List.of(), Map.copyOf(states));
            states.clear();
        }
    }

    /** A call with its instant, asked for once and not at every comparison. */
    private record InTime(long second, int nano, LocatedCall call) implements Comparable<InTime> {
        static InTime of(LocatedCall call) {
            Instant occurred = call.call().occurred();
            return new InTime(occurred.getEpochSecond(), occurred.getNano(), call);
        }

        @Override
        public int compareTo(InTime other) {
            int order = Long.compare(second, other.second);
            order = order != 0 ? order : Integer.compare(nano, other.nano);
            return order != 0
                    ? order
                    : call.call().key().compareTo(other.call.call().key());
        }
    }

    private static List<LocatedCall> inTime(Collection<LocatedCall> calls) {
        InTime[] sorted = new InTime[calls.size()];
        int count = 0;
        for (LocatedCall call : calls) {
            sorted[count++] = InTime.of(call);
        }
        // The calls of a file mostly come in the order of time already, which the sort makes use of.
        Arrays.sort(sorted);
        List<LocatedCall> ordered = new ArrayList<>(sorted.length);
        for (InTime in : sorted) {
            ordered.add(in.call);
        }
        return ordered;
    }

    /** What is offered of a call, or why nothing is. */
    private record Offers(List<Offer> offers, @Nullable String refusal) {
        static Offers of(LocatedCall call) {
            try {
                return new Offers(call.call().offers(), null);
            } catch (IllegalArgumentException e) {
                return new Offers(List.of(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void write(List<LocatedCall> calls) {
        Offers[] offers = new Offers[calls.size()];
        if (calls.size() < MANY) {
            Arrays.setAll(offers, i -> Offers.of(calls.get(i)));
        } else {
            Arrays.parallelSetAll(offers, i -> Offers.of(calls.get(i)));
        }
        List<CallOutcome> outcomes = new ArrayList<>(calls.size());
        List<Attempt> attempts = new ArrayList<>(calls.size());
        for (int i = 0; i < offers.length; i++) {
            CallOutcome outcome = new CallOutcome(calls.get(i));
            outcomes.add(outcome);
            offers[i].offers.forEach(offer -> attempts.add(Attempt.of(offer, outcome)));
            String refusal = offers[i].refusal;
            if (refusal != null) {
                outcome.refuse(refusal);
            }
        }
        List<Attempt> left = attempts;
        while (!left.isEmpty()) {
            left = attempt(left);
        }
        outcomes.forEach(this::count);
    }

    /** Does the next step of each attempt; says which have a further one. */
    private List<Attempt> attempt(List<Attempt> attempts) {
        List<WriteResult> results =
                writer.write(attempts.stream().map(Attempt::step).toList(), Map.of());
        List<Attempt> left = new ArrayList<>();
        for (int i = 0; i < attempts.size(); i++) {
            Attempt attempt = attempts.get(i);
            Verdict verdict = attempt.verdict(results.get(i));
            if (verdict instanceof Verdict.Refused refused) {
                attempt.outcome().refuse(refused.reason());
            } else if (verdict instanceof Verdict.Answered answered) {
                attempt.outcome().answer();
                LocatedCall call = attempt.outcome().call();
                tally.answer(answered.result(), attempt.notes(), call.file(), call.line());
            } else {
                left.add(attempt);
            }
        }
        return left;
    }

    /** Counts a call's lines, once the ledger has said all that it says of the call. */
    private void count(CallOutcome outcome) {
        LocatedCall call = outcome.call();
        String refusal = outcome.refusal();
        if (refusal == null || outcome.answered()) {
            tally.use(call.lines());
        } else {
            tally.skipped(call.lines(), ImportProblem.REFUSED);
        }
        if (refusal != null) {
            tally.problem(call.file(), call.line(), ImportProblem.REFUSED, refusal);
        }
    }

    private void progress() {
        listener.progress(new ImportListener.Progress(
                fileName, (int) tally.files(), fileCount, bytesRead.sum(), bytes, lines, tally.calls()));
    }
}
