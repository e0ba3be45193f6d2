package dev.tokenledger.imports;

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
 * One file being read by a thread of its own. What it yields is handed over in parts of bounded size, each with the state that
 * may be remembered once the part is written; the thread waits while two parts lie there that nobody took.
 */
final class LogReading implements Runnable, LogSink {

    private static final int PARTS = 2;
    private static final int LONGEST_CARRY = 32_768;

    private final LogSource source;
    private final FoundFile file;
    private final int partSize;
    private final LongAdder bytesRead;
    private final BlockingQueue<Part> parts = new ArrayBlockingQueue<>(PARTS);

    private Map<String, Known> calls = new LinkedHashMap<>();
    private List<ImportProblem> problems = new ArrayList<>();
    private SortedMap<String, Long> skipped = new TreeMap<>();
    private long used;
    private long ignored;
    private long offset;
    private long line;
    private String carry = "";

    /** The file's checksum when reading began: one that only grows keeps it, one that is rewritten meanwhile does not. */
    private long before;

    /** A file with something new in it, and what is known of it from the last import. */
    record FoundFile(Path path, FileState.Look look, Optional<FileState> state) {
        String name() {
            return path.toString();
        }
    }

    /** A call with the number of lines that hold it, and the first of them. */
    record Known(LogCall call, long lines, String file, long line) {
        Known merge(Known other) {
            return new Known(call.merge(other.call), lines + other.lines, file, line);
        }
    }

    /**
     * What was read since the part before.
     *
     * @param state what to remember; absent when the file cannot be remembered
     * @param last whether the file is at its end
     * @param failure why it could not be read to its end
     * @param defect a mistake of the reader's
     */
    record Part(
            Map<String, Known> calls,
            long used,
            long ignored,
            SortedMap<String, Long> skipped,
            List<ImportProblem> problems,
            @Nullable FileState state,
            boolean last,
            @Nullable IOException failure,
            @Nullable Throwable defect) {}

    LogReading(LogSource source, FoundFile file, int partSize, LongAdder bytesRead) {
        this.source = source;
        this.file = file;
        this.partSize = partSize;
        this.bytesRead = bytesRead;
    }

    FoundFile file() {
        return file;
    }

    /** The next part, or null if none came in this time. */
    @Nullable
    Part poll(long milliseconds) throws InterruptedException {
        return parts.poll(milliseconds, TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        try {
            source.read(begin(), this);
            hand(state(file.look().size()), true, null, null);
        } catch (Stopped e) {
            // Nobody wants the rest.
        } catch (IOException e) {
            handLast(e, null);
        } catch (RuntimeException | Error e) {
            handLast(null, e);
        }
    }

    private LogFile begin() throws IOException {
        FileState known = file.state().orElse(null);
        LogSource.Growth growth = source.growth(file.path());
        if (growth == LogSource.Growth.APPENDED) {
            before = FileState.print(file.path(), file.look().size());
        }
        if (known != null && growth == LogSource.Growth.APPENDED && known.continues(file.path(), file.look())) {
            offset = known.offset();
            line = known.line();
            carry = known.carry();
        } else if (known != null && growth == LogSource.Growth.UNSEEN) {
            carry = known.carry();
        }
        return new LogFile(file.path(), file.look().size(), offset, line, carry, bytesRead);
    }

    /** What may be remembered now; nothing of a file that was rewritten, of which it is not known what was read. */
    private @Nullable FileState state(long size) throws IOException {
        FileState.Look look = file.look();
        boolean printed = source.growth(file.path()) == LogSource.Growth.APPENDED;
        long print = printed ? FileState.print(file.path(), offset) : 0;
        if (printed && FileState.print(file.path(), look.size()) != before) {
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
        Part part = new Part(calls, used, ignored, skipped, problems, state, last, failure, defect);
        calls = new LinkedHashMap<>();
        problems = new ArrayList<>();
        skipped = new TreeMap<>();
        used = 0;
        ignored = 0;
        try {
            parts.put(part);
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
    public void call(long at, LogCall call) {
        used++;
        calls.merge(call.key(), new Known(call, 1, file.name(), at), Known::merge);
    }

    @Override
    public void further(long at, LogCall call) {
        calls.merge(call.key(), new Known(call, 0, file.name(), at), Known::merge);
    }

    @Override
    public void use(long at) {
        used++;
    }

    @Override
    public void ignore(long at) {
        ignored++;
    }

    @Override
    public void skip(long at, String reason, String message) {
        skipped.merge(reason, 1L, Long::sum);
        problem(at, reason, message);
    }

    @Override
    public void problem(long at, String reason, String message) {
        problems.add(new ImportProblem(file.name(), at, reason, message));
    }

    @Override
    public void reached(long atOffset, long atLine, String carried) {
        if (carried.length() > LONGEST_CARRY) {
            throw new IllegalArgumentException(
                    "a reader carries at most " + LONGEST_CARRY + " characters, found " + carried.length());
        }
        offset = atOffset;
        line = atLine;
        carry = carried;
        if (calls.size() >= partSize || problems.size() >= partSize) {
            try {
                hand(state(FileState.UNFINISHED), false, null, null);
            } catch (IOException e) {
                // Without a state the file is read from its beginning next time, which adds nothing.
                hand(null, false, null, null);
            }
        }
    }
}
