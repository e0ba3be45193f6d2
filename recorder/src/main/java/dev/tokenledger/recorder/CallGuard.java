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
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a {@link BudgetGuard} before the calls of a program, for the integrations with frameworks: a call for which there is no
 * room is refused, before it is made; one that is admitted has its room reserved until its record is {@linkplain
 * Recorder#record(Supplier, Attribution, String) recorded}.
 *
 * <p>A ledger that is away, slow or busy fails no call: it is asked for at most {@linkplain Builder#maxDelay a stated time}, and
 * not at all while the recorder knows that it is away. The call is then made without a reservation, which is counted and reported;
 * {@link Builder#refuseUnasked} has it refused instead. What such calls cost is in the ledger once it is back.
 *
 * <p>Safe for use by many threads. It needs no closing.
 */
public final class CallGuard {

    private static final String LITTLE_ROOM = "little room in budgets: ";
    private static final int MAX_WAITING = 1_000;
    private static final int MAX_CAUSES = 16;

    private static final List<Class<? extends Throwable>> NEVER_SENT =
            List.of(ConnectException.class, UnknownHostException.class, HttpConnectTimeoutException.class);

    private static final List<Class<? extends Throwable>> UNKNOWN_END =
            List.of(IOException.class, CancellationException.class, InterruptedException.class, TimeoutException.class);

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
     * @param planning tells of the call; where that fails the budgets cannot be asked
     * @return the name of the reservation, for the record of the call; empty if no budget is about it or they could not be
     *     asked
     * @throws BudgetExceededException if a budget has no room
     * @throws LedgerException if the budgets could not be asked and {@link Builder#refuseUnasked} is set
     */
    public String admit(Supplier<PlannedCall> planning) {
        PlannedCall call;
        ModelIdentity model;
        try {
            call = planning.get();
            model = UsageRecord.builder()
                    .upstreamModel(call.model().isEmpty() ? "unknown" : call.model())
                    .provider(call.provider())
                    .build()
                    .identity();
        } catch (RuntimeException e) {
            return unasked(new LedgerBusyException("cannot ask the budgets: " + e + "; nothing was reserved", e));
        }
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
                            call.attribution(),
                            guard.worstCase(
                                    model,
                                    call.inputTokens(),
                                    call.maxTokens() > 0 ? call.maxTokens() : maxOutputTokens)),
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
        CompletableFuture<Admission> unused = asked.whenComplete((late, failure) -> {
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
            recorder.counters().tell(LITTLE_ROOM, LITTLE_ROOM + told(admission));
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

    /**
     * Whether a call that failed so may have been charged all the same, for all that anybody knows: it was sent, and its answer did
     * not come or was given up. Its reservation is better left to expire.
     */
    public static boolean mayHaveBeenCharged(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (isOf(NEVER_SENT, cause)) {
                return false;
            }
            if (isOf(UNKNOWN_END, cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean isOf(List<Class<? extends Throwable>> kinds, Throwable cause) {
        return kinds.stream().anyMatch(kind -> kind.isInstance(cause));
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

    /**
     * A call that is about to be made.
     *
     * @param provider who is called; empty if it is not known
     * @param model what is asked for; empty if it is not known
     * @param inputTokens all of its input, 0 or more
     * @param maxTokens the most that it asks for; 0 if it does not say, so that {@link Builder#maxOutputTokens} is taken
     */
    public record PlannedCall(
            Attribution attribution, String provider, String model, long inputTokens, long maxTokens) {}

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
