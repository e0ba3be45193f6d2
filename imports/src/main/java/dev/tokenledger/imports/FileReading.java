package dev.tokenledger.imports;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.imports.ImportedCall.CopyMerge;
import dev.tokenledger.imports.ImportedCall.Offer;
import dev.tokenledger.imports.UsageSource.Growth;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One file being read by a thread of its own. What it yields is handed over in chunks of bounded size, each with the state that
 * may be remembered once the chunk is written; the thread waits while two chunks lie there that nobody took.
 */
final class FileReading implements Runnable, ImportSink {

    private static final int MAX_CHUNKS = 2;
    private static final int MAX_CARRY = 32_768;

    private final UsageSource source;
    private final FoundFile file;
    private final int chunkSize;
    private final LongAdder bytesRead;
    private final Lines.Buffers buffers;
    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(MAX_CHUNKS);

    private Map<String, LocatedCall> calls = new LinkedHashMap<>();
    private List<ImportProblem> problems = new ArrayList<>();
    private SortedMap<String, Long> skipped = new TreeMap<>();
    private Map<String, String> kept = new LinkedHashMap<>();
    private @Nullable PeriodMark mark;
    private long lines;
    private long used;
    private long ignored;
    private long offset;
    private long line;
    private String carry = "";
    private long appendedLine;

    /** The file's checksum when reading began: one that only grows keeps it, one that is rewritten meanwhile does not. */
    private long before;

    /**
     * A file with something new in it.
     *
     * @param look what the file system says of it; null where nothing is remembered of the file
     * @param state what is known of it from the last import
     */
    record FoundFile(
            ImportFile file, UsageSource.Growth growth, FileState.@Nullable Look look, Optional<FileState> state) {

        static FoundFile unremembered(ImportFile file) {
            return new FoundFile(file, UsageSource.Growth.UNREMEMBERED, null, Optional.empty());
        }

        String name() {
            return file.name();
        }

        boolean remembered() {
            return look != null;
        }
    }

    /**
     * What was read since the chunk before.
     *
     * @param lines how many lines were told of
     * @param used how many of them hold no call, but complete one
     * @param kept readers' states of another ledger
     * @param mark how far another ledger's periods are closed; absent if the file does not say
     * @param state what to remember; absent when the file cannot be remembered
     * @param last whether the file is at its end
     * @param failure why it could not be read to its end
     * @param defect a mistake of the reader's
     */
    record Chunk(
            Map<String, LocatedCall> calls,
            long lines,
            long used,
            long ignored,
            SortedMap<String, Long> skipped,
            List<ImportProblem> problems,
            Map<String, String> kept,
            @Nullable PeriodMark mark,
            @Nullable FileState state,
            boolean last,
            @Nullable IOException failure,
            @Nullable Throwable defect) {}

    FileReading(UsageSource source, FoundFile file, int chunkSize, LongAdder bytesRead, Lines.Buffers buffers) {
        this.source = source;
        this.file = file;
        this.chunkSize = chunkSize;
        this.bytesRead = bytesRead;
        this.buffers = buffers;
    }

    FoundFile file() {
        return file;
    }

    /** The next chunk, or null if none came in this time. */
    @Nullable
    Chunk poll(long milliseconds) throws InterruptedException {
        return chunks.poll(milliseconds, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        try {
            source.read(begin(), this);
            hand(file.look() == null ? null : state(file.look(), file.look().size()), true, null, null);
        } catch (Stopped e) {
            // Nobody wants the rest.
        } catch (IOException e) {
            handLast(e, null);
        } catch (RuntimeException | Error e) {
            handLast(null, e);
        }
    }

    private ImportFile begin() throws IOException {
        FileState.Look look = file.look();
        FileState known = file.state().orElse(null);
        if (look != null && file.growth() == Growth.APPENDED) {
            Path path = file.file().path();
            before = FileState.print(path, look.size());
            if (known != null && known.continues(path, look)) {
                offset = known.offset();
                line = known.line();
                carry = known.carry();
            }
        } else if (known != null && file.growth() == Growth.UNDETECTABLE) {
            carry = known.carry();
        }
        return file.file().from(offset, line, carry, bytesRead, buffers);
    }

    /** What may be remembered now; nothing of a file that was rewritten, of which it is not known what was read. */
    private @Nullable FileState state(FileState.Look look, long size) throws IOException {
        boolean printed = file.growth() == Growth.APPENDED;
        Path path = file.file().path();
        long print = printed ? FileState.print(path, offset) : 0;
        long now = offset == look.size() ? print : printed ? FileState.print(path, look.size()) : 0;
        if (printed && now != before) {
            return null;
        }
        return new FileState(size, look.modified(), look.identity(), offset, line, print, carry);
    }

    private void handLast(@Nullable IOException failure, @Nullable Throwable defect) {
        try {
            hand(null, true, failure, defect);
        } catch (Stopped e) {
            // Nobody wants the rest.
        }
    }

    private void hand(
            @Nullable FileState state, boolean last, @Nullable IOException failure, @Nullable Throwable defect) {
        Chunk chunk =
                new Chunk(calls, lines, used, ignored, skipped, problems, kept, mark, state, last, failure, defect);
        calls = new LinkedHashMap<>();
        kept = new LinkedHashMap<>();
        mark = null;
        problems = new ArrayList<>();
        skipped = new TreeMap<>();
        lines = 0;
        used = 0;
        ignored = 0;
        try {
            chunks.put(chunk);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped();
        }
    }

    /** The import was given up. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void call(long at, ImportedCall call) {
        lines++;
        merge(at, call, 1);
    }

    @Override
    public void further(long at, ImportedCall call) {
        merge(at, call, 0);
    }

    private void merge(long at, ImportedCall call, int more) {
        calls.merge(call.key(), new LocatedCall(call, more, file.name(), at), LocatedCall::merge);
    }

    @Override
    public void append(long at, UsageRecord record) {
        append(at, new Offer.Append(record));
    }

    @Override
    public void append(long at, UsageRecord record, Elsewhere elsewhere, CopyMerge correction) {
        append(at, new Offer.Correct(record, elsewhere, correction));
    }

    @Override
    public void restore(long at, LedgerEntry entry, Optional<PriceEntry> price) {
        append(at, new Offer.Restore(entry, price));
    }

    private void append(long at, Offer offer) {
        boolean further = at == appendedLine;
        if (!further) {
            handIfFull();
            lines++;
            appendedLine = at;
        }
        merge(at, RecordsOfLine.of(file.name(), at, offer), further ? 0 : 1);
    }

    @Override
    public void remember(long at, String key, String state) {
        use(at);
        kept.put(key, state);
        handIfFull();
    }

    @Override
    public void close(long at, PeriodMark closed) {
        use(at);
        mark = closed;
    }

    @Override
    public void use(long at) {
        lines++;
        used++;
    }

    @Override
    public void ignore(long at) {
        lines++;
        ignored++;
    }

    @Override
    public void skip(long at, String reason, String message) {
        lines++;
        skipped.merge(reason, 1L, Long::sum);
        problem(at, reason, message);
    }

    @Override
    public void problem(long at, String reason, String message) {
        problems.add(new ImportProblem(file.name(), at, reason, message));
        handIfFull();
    }

    @Override
    public void reached(long atOffset, long atLine, String carried) {
        if (carried.length() > MAX_CARRY) {
            throw new IllegalArgumentException(
                    "a reader carries at most " + MAX_CARRY + " characters, found " + carried.length());
        }
        offset = atOffset;
        line = atLine;
        carry = carried;
        handIfFull();
        if (file.look() != null && isFull()) {
            try {
                hand(state(file.look(), FileState.UNFINISHED), false, null, null);
            } catch (IOException e) {
                // Without a state the file is read from its beginning next time, which adds nothing.
                hand(null, false, null, null);
            }
        }
    }

    /** Hands over what there is of a file of which nothing is remembered, so that nothing waits for a state. */
    private void handIfFull() {
        if (file.look() == null && isFull()) {
            hand(null, false, null, null);
        }
    }

    private boolean isFull() {
        return calls.size() >= chunkSize || problems.size() >= chunkSize || kept.size() >= chunkSize;
    }
}
