package dev.tokenledger.opentelemetry;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Batch.Step.Revise;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.WriteResult;
import dev.tokenledger.payloads.telemetry.Signal;
import dev.tokenledger.payloads.telemetry.TelemetryCall;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import dev.tokenledger.payloads.telemetry.Users;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Writes the model calls among ended spans to a ledger in the same process. A call becomes the record that the Tokenledger
 * server makes of the same span when it comes by OTLP, under the same key: exporting to both counts it once.
 *
 * <pre>{@code
 * SdkTracerProvider.builder()
 *         .addSpanProcessor(BatchSpanProcessor.builder(LedgerSpanExporter.of(ledger)).build())
 * }</pre>
 *
 * <p>Nothing here throws into the host: a failure is counted ({@link #counts()}), told to {@link Builder#onWarning} and
 * returned to the SDK as a failed result. Calls that the ledger could not take are kept in memory, at most {@value
 * #MAX_WAITING}, the oldest given up first, and written with the next export or flush; an export that succeeded is as durable as
 * the ledger's commits. Use it behind a {@code BatchSpanProcessor}, which calls it on a thread of its own: a {@code
 * SimpleSpanProcessor} makes the caller wait for the commit. Safe for use by many threads.
 */
public final class LedgerSpanExporter implements SpanExporter {

    /** How many calls at most wait for a ledger that fails. */
    public static final int MAX_WAITING = 10_000;

    /** How many calls are written in one commit at most. */
    private static final int MAX_COMMIT = 1_000;

    private final Supplier<Ledger> ledger;
    private final Runnable closing;
    private final Users users;
    private final Consumer<String> warnings;

    private final Object lock = new Object();
    private final Deque<Revise> waiting = new ArrayDeque<>();
    private boolean failing;
    private boolean toldOfRefusal;
    private boolean toldOfIgnored;
    private boolean shut;
    private long written;
    private long refused;
    private long ignored;
    private long lost;

    private LedgerSpanExporter(Builder builder) {
        ledger = builder.ledger;
        closing = builder.closing;
        users = builder.users;
        warnings = builder.warnings;
    }

    /** An exporter to a ledger, which stays the caller's to close. */
    public static LedgerSpanExporter of(Ledger ledger) {
        return builder(ledger).build();
    }

    /** Starts an exporter to a ledger, which stays the caller's to close. */
    public static Builder builder(Ledger ledger) {
        Objects.requireNonNull(ledger, "ledger");
        return new Builder(() -> ledger, () -> {});
    }

    /**
     * Starts an exporter to a ledger of its own.
     *
     * @param ledger opens it, or throws a {@link LedgerException} to be asked again; asked before each write
     * @param closing closes what was opened
     */
    static Builder builder(Supplier<Ledger> ledger, Runnable closing) {
        return new Builder(ledger, closing);
    }

    /** Builds an exporter. Not safe for use by several threads. */
    public static final class Builder {

        private final Supplier<Ledger> ledger;
        private final Runnable closing;
        private Users users = Users.KEEP;
        private Consumer<String> warnings =
                message -> System.getLogger("dev.tokenledger.opentelemetry").log(System.Logger.Level.WARNING, message);

        private Builder(Supplier<Ledger> ledger, Runnable closing) {
            this.ledger = ledger;
            this.closing = closing;
        }

        /** What becomes of the names of users in spans. Default: they are kept. */
        public Builder users(Users users) {
            this.users = Objects.requireNonNull(users, "users");
            return this;
        }

        /**
         * Who is told of failures, once until they end. It must not throw. Default: the system logger {@code
         * dev.tokenledger.opentelemetry}.
         */
        public Builder onWarning(Consumer<String> listener) {
            this.warnings = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /** The exporter. */
        public LedgerSpanExporter build() {
            return new LedgerSpanExporter(this);
        }
    }

    /**
     * What became of the calls in spans since the start.
     *
     * @param written are in the ledger; also those that had been there
     * @param refused were impossible, or in conflict with what the ledger holds
     * @param ignored count tokens in a way that is not known
     * @param waiting are kept in memory until the ledger takes them
     * @param lost were given up, because too many waited or the exporter was shut down
     */
    public record Counts(long written, long refused, long ignored, long waiting, long lost) {}

    /** What became of the calls so far. */
    public Counts counts() {
        synchronized (lock) {
            return new Counts(written, refused, ignored, waiting.size(), lost);
        }
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        synchronized (lock) {
            if (shut) {
                return CompletableResultCode.ofFailure();
            }
            spans.forEach(this::read);
            return write();
        }
    }

    @Override
    public CompletableResultCode flush() {
        synchronized (lock) {
            return shut ? CompletableResultCode.ofSuccess() : write();
        }
    }

    /** Writes what waits, once more; what the ledger does not take then is lost. */
    @Override
    public CompletableResultCode shutdown() {
        synchronized (lock) {
            if (shut) {
                return CompletableResultCode.ofSuccess();
            }
            CompletableResultCode result = write();
            shut = true;
            if (!waiting.isEmpty()) {
                lost += waiting.size();
                warn("shut down before the ledger could be written; calls lost: " + waiting.size());
                waiting.clear();
            }
            try {
                closing.run();
            } catch (RuntimeException e) {
                warn("cannot close the ledger: " + e.getMessage());
                return CompletableResultCode.ofExceptionalFailure(e);
            }
            return result;
        }
    }

    private void read(SpanData span) {
        try {
            Optional<Signal> signal = SpanSignals.of(span).map(users::applied);
            if (signal.isEmpty()) {
                return;
            }
            Optional<TelemetryCall> call = TelemetryReader.ofSpan(signal.get());
            if (call.isPresent()) {
                await(call.get().step());
            } else {
                TelemetryReader.ignored(signal.get()).ifPresent(this::ignore);
            }
        } catch (RuntimeException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    private void await(Revise call) {
        if (waiting.size() == MAX_WAITING) {
            waiting.removeFirst();
            if (lost++ == 0) {
                warn("more than " + MAX_WAITING + " calls wait for the ledger; the oldest are given up");
            }
        }
        waiting.addLast(call);
    }

    /**
     * Writes what waits, oldest first; what a failed commit held waits on. A commit that is refused for a fault of its content is
     * written again call by call: one that cannot be written at all must not hold up the others for ever.
     */
    private CompletableResultCode write() {
        int singly = 0;
        while (!waiting.isEmpty()) {
            List<Revise> part =
                    waiting.stream().limit(singly > 0 ? 1 : MAX_COMMIT).toList();
            try {
                Batch.Builder batch = Batch.builder();
                part.forEach(batch::step);
                ledger.get().write(batch.build()).forEach(this::count);
                recovered();
            } catch (LedgerException | IllegalStateException e) {
                return failed(e);
            } catch (RuntimeException e) {
                if (part.size() > 1) {
                    singly = part.size();
                    continue;
                }
                refuse(String.valueOf(e.getMessage()));
            }
            part.forEach(call -> waiting.removeFirst());
            singly = Math.max(0, singly - part.size());
        }
        return CompletableResultCode.ofSuccess();
    }

    private CompletableResultCode failed(RuntimeException failure) {
        if (!failing) {
            failing = true;
            warn("cannot write to the ledger, calls wait in memory for the next export: " + failure.getMessage());
        }
        return CompletableResultCode.ofExceptionalFailure(failure);
    }

    private void recovered() {
        if (failing) {
            failing = false;
            warn("the ledger can be written again");
        }
    }

    private void count(WriteResult result) {
        if (result instanceof AppendResult.Conflict conflict) {
            refuse("id: " + conflict.id() + " is taken by a record that differs in " + conflict.field());
        } else if (result instanceof AppendResult.Rejected rejected) {
            refuse(rejected.reason());
        } else {
            written++;
        }
    }

    private void refuse(String reason) {
        refused++;
        if (!toldOfRefusal) {
            toldOfRefusal = true;
            warn("a call in a span was not recorded: " + reason + "; further ones are counted only");
        }
    }

    private void ignore(String reason) {
        ignored++;
        if (!toldOfIgnored) {
            toldOfIgnored = true;
            warn("a span that counts tokens was not understood, and no record made of it: " + reason
                    + "; further ones are counted only");
        }
    }

    private void warn(String message) {
        try {
            warnings.accept(message);
        } catch (RuntimeException e) {
            // The listener is the host's; its failure must not become the export's.
            System.getLogger("dev.tokenledger.opentelemetry")
                    .log(System.Logger.Level.DEBUG, "warning not delivered", e);
        }
    }
}
