package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes to a ledger from several threads, in a process that may be killed, and acknowledges each step on standard
 * output, one line in one system call, once the ledger has returned. A step that fails is reported and tried again.
 */
final class LedgerChild {

    static final String OPENED = "opened";
    static final String FAILED = "failed";
    static final String WAITING = "waiting";
    static final String GAVE_UP = "gave up";
    static final String CLOSED = "closed";

    private static final int MAX_TRIES = 3;

    private final BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final Mix mix;
    private final int steps;
    private final boolean pausing;

    private LedgerChild(Mix mix, int steps, boolean pausing) {
        this.mix = mix;
        this.steps = steps;
        this.pausing = pausing;
    }

    /**
     * The child's command line.
     *
     * @param run names the writers, so that they differ from those of other runs
     * @param steps how many each writer does; 0 for no end
     * @param pausing whether a failure waits for a line on standard input before it tries again
     */
    static ChildProcess.Builder command(Path file, Mix mix, String run, int writers, int steps, boolean pausing) {
        return command(file, mix, run, writers, steps, pausing, false);
    }

    /** The same, with a short log if so wanted. */
    static ChildProcess.Builder command(
            Path file, Mix mix, String run, int writers, int steps, boolean pausing, boolean shortLog) {
        return ChildProcess.of(
                LedgerChild.class,
                file.toString(),
                mix.name(),
                run,
                Integer.toString(writers),
                Integer.toString(steps),
                Boolean.toString(pausing),
                Boolean.toString(shortLog));
    }

    /** The name of a writer. */
    static String writer(String run, int number) {
        return run + ".t" + number;
    }

    public static void main(String[] arguments) throws InterruptedException {
        LedgerChild child = new LedgerChild(
                Mix.valueOf(arguments[1]), Integer.parseInt(arguments[4]), Boolean.parseBoolean(arguments[5]));
        Path file = Path.of(arguments[0]);
        boolean shortLog = Boolean.parseBoolean(arguments[6]);
        try (Ledger ledger = shortLog ? TestLedgers.openWithShortLog(file) : TestLedgers.open(file)) {
            print(OPENED);
            child.run(ledger, arguments[2], Integer.parseInt(arguments[3]));
        } catch (LedgerException e) {
            print(describe(e));
            return;
        }
        print(CLOSED);
    }

    private void run(Ledger ledger, String run, int writers) throws InterruptedException {
        if (writers == 1) {
            write(ledger, writer(run, 1));
            return;
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= writers; i++) {
            String writer = writer(run, i);
            threads.add(new Thread(() -> write(ledger, writer), writer));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void write(Ledger ledger, String writer) {
        for (int number = 1; steps == 0 || number <= steps; number++) {
            if (!written(ledger, writer, number)) {
                print(GAVE_UP);
                return;
            }
            print(Audit.line(writer, number));
        }
    }

    private boolean written(Ledger ledger, String writer, int number) {
        for (int tries = 1; tries <= MAX_TRIES; tries++) {
            try {
                Workload.step(mix, writer, number).writeTo(ledger);
                return true;
            } catch (LedgerException e) {
                print(describe(e));
                if (pausing) {
                    pause();
                }
            }
        }
        return false;
    }

    private void pause() {
        print(WAITING);
        try {
            commands.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The report of a failure. */
    static String describe(LedgerException e) {
        return FAILED + " " + e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static void print(String line) {
        byte[] bytes = (line.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (System.out) {
            System.out.write(bytes, 0, bytes.length);
            System.out.flush();
        }
    }
}
