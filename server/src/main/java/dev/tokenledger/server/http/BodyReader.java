package dev.tokenledger.server.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.ByteBufferContentSource;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Receives a request's body whole, without a thread waiting for it, before anything handles the request. So a client that
 * sends slowly costs us a connection and the bytes it has sent, and both are bounded: a body by its length and time, all
 * bodies together by their bytes.
 *
 * <p>A body that is too long, or that there is no room for, is {@linkplain BodyDrain thrown away}.
 */
final class BodyReader extends Handler.Wrapper {

    private static final int FIRST_BUFFER = 16 << 10;

    private final Limits limits;
    private final BodyMemoryBudget room;

    BodyReader(Handler inside, Limits limits) {
        super(inside);
        this.limits = limits;
        room = new BodyMemoryBudget(limits.pendingBytes());
    }

    /** Whether a body comes with a request. */
    static boolean hasBody(Request request) {
        return request.getLength() != 0
                && (request.getLength() > 0
                        || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                        // HTTP/2 ends a body by its frames, and need not announce it.
                        || GrpcAnswer.isFor(request));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!hasBody(request)) {
            return super.handle(request, response, callback);
        }
        if (request.getLength() > limits.bodyBytes()) {
            Problems.write(tooLarge(), response, BodyDrain.readBefore(callback, request, limits));
        } else {
            new Reading(request, response, callback).begin();
        }
        return true;
    }

    private Problem tooLarge() {
        return RequestBody.tooLarge(limits.bodyBytes());
    }

    /** One body on its way. Its bytes are counted from when they are held until the answer is complete. */
    private final class Reading implements Runnable {

        private final Request request;
        private final Response response;
        private final Callback callback;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Scheduler.Task timer;
        private final int most;
        private final BodyMemoryBudget.Share share;
        private byte[] bytes;
        private int length;

        Reading(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            long stated = request.getLength();
            most = stated < 0 ? limits.bodyBytes() : (int) stated;
            // A connection of gRPC brings many bodies at a time, so none of them has room before it is asked for.
            bytes = new byte[GrpcAnswer.isFor(request) ? 0 : Math.min(most, FIRST_BUFFER)];
            share = room.share(bytes.length);
            this.callback = Callback.from(callback, share::release);
            Duration patience = limits.bodyTime();
            timer = request.getComponents()
                    .getScheduler()
                    .schedule(
                            () -> refuse(
                                    Problem.of(408, "the body did not arrive within " + patience.toSeconds() + " s")),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        void begin() {
            run();
        }

        @Override
        public void run() {
            while (!over.get()) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    refuse(brokenOff());
                    return;
                }
                boolean last = chunk.isLast();
                try {
                    if (!take(chunk.getByteBuffer())) {
                        return;
                    }
                } finally {
                    chunk.release();
                }
                if (last) {
                    complete();
                    return;
                }
            }
        }

        /** A server that stops waits for no bytes, which is no mistake of the client's. */
        private Problem brokenOff() {
            return getServer().isStopping()
                    ? Problem.of(503, "the server is being stopped; nothing was stored, retry")
                    : Problem.of(400, "the body broke off, or its encoding is wrong");
        }

        /** Adds bytes; false if the request is refused for them. */
        private boolean take(ByteBuffer more) {
            int count = more.remaining();
            if (count > most - length) {
                refuseAndReadOn(tooLarge());
                return false;
            }
            int start = length;
            length += count;
            if (length > bytes.length
                    && !grow((int) Math.min(most, Math.max(Math.max(length, FIRST_BUFFER), bytes.length * 2L)))) {
                refuseAndReadOn(RequestBody.noRoom());
                return false;
            }
            more.get(bytes, start, count);
            return true;
        }

        /** Makes room for more bytes; false if there is none. */
        private boolean grow(int size) {
            if (!share.take(size - bytes.length)) {
                return false;
            }
            bytes = Arrays.copyOf(bytes, size);
            return true;
        }

        private void complete() {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            timer.cancel();
            byte[] body = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
            request.setAttribute(RequestBody.ATTRIBUTE, new RequestBody.Received(body, share));
            try {
                if (!BodyReader.super.handle(new WithBody(request, body), response, callback)) {
                    Response.writeError(request, response, callback, 404);
                }
            } catch (Exception e) {
                Response.writeError(request, response, callback, e);
            }
        }

        /** What has come makes room at once. */
        private void refuseAndReadOn(Problem problem) {
            if (over.compareAndSet(false, true)) {
                timer.cancel();
                share.release();
                Problems.write(problem, response, BodyDrain.readBefore(callback, request, limits));
            }
        }

        private void refuse(Problem problem) {
            if (over.compareAndSet(false, true)) {
                timer.cancel();
                // What is still on its way is not waited for.
                response.getHeaders().put(HttpHeader.CONNECTION, "close");
                Problems.write(problem, response, callback);
            }
        }
    }

    /** The request, with its body to be read from memory. */
    private static final class WithBody extends Request.Wrapper {

        private final Content.Source body;

        WithBody(Request request, byte[] body) {
            super(request);
            this.body = new ByteBufferContentSource(ByteBuffer.wrap(body));
        }

        @Override
        public Content.Chunk read() {
            return body.read();
        }

        @Override
        public void demand(Runnable demandCallback) {
            body.demand(demandCallback);
        }
    }
}
