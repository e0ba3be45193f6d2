package dev.tokenledger.capture;

import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.payloads.ResponseReader;
import dev.tokenledger.payloads.ResponseTap;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call in progress, see {@link Capture#begin}. Its request's and its answer's bytes pass by, and it ends once: at the
 * answer's end, where the caller leaves it, or where it fails. What comes after its end is passed over. No method throws.
 *
 * <p>Safe for use by many threads, for an end may come from another one: guarded by its own monitor.
 */
public final class Exchange {

    private final Capture capture;
    private final Route route;
    private final Attribution attribution;
    private final Instant start;
    private final long startNanos = System.nanoTime();
    private final RequestModel request = new RequestModel();
    private @Nullable ResponseTap tap;
    private @Nullable EventStreamFrames frames;
    private int status;
    private boolean ended;

    Exchange(Capture capture, Route route, Attribution attribution) {
        this.capture = capture;
        this.route = route;
        this.attribution = attribution;
        start = capture.clock().instant();
    }

    /** Bytes of the request's body, which names the model; not needed where the route does. */
    public synchronized void request(byte[] bytes, int offset, int length) {
        request.bytes(bytes, offset, length);
    }

    /**
     * The answer's head is there. A call that was refused ends with it.
     *
     * @param code the HTTP status
     * @param contentType the answer's; empty if it states none
     * @return whether the answer's body is to be handed over
     */
    public boolean answered(int code, String contentType) {
        boolean wanted;
        synchronized (this) {
            status = code;
            if (code / 100 == 2) {
                ResponseTap begun = new ResponseTap(ResponseReader.of(route.format()));
                tap = begun;
                if (contentType.contains("vnd.amazon.eventstream")) {
                    frames = new EventStreamFrames(begun);
                }
            }
            wanted = tap != null && !ended;
        }
        if (!wanted) {
            failed();
        }
        return wanted;
    }

    /** Bytes of the answer's body. */
    public synchronized void body(byte[] bytes, int offset, int length) {
        if (ended) {
            return;
        }
        if (frames != null) {
            frames.bytes(bytes, offset, length);
        } else if (tap != null) {
            tap.bytes(bytes, offset, length);
        }
    }

    /** Bytes of the request's body, whose position stays. */
    public void request(ByteBuffer buffer) {
        show(buffer, this::request);
    }

    /** Bytes of the answer's body, whose position stays. */
    public void body(ByteBuffer buffer) {
        show(buffer, this::body);
    }

    /**
     * The answer's body, which the call sees as it is read: its end completes the call, closing it before leaves it. An exception of
     * the body's reaches its reader.
     */
    public InputStream reading(InputStream body) {
        return new CapturingInputStream(body, this);
    }

    private interface Bytes {
        void take(byte[] bytes, int offset, int length);
    }

    /** Shows what remains in a buffer, whose position stays; without a copy where the bytes can be seen. */
    private static void show(ByteBuffer buffer, Bytes to) {
        if (buffer.hasArray()) {
            to.take(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
        } else {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            to.take(copy, 0, copy.length);
        }
    }

    /** The answer was read to its end. */
    public void complete() {
        end(Outcome.SUCCESS);
    }

    /** The caller wants no more of the answer. */
    public void left() {
        end(Outcome.CANCELED);
    }

    /** There was no answer, or it broke off. */
    public void failed() {
        end(Outcome.ERROR);
    }

    private void end(Outcome how) {
        CapturedCall call;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            try {
                call = call(how);
            } catch (RuntimeException e) {
                capture.failed("its answer cannot be read", e);
                return;
            }
        }
        capture.ended(call);
    }

    private CapturedCall call(Outcome how) {
        ResponseTap seen = tap;
        Outcome outcome = how == Outcome.SUCCESS ? Outcome.ERROR : how;
        Optional<ProviderResponse> response = Optional.empty();
        if (seen != null && isWhole(seen, how)) {
            outcome = Outcome.SUCCESS;
            response = whole(seen);
        } else if (seen != null) {
            response = seen.finishEarly();
        }
        String model = route.model().isEmpty() ? request.model() : route.model();
        return new CapturedCall(
                route.provider(),
                route.format(),
                model,
                response,
                status,
                outcome,
                start,
                Duration.ofNanos(System.nanoTime() - startNanos),
                attribution);
    }

    /** Whoever has read the last event need not read the end of the stream. */
    private static boolean isWhole(ResponseTap seen, Outcome how) {
        return how == Outcome.SUCCESS ? !seen.isWithinDocument() : how == Outcome.CANCELED && seen.isAnswered();
    }

    private static Optional<ProviderResponse> whole(ResponseTap seen) {
        try {
            return Optional.of(seen.finish());
        } catch (IllegalArgumentException e) {
            Optional<ProviderResponse> known = seen.withoutUsage();
            if (known.isEmpty()) {
                throw e;
            }
            return known;
        }
    }
}
