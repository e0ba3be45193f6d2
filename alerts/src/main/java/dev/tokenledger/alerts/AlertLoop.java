package dev.tokenledger.alerts;

import dev.tokenledger.LedgerException;
import dev.tokenledger.alerts.AlertLog.Open;
import dev.tokenledger.alerts.BudgetAlerts.Attempt;
import dev.tokenledger.alerts.BudgetAlerts.Result;
import dev.tokenledger.formats.text.DocumentException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When it is looked for what was reached, and who is told when: a thread that looks after records were stored and each minute, and a
 * few that send, of which a channel has one at most. It keeps nothing that matters: all that is to be told is in the ledger, so
 * it may end at any moment. Safe for use by many threads.
 */
final class AlertLoop implements AutoCloseable {

    private static final Duration TICK = Duration.ofMinutes(1);
    private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);

    /** How much longer it rests than it asks the ledger. */
    private static final int REST = 10;

    /** How many channels are told at the same time. */
    private static final int SENDERS = 4;

    private static final long STOP_SECONDS = 5;

    private final Steps steps;
    private final InstantSource clock;
    private final Consumer<String> notices;
    private final Consumer<String> warnings;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Records were stored, or a delivery ended, since the loop looked. */
    private boolean recorded = true;

    private boolean delivered;
    private boolean closed;

    /** The channels that are being told; each is told one thing after the other. */
    private final Set<String> busy = new HashSet<>();

    private final ExecutorService pool;
    private @Nullable Thread thread;
    private String lastProblem = "";

    /** What is to be done. */
    interface Steps {
        /** Finds out what was reached, and notes it. */
        void note();

        /** What is to be told, or is being told. */
        List<Open> open();

        /** Tries a delivery, if it is due and nobody else has it. */
        Optional<Attempt> deliver(Open open) throws InterruptedException;
    }

    /** A loop, not yet started. */
    AlertLoop(Steps steps, InstantSource clock, Consumer<String> notices, Consumer<String> warnings) {
        this.steps = steps;
        this.clock = clock;
        this.notices = notices;
        this.warnings = warnings;
        pool = Executors.newFixedThreadPool(SENDERS, task -> daemon(task, "budget-alerts-sender"));
    }

    /** Begins. */
    void start() {
        lock.lock();
        try {
            if (thread != null || closed) {
                throw new IllegalStateException("it was started before, or is closed");
            }
            Thread made = daemon(this::run, "budget-alerts");
            thread = made;
            made.start();
        } finally {
            lock.unlock();
        }
    }

    /** Says that something was stored. Returns at once. */
    void recorded() {
        lock.lock();
        try {
            recorded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread made = new Thread(task, name);
        made.setDaemon(true);
        return made;
    }

    private void run() {
        long nextTick = System.nanoTime();
        long earliest = System.nanoTime();
        try {
            while (true) {
                boolean look;
                lock.lock();
                try {
                    if (closed) {
                        return;
                    }
                    long now = System.nanoTime();
                    look = now - earliest >= 0 && (recorded || now - nextTick >= 0);
                    if (look) {
                        recorded = false;
                    }
                    delivered = false;
                } finally {
                    lock.unlock();
                }
                if (look) {
                    long begun = System.nanoTime();
                    look();
                    long ended = System.nanoTime();
                    nextTick = ended + TICK.toNanos();
                    earliest = ended + Math.max(LEAST_PAUSE.toNanos(), REST * (ended - begun));
                }
                Optional<Instant> next = dispatch();
                await(nextTick, earliest, next);
            }
        } catch (InterruptedException e) {
            // It is closed.
        }
    }

    private void look() {
        if (guarded(steps::note)) {
            lock.lock();
            try {
                lastProblem = "";
            } finally {
                lock.unlock();
            }
        }
    }

    /** Hands over what is due to channels that are not being told; says when the next delivery is due. */
    private Optional<Instant> dispatch() {
        List<Instant> times = new ArrayList<>();
        guarded(() -> {
            for (Open open : steps.open()) {
                Instant now = clock.instant();
                if (!open.delivery().isDue(now)) {
                    times.add(open.delivery().time());
                } else if (occupy(open.channel().name())) {
                    pool.execute(() -> send(open));
                }
            }
        });
        return times.stream().min(Instant::compareTo);
    }

    private boolean occupy(String channel) {
        lock.lock();
        try {
            return !closed && busy.add(channel);
        } finally {
            lock.unlock();
        }
    }

    private void send(Open open) {
        String channel = open.channel().name();
        boolean done = false;
        try {
            done = guarded(() -> {
                Optional<Attempt> made = steps.deliver(open);
                if (made.isPresent()) {
                    Attempt attempt = made.get();
                    (attempt.result() == Result.SENT ? notices : warnings)
                            .accept("channel " + channel + ": " + attempt.message());
                }
            });
        } finally {
            lock.lock();
            try {
                busy.remove(channel);
                // Where the ledger fails, the next look is soon enough.
                delivered |= done;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** A step that may fail with the world around it; it is tried again by the next look. */
    private interface Step {
        void run() throws InterruptedException;
    }

    private boolean guarded(Step step) {
        String problem = "";
        try {
            step.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DocumentException e) {
            problem = "cannot tell of budgets: " + e.getMessage();
        } catch (LedgerException e) {
            problem = "cannot tell of budgets: " + e.getMessage();
        } catch (RuntimeException e) {
            problem = "cannot tell of budgets: " + e;
        }
        lock.lock();
        try {
            if (closed || problem.isEmpty() || problem.equals(lastProblem)) {
                return problem.isEmpty();
            }
            lastProblem = problem;
        } finally {
            lock.unlock();
        }
        warnings.accept(problem);
        return false;
    }

    private void await(long nextTick, long earliest, Optional<Instant> nextDue) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && !delivered) {
                long now = System.nanoTime();
                long left = (recorded ? earliest : nextTick) - now;
                if (nextDue.isPresent()) {
                    long millis = Math.max(
                            0, Duration.between(clock.instant(), nextDue.get()).toMillis());
                    left = Math.min(left, TimeUnit.MILLISECONDS.toNanos(Math.min(millis, TICK.toMillis()) + 1));
                }
                if (left <= 0) {
                    return;
                }
                // With records, which may have come meanwhile, the wait is a shorter one.
                if (changed.awaitNanos(left) <= 0) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives what is under way a few seconds. */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        pool.shutdown();
        try {
            if (running != null) {
                running.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
                running.interrupt();
            }
            if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                pool.shutdownNow();
                pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
