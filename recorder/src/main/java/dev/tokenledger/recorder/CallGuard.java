package dev.tokenledger.recorder;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.Attribution;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Asks a {@link BudgetGuard} before the calls of a program, for the integrations with frameworks: a call for which there is no
 * room is refused, before it is made; one that is admitted has its room reserved until its record is {@linkplain
 * Recorder#record(java.util.function.Supplier, Attribution, String) recorded}.
 *
 * <p>A ledger that is away, slow or busy fails no call: it is asked for at most {@linkplain Builder#maxDelay a stated time}, and
 * not at all while the recorder knows that it is away. The call is then made without a reservation, which is counted and reported;
 * {@link Builder#refuseUnasked} has it refused instead. What such calls cost is in the ledger once it is back.
 *
 * <p>Safe for use by many threads. It needs no closing.
 */
public final class CallGuard {

    private static final System.Logger LOG = System.getLogger(CallGuard.class.getName());
    private static final int MAX_WAITING = 1_000;
    private static final long WARNED_EVERY_NANOS = 60_000_000_000L;

    private final BudgetGuard guard;
    private final Recorder recorder;
    private final Duration maxDelay;
    private final long maxOutputTokens;
    private final boolean refuseUnasked;
    private final ToLongFunction<String> tokens;
    private final Consumer<Admission> decisions;

    /** Admissions of one guard take turns anyway. The thread ends when it has nothing to do. */
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                Thread daemon = new Thread(task, "tokenledger-call-guard");
                daemon.setDaemon(true);
                return daemon;
            });

    private final AtomicLong allowed = new AtomicLong();
    private final AtomicLong warned = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unasked = new AtomicLong();
    private final AtomicLong lastWarned = new AtomicLong(System.nanoTime() - WARNED_EVERY_NANOS);

    private CallGuard(Builder builder) {
        guard = builder.guard;
        recorder = builder.recorder;
        maxDelay = builder.maxDelay;
        maxOutputTokens = builder.maxOutputTokens;
        refuseUnasked = builder.refuseUnasked;
        tokens = builder.tokens;
        decisions = builder.decisions;
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * A guard of a program's calls.
     *
     * @param recorder the one that the calls are recorded by, to the ledger that the guard asks
     */
    public static Builder builder(BudgetGuard guard, Recorder recorder) {
        return new Builder(Objects.requireNonNull(guard, "guard"), Objects.requireNonNull(recorder, "recorder"));
    }

    /** How many tokens a text is taken for. */
    public long tokens(String text) {
        return Math.max(0, tokens.applyAsLong(text));
    }

    /**
     * Asks for room for a call at its worst case.
     *
     * @param model what is asked for, with its provider
     * @param inputTokens all of its input, 0 or more
     * @param maxTokens the most that the call asks for; 0 if it does not say, so that {@link Builder#maxOutputTokens} is taken
     * @return the name of the reservation, for the record of the call; empty if no budget is about it or they could not be
     *     asked
     * @throws BudgetExceededException if a budget has no room
     * @throws LedgerException if the budgets could not be asked and {@link Builder#refuseUnasked} is set
     */
    public String admit(Attribution attribution, ModelIdentity model, long inputTokens, long maxTokens) {
        if (recorder.counters().isLedgerAway()) {
            return unasked(
                    new LedgerBusyException("cannot ask the budgets: the ledger is away; nothing was reserved", null));
        }
        String name = UUID.randomUUID().toString();
        CompletableFuture<Admission> asked;
        try {
            asked = CompletableFuture.supplyAsync(
                    () -> guard.admit(
                            name,
                            attribution,
                            guard.worstCase(model, inputTokens, maxTokens > 0 ? maxTokens : maxOutputTokens)),
                    thread);
        } catch (RejectedExecutionException e) {
            return unasked(new LedgerBusyException(
                    "cannot ask the budgets: " + MAX_WAITING + " calls wait for them; nothing was reserved", e));
        }
        Admission admission;
        try {
            admission = asked.get(maxDelay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            giveUp(asked, name);
            return unasked(new LedgerBusyException(
                    "cannot ask the budgets: no answer within " + maxDelay.toMillis() + " ms; nothing is reserved", e));
        } catch (InterruptedException e) {
            giveUp(asked, name);
            Thread.currentThread().interrupt();
            return unasked(new LedgerInterruptedException(
                    "cannot ask the budgets: the thread was interrupted; nothing is reserved", e));
        } catch (ExecutionException e) {
            return unasked(
                    e.getCause() instanceof LedgerException cause
                            ? cause
                            : new LedgerBusyException(
                                    "cannot ask the budgets: " + e.getCause() + "; nothing was reserved",
                                    e.getCause()));
        }
        decided(admission);
        return admission.orThrow().rooms().isEmpty() ? "" : admission.reservation();
    }

    /** What is admitted after all, when the call has gone on without, is nobody's. */
    private void giveUp(CompletableFuture<Admission> asked, String name) {
        asked.whenComplete((late, failure) -> {
            if (late == null || late.isAdmitted()) {
                release(name);
            }
        });
    }

    private String unasked(LedgerException cause) {
        unasked.incrementAndGet();
        recorder.counters()
                .problem(
                        refuseUnasked
                                ? "a call is refused because its budgets cannot be asked"
                                : "a call is made whose budgets could not be asked",
                        cause);
        if (refuseUnasked) {
            throw cause;
        }
        return "";
    }

    private void decided(Admission admission) {
        AtomicLong counter = switch (admission.outcome()) {
            case ALLOWED -> allowed;
            case WARNED -> warned;
            case REFUSED -> refused;
        };
        counter.incrementAndGet();
        if (admission.outcome() == Admission.Outcome.WARNED) {
            long before = lastWarned.get();
            long now = System.nanoTime();
            if (now - before >= WARNED_EVERY_NANOS && lastWarned.compareAndSet(before, now)) {
                LOG.log(System.Logger.Level.WARNING, "tokenledger: little room in budgets: {0}", told(admission));
            }
        }
        try {
            decisions.accept(admission);
        } catch (RuntimeException e) {
            recorder.counters().problem("who is told of decisions about budgets has failed", e);
        }
    }

    private static String told(Admission admission) {
        return admission.isUncertain()
                ? admission.reason()
                : admission.rooms().stream()
                        .map(room -> room.budget().name() + ": " + room.used() + " of "
                                + room.budget().limit() + " USD")
                        .collect(Collectors.joining(", "));
    }

    /** Ends the reservation of a call that surely was not made; empty is none. Never throws, and does not wait for the ledger. */
    public void release(String reservation) {
        if (reservation.isEmpty()) {
            return;
        }
        try {
            thread.execute(() -> {
                try {
                    guard.release(reservation);
                } catch (RuntimeException e) {
                    recorder.counters().problem("a reservation could not be released; it expires", e);
                }
            });
        } catch (RejectedExecutionException e) {
            recorder.counters().problem("a reservation could not be released; it expires", e);
        }
    }

    /** What was decided so far. */
    public Decisions decisions() {
        return new Decisions(allowed.get(), warned.get(), refused.get(), unasked.get());
    }

    /**
     * How often a guard decided what.
     *
     * @param allowed calls for which there was room
     * @param warned calls for which there was room, but little, or nobody can know
     * @param refused calls for which there was none
     * @param unasked calls whose budgets could not be asked
     */
    public record Decisions(long allowed, long warned, long refused, long unasked) {}

    /** Sets up a guard. Not safe for use by several threads. */
    public static final class Builder {

        /** The most output that is reserved for a call that states no bound; default. */
        public static final long DEFAULT_MAX_OUTPUT_TOKENS = 4_096;

        private final BudgetGuard guard;
        private final Recorder recorder;
        private Duration maxDelay = Duration.ofSeconds(1);
        private long maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS;
        private boolean refuseUnasked;
        private ToLongFunction<String> tokens = CallEstimate::tokensOf;
        private Consumer<Admission> decisions = admission -> {};

        private Builder(BudgetGuard guard, Recorder recorder) {
            this.guard = guard;
            this.recorder = recorder;
        }

        /**
         * How long a call waits for the answer at most; default: 1 s.
         *
         * @throws IllegalArgumentException if it is not positive or longer than an hour
         */
        public Builder maxDelay(Duration most) {
            if (most.isNegative() || most.isZero() || most.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("maxDelay: expected more than 0 and at most 1 h, found " + most);
            }
            maxDelay = most;
            return this;
        }

        /**
         * The most output of a call that states no bound, in tokens; default: {@value #DEFAULT_MAX_OUTPUT_TOKENS}.
         *
         * @throws IllegalArgumentException if it is not positive or above 10,000,000
         */
        public Builder maxOutputTokens(long most) {
            if (most <= 0 || most > 10_000_000) {
                throw new IllegalArgumentException("maxOutputTokens: expected 1 to 10000000, found " + most);
            }
            maxOutputTokens = most;
            return this;
        }

        /** Refuses calls whose budgets cannot be asked, because the ledger is away or slow; default: such calls are made. */
        public Builder refuseUnasked(boolean refuse) {
            refuseUnasked = refuse;
            return this;
        }

        /** Counts the tokens of a text; default: {@link CallEstimate#tokensOf}. */
        public Builder tokens(ToLongFunction<String> counter) {
            tokens = Objects.requireNonNull(counter, "counter");
            return this;
        }

        /** Who is told of each decision, on the thread of the call; what it throws is reported. */
        public Builder decisions(Consumer<Admission> listener) {
            decisions = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** The guard. */
        public CallGuard build() {
            return new CallGuard(this);
        }
    }
}
