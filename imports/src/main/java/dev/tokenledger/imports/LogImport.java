package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.WriteResult;
import dev.tokenledger.imports.LogCall.Offer;
import dev.tokenledger.imports.LogReading.FoundFile;
import dev.tokenledger.imports.LogReading.Known;
import dev.tokenledger.imports.LogReading.Part;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
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
 * One import of logs under way.
 *
 * <p>Several threads read files; the calling thread takes what they yield file by file in the order of their paths, merges the
 * copies of each call, and writes. So what is stored does not depend on which thread was faster. Calls are gathered until {@code
 * most} of them are waiting or all files are read, and then written by the time of the call; only then are the states of the
 * files written that they are from. A program that dies in between has stored calls of which it does not know, and finds them
 * to be duplicates the next time; it never knows of a file what it has not stored.
 */
final class LogImport {

    /** How many files are read ahead of the one whose turn it is; with the size of a part it bounds the memory. */
    private static final int FILES_AHEAD = 32;

    private static final int PART = 4_096;
    private static final int FEW_FILES = 16;
    private static final int LONGEST_STATE_KEY = 4_000;
    private static final long PATIENCE = 100;
    private static final int MAX_OTHER_KEYS = 64;

    private final Ledger ledger;
    private final StepWriter writer;
    private final int batchSize;
    private final int threads;
    private final int most;
    private final ImportListener listener;
    private final Tally tally;

    private final LongAdder bytesRead = new LongAdder();
    private final Map<String, String> states = new LinkedHashMap<>();
    private Map<String, Known> pending = new LinkedHashMap<>();
    private int fileCount;
    private long bytes;

    LogImport(StepWriter writer, Ledger ledger, int batchSize, int threads, int most, ImportListener listener) {
        this.ledger = ledger;
        this.writer = writer;
        this.batchSize = batchSize;
        this.threads = threads;
        this.most = most;
        this.listener = listener;
        tally = new Tally(listener);
    }

    ImportReport run(LogSource source, List<Path> paths) {
        LogFinder finder = new LogFinder(source);
        finder.find(paths);
        finder.failed().forEach((path, failure) -> {
            tally.file();
            tally.unreadable(path.toString(), Importer.problem(failure));
        });
        List<FoundFile> files = changed(source, finder);
        read(source, files);
        write();
        return report(source);
    }

    /** What was done so far. */
    ImportReport report(LogSource source) {
        return tally.report(source.name(), writer.dry());
    }

    /** The files with something new in them. */
    private List<FoundFile> changed(LogSource source, LogFinder finder) {
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
            boolean seen = source.growth(path) != LogSource.Growth.UNSEEN;
            if (seen && state.isPresent() && state.get().unchanged(look)) {
                tally.unchangedFile();
            } else {
                files.add(new FoundFile(path, look, state));
                bytes += Math.max(0, look.size() - state.map(FileState::offset).orElse(0L));
            }
        });
        fileCount = finder.found().size();
        return files;
    }

    private void read(LogSource source, List<FoundFile> files) {
        if (files.isEmpty()) {
            return;
        }
        ExecutorService readers = Executors.newFixedThreadPool(Math.min(threads, files.size()), work -> {
            Thread thread = new Thread(work, "tokenledger-import");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<LogReading> ahead = new ArrayDeque<>();
            Iterator<FoundFile> next = files.iterator();
            while (next.hasNext() || !ahead.isEmpty()) {
                while (next.hasNext() && ahead.size() < FILES_AHEAD) {
                    LogReading reading = new LogReading(source, next.next(), PART, bytesRead);
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

    /** Takes all that one file yields. */
    private void take(String name, LogReading reading) throws InterruptedException {
        while (true) {
            Part part = reading.poll(PATIENCE);
            if (part != null) {
                take(name, reading.file(), part);
                if (part.last()) {
                    return;
                }
            }
            progress();
        }
    }

    private void take(String name, FoundFile file, Part part) {
        if (part.defect() instanceof Error defect) {
            throw defect;
        }
        part.calls().forEach((key, known) -> pending.merge(key, known, Known::merge));
        tally.use(part.used());
        tally.ignore(part.ignored());
        part.skipped().forEach((reason, lines) -> tally.skipped(lines, reason));
        part.problems().forEach(tally::problem);
        String key = name + ":" + file.path();
        if (part.state() != null && isText(key)) {
            states.put(key, part.state().text());
        }
        if (part.last()) {
            tally.file();
        }
        if (part.failure() != null) {
            tally.unreadable(file.name(), Importer.problem(part.failure()));
        }
        if (part.defect() instanceof RuntimeException defect) {
            tally.unreadable(file.name(), Importer.defect(defect));
        }
        if (pending.size() >= most) {
            write();
        }
    }

    /** A path of bytes that are no text cannot be a key; its file is read again at every import. */
    private static boolean isText(String key) {
        return key.length() <= LONGEST_STATE_KEY
                && StandardCharsets.UTF_8.newEncoder().canEncode(key);
    }

    /** Writes all that waits, and then the states of the files that it is from. */
    private void write() {
        List<Known> calls = inTime(pending.values());
        pending = new LinkedHashMap<>();
        for (int from = 0; from < calls.size(); from += batchSize) {
            write(calls.subList(from, Math.min(calls.size(), from + batchSize)));
            progress();
        }
        writer.write(List.of(), Map.copyOf(states));
        states.clear();
        progress();
    }

    /** A call with its instant, asked for once and not at every comparison. */
    private record InTime(long second, int nano, Known known) implements Comparable<InTime> {
        static InTime of(Known known) {
            Instant occurred = known.call().occurred();
            return new InTime(occurred.getEpochSecond(), occurred.getNano(), known);
        }

        @Override
        public int compareTo(InTime other) {
            int order = Long.compare(second, other.second);
            order = order != 0 ? order : Integer.compare(nano, other.nano);
            return order != 0
                    ? order
                    : known.call().key().compareTo(other.known.call().key());
        }
    }

    private static List<Known> inTime(Collection<Known> calls) {
        InTime[] sorted = new InTime[calls.size()];
        int count = 0;
        for (Known known : calls) {
            sorted[count++] = InTime.of(known);
        }
        // The calls of a file mostly come in the order of time already, which the sort makes use of.
        Arrays.sort(sorted);
        List<Known> ordered = new ArrayList<>(sorted.length);
        for (InTime in : sorted) {
            ordered.add(in.known);
        }
        return ordered;
    }

    /** One record on its way into the ledger. */
    private static final class Offered {

        private final Owner owner;
        private final Offer offer;
        private String key;
        private boolean another;
        private @Nullable String refusal;
        private int tries;

        Offered(Owner owner, Offer offer) {
            this.owner = owner;
            this.offer = offer;
            key = offer.key();
        }

        Step step() {
            another = false;
            refusal = null;
            return new Step.Revise(key, offer.elsewhere(), offer.record(), this::merge);
        }

        /** Leaves the record in force as it is where the two are no record together, so that the batch goes on. */
        private UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
            try {
                Optional<UsageRecord> merged = offer.merge().merge(inForce, offered);
                another = merged.isEmpty();
                return merged.orElse(inForce);
            } catch (IllegalArgumentException e) {
                refusal = String.valueOf(e.getMessage());
                return inForce;
            }
        }

        /** Goes to the next key, if there is one and the ledger holds another call under the last. */
        boolean next() {
            if (!another || tries == MAX_OTHER_KEYS) {
                return false;
            }
            String otherKey = offer.otherKeys().key(++tries);
            if (otherKey == null) {
                return false;
            }
            key = otherKey;
            return true;
        }

        /** Whether the ledger holds other calls under as many keys as are tried. */
        boolean exhausted() {
            return another && tries == MAX_OTHER_KEYS;
        }
    }

    /** A call being written. */
    private static final class Owner {

        private final Known known;
        private boolean answered;
        private @Nullable String refusal;

        Owner(Known known) {
            this.known = known;
        }
    }

    private void write(List<Known> calls) {
        List<Owner> owners = new ArrayList<>(calls.size());
        List<Offered> offers = new ArrayList<>(calls.size());
        for (Known known : calls) {
            Owner owner = new Owner(known);
            owners.add(owner);
            try {
                known.call().offers().forEach(offer -> offers.add(new Offered(owner, offer)));
            } catch (IllegalArgumentException e) {
                owner.refusal = String.valueOf(e.getMessage());
            }
        }
        Collection<Offered> left = offers;
        while (!left.isEmpty()) {
            left = offer(List.copyOf(left));
        }
        owners.forEach(this::count);
    }

    /** Offers records; those of which the ledger holds another call by that key are left for the next. */
    private List<Offered> offer(List<Offered> offers) {
        List<WriteResult> results =
                writer.write(offers.stream().map(Offered::step).toList(), Map.of());
        List<Offered> left = new ArrayList<>();
        for (int i = 0; i < offers.size(); i++) {
            Offered offered = offers.get(i);
            Owner owner = offered.owner;
            WriteResult result = results.get(i);
            if (result instanceof AppendResult.Rejected rejected) {
                owner.refusal = rejected.reason();
            } else if (offered.refusal != null) {
                owner.refusal = offered.refusal;
            } else if (offered.next()) {
                left.add(offered);
            } else if (offered.exhausted()) {
                owner.refusal = "the ledger holds other calls under all " + MAX_OTHER_KEYS + " keys that it could have";
            } else {
                owner.answered = true;
                tally.answer(result, offered.offer.record(), owner.known.file(), owner.known.line());
            }
        }
        return left;
    }

    private void count(Owner owner) {
        if (owner.refusal != null) {
            Known known = owner.known;
            if (!owner.answered) {
                tally.use(-known.lines());
                tally.skipped(known.lines(), ImportProblem.REFUSED);
            }
            tally.problem(known.file(), known.line(), ImportProblem.REFUSED, owner.refusal);
        }
    }

    private void progress() {
        listener.progress(
                new LogProgress(bytesRead.sum(), bytes, (int) tally.files(), fileCount, tally.lines(), tally.calls()));
    }
}
