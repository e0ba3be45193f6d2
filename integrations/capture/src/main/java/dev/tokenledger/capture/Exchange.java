package dev.tokenledger.capture;

import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.payloads.ResponseReader;
import dev.tokenledger.payloads.ResponseTap;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call in progress. Its request's and its answer's bytes pass by, and it ends once: at the answer's end, where the caller
 * leaves it, or where it fails. Never throws. Guarded by its own monitor, for an end may come from another thread.
 */
final class Exchange {

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

    /** Bytes of the request's body. */
    synchronized void request(byte[] bytes, int offset, int length) {
        request.bytes(bytes, offset, length);
    }

    /** The answer's head is there. */
    synchronized void answered(int code, String contentType) {
        status = code;
        if (code / 100 == 2) {
            ResponseTap begun = new ResponseTap(ResponseReader.of(route.format()));
            tap = begun;
            if (contentType.contains("vnd.amazon.eventstream")) {
                frames = new EventStreamFrames(begun);
            }
        }
    }

    /** Whether the answer's body is to be handed over. */
    synchronized boolean wantsBody() {
        return tap != null && !ended;
    }

    synchronized void body(byte[] bytes, int offset, int length) {
        if (ended) {
            return;
        }
        if (frames != null) {
            frames.bytes(bytes, offset, length);
        } else if (tap != null) {
            tap.bytes(bytes, offset, length);
        }
    }

    void body(ByteBuffer buffer) {
        if (buffer.hasArray()) {
            body(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
        } else {
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            body(copy, 0, copy.length);
        }
    }

    /** The answer was read to its end. */
    void complete() {
        end(Outcome.SUCCESS);
    }

    /** The caller wants no more of the answer. */
    void left() {
        end(Outcome.CANCELED);
    }

    /** There was no answer, or it broke off. */
    void failed() {
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
        Outcome outcome = how;
        Optional<ProviderResponse> response = Optional.empty();
        if (seen != null) {
            boolean whole = how == Outcome.SUCCESS && !seen.isWithinDocument();
            if (how == Outcome.SUCCESS && !whole) {
                outcome = Outcome.ERROR;
            }
            response = whole ? whole(seen) : early(seen, outcome);
            if (outcome == Outcome.CANCELED && seen.isAnswered()) {
                // Whoever has read the last event need not read the end of the stream.
                outcome = Outcome.SUCCESS;
                response = whole(seen);
            }
        } else if (how == Outcome.SUCCESS) {
            outcome = Outcome.ERROR;
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

    private static Optional<ProviderResponse> early(ResponseTap seen, Outcome outcome) {
        Optional<ProviderResponse> known = seen.finishEarly();
        return known.isPresent() || outcome != Outcome.SUCCESS ? known : seen.withoutUsage();
    }
}
