package dev.tokenledger.capture;

import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where captured calls go, and which requests are calls. The entries for HTTP clients ({@link OkHttpCapture}, {@link
 * JdkHttpCapture}, {@link AnthropicCapture}, {@link AwsCapture}) take one.
 *
 * <pre>{@code
 * Capture capture = Capture.to(recorder).build();
 * OpenAIClient client = OpenAIOkHttpClient.builder().addInterceptor(OkHttpCapture.interceptor(capture)).build();
 * }</pre>
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class Capture {

    private final CaptureListener listener;
    private final @Nullable Recorder recorder;
    private final List<Function<URI, Optional<Route>>> routes;
    private final boolean failures;
    private final InstantSource clock;
    private final AtomicLong unread = new AtomicLong();

    private Capture(Builder builder) {
        listener = builder.listener;
        recorder = builder.recorder;
        routes = List.copyOf(builder.routes);
        failures = builder.failures;
        clock = builder.clock;
    }

    /** Records each call as it ends. */
    public static Builder to(Recorder recorder) {
        return to(
                call -> {
                    for (UsageRecord record : call.toRecords()) {
                        recorder.record(record, Attribution.NONE);
                    }
                },
                recorder);
    }

    /** Hands each call to a listener as it ends, and has a recorder count those that {@linkplain #unread() could not be read}. */
    public static Builder to(CaptureListener listener, Recorder recorder) {
        return new Builder(Objects.requireNonNull(listener, "listener"), Objects.requireNonNull(recorder, "recorder"));
    }

    /** Hands each call to a listener as it ends, which may record it. */
    public static Builder to(CaptureListener listener) {
        return new Builder(Objects.requireNonNull(listener, "listener"), null);
    }

    /** How many calls could not be read or handed on, for a fault of the answer, the listener or this library. */
    public long unread() {
        return unread.get();
    }

    InstantSource clock() {
        return clock;
    }

    /**
     * A call that begins now, for HTTP clients that have no entry here: show it the request, the status, and the answer's bytes.
     * Never throws.
     *
     * @param address the request's; what it throws is a call that could not be read
     * @param attribution whose call it is, as a rule {@link Attribution#current()} where it is made
     * @return empty for what is no call
     */
    public Optional<Exchange> begin(Supplier<URI> address, Attribution attribution) {
        try {
            URI uri = address.get();
            for (Function<URI, Optional<Route>> route : routes) {
                Optional<Route> found = route.apply(uri);
                if (found.isPresent()) {
                    return Optional.of(new Exchange(this, found.get(), attribution));
                }
            }
        } catch (RuntimeException e) {
            failed("its address cannot be read", e);
        }
        return Optional.empty();
    }

    void ended(CapturedCall call) {
        if (call.response().isEmpty() && call.outcome() != Outcome.SUCCESS && !failures) {
            return;
        }
        try {
            listener.captured(call);
        } catch (RuntimeException e) {
            failed("its listener failed", e);
        }
    }

    void failed(String what, RuntimeException cause) {
        unread.incrementAndGet();
        if (recorder != null) {
            recorder.unread(what, cause);
        }
    }

    /** Sets up a capture. Not safe for use by several threads. */
    public static final class Builder {

        private final CaptureListener listener;
        private final @Nullable Recorder recorder;
        private final List<Function<URI, Optional<Route>>> routes = new ArrayList<>(List.of(Route::of));
        private boolean failures = true;
        private InstantSource clock = InstantSource.system();

        private Builder(CaptureListener listener, @Nullable Recorder recorder) {
            this.listener = listener;
            this.recorder = recorder;
        }

        /** Says of addresses which calls they are, before {@link Route#of} is asked: for gateways and hosts of one's own. */
        public Builder route(Function<URI, Optional<Route>> route) {
            routes.add(routes.size() - 1, Objects.requireNonNull(route, "route"));
            return this;
        }

        /** Leaves out calls that failed before they answered: they cost nothing, but they count as records. */
        public Builder withoutFailures() {
            failures = false;
            return this;
        }

        /** The clock for the start of calls; default: the system's. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /** The capture. */
        public Capture build() {
            return new Capture(this);
        }
    }
}
