package dev.tokenledger.server.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The body of a request that was refused before the body had come. The answer goes out at once; what the client still sends is
 * thrown away for as long as any body may take, and up to twice as much as one may have. Were the connection closed instead, a
 * client that is still sending would mostly see it broken in place of the answer.
 */
final class BodyDrain implements Runnable {

    private final Request request;
    private final Callback callback;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Scheduler.Task timer;
    private long left;

    private BodyDrain(Request request, Limits limits, Callback callback) {
        this.request = request;
        this.callback = callback;
        left = 2L * limits.bodyBytes();
        timer = request.getComponents()
                .getScheduler()
                .schedule(this::end, limits.bodyTime().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** For when the answer has been sent: reads what there is to read, and then calls what was to be called. */
    static Callback readBefore(Callback callback, Request request, Limits limits) {
        // Who asks whether to send a body sees the answer and does not.
        boolean coming = BodyReader.hasBody(request) && !request.getHeaders().contains(HttpHeader.EXPECT);
        return coming
                ? Callback.from(() -> new BodyDrain(request, limits, callback).run(), callback::failed)
                : callback;
    }

    @Override
    public void run() {
        while (!over.get()) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            left -= chunk.remaining();
            boolean last = chunk.isLast() || Content.Chunk.isFailure(chunk) || left < 0;
            chunk.release();
            if (last) {
                end();
            }
        }
    }

    private void end() {
        if (over.compareAndSet(false, true)) {
            timer.cancel();
            callback.succeeded();
        }
    }
}
