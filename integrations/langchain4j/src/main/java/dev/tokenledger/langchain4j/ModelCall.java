package dev.tokenledger.langchain4j;

import dev.tokenledger.capture.CapturedCall;
import dev.tokenledger.capture.Exchange;
import dev.tokenledger.usage.Attribution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a model, from its request to its end, with what an HTTP client of the same recording saw of it: more than one
 * answer where the model tried again or sent its input in parts. It ends once. Guarded by its own monitor, which is never held
 * while others are called.
 */
final class ModelCall {

    private final String provider;
    private final String requestedModel;
    private final Attribution attribution;
    private final Instant start;
    private final String reservation;
    private final long startNanos = System.nanoTime();
    private final List<CapturedCall> captured = new ArrayList<>(1);
    private @Nullable Exchange exchange;
    private boolean ended;

    /**
     * A call that begins.
     *
     * @param provider as the framework names it; empty if it does not
     * @param requestedModel empty if the request does not say
     * @param reservation what a budget was asked for the call; empty if nothing
     */
    ModelCall(String provider, String requestedModel, Attribution attribution, Instant start, String reservation) {
        this.provider = provider;
        this.requestedModel = requestedModel;
        this.attribution = attribution;
        this.start = start;
        this.reservation = reservation;
    }

    String provider() {
        return provider;
    }

    String requestedModel() {
        return requestedModel;
    }

    Attribution attribution() {
        return attribution;
    }

    String reservation() {
        return reservation;
    }

    Instant start() {
        return start;
    }

    long nanos() {
        return System.nanoTime() - startNanos;
    }

    synchronized boolean isEnded() {
        return ended;
    }

    /** A request is sent for this call. */
    synchronized void sent(Exchange begun) {
        exchange = begun;
    }

    /** A request's answer has ended. */
    synchronized void captured(CapturedCall call) {
        if (!ended) {
            captured.add(call);
        }
    }

    /**
     * Ends the call.
     *
     * @param whole whether the framework has the whole answer, whose stream need not have been read to its end
     * @return what was seen of it; empty if it has ended before
     */
    Optional<List<CapturedCall>> end(boolean whole) {
        Exchange last;
        synchronized (this) {
            last = exchange;
            exchange = null;
        }
        if (last != null && whole) {
            last.complete();
        } else if (last != null) {
            last.failed();
        }
        synchronized (this) {
            if (ended) {
                return Optional.empty();
            }
            ended = true;
            return Optional.of(List.copyOf(captured));
        }
    }
}
