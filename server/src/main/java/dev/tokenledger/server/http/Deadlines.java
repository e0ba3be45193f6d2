package dev.tokenledger.server.http;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections that keep us waiting: for complete headers too long after the connection was opened or the first byte of
 * a further request came, or that take an answer too slowly. Jetty's own timers begin anew with each byte, so a client that
 * sends one now and then would stay for ever.
 *
 * <p>A connection of HTTP/2 has several requests at a time, and frames that belong to none, such as pings; so it is closed when
 * it has been without a request for as long as any connection may be silent, whatever it sends, and at once while the server stops.
 *
 * <p>Connections are looked at once in a while, not timed one by one: a timer each costs more than a look.
 */
final class Deadlines extends AbstractLifeCycle implements Connection.Listener {

    private static final long LOOK_MILLIS = 250;

    private final Map<Connection, State> states = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final long headerNanos;
    private final long answerNanos;
    private final long idleNanos;
    private final BooleanSupplier stopping;
    private final LongSupplier nanoTime;

    /** What one connection is at. Guarded by itself. */
    private static final class State {

        /** The requests that are in the handlers' hands, so that we are the ones to be waited for, and since when. */
        final IdentityHashMap<Request, Long> handling = new IdentityHashMap<>();

        /** How much had come in when the last request was done: what is more belongs to the next. */
        long bytesBefore;

        /** When the present waiting for a request began; 0 while nothing is due. */
        long since;

        /** Whether the client of an idle connection was told that it ends. */
        boolean leaving;
    }

    /**
     * Keeps these times.
     *
     * @param stopping whether the server is being stopped, so that connections of HTTP/2 are to end when they are without a request
     */
    Deadlines(Scheduler scheduler, Limits limits, BooleanSupplier stopping, LongSupplier nanoTime) {
        this.scheduler = scheduler;
        this.stopping = stopping;
        this.nanoTime = nanoTime;
        headerNanos = limits.headerTime().toNanos();
        answerNanos = limits.answerTime().toNanos();
        idleNanos = limits.idleTime().toNanos();
    }

    @Override
    protected void doStart() {
        scheduler.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection) {
            // The one inside it is opened too, before the handshake, and is what requests come from.
            return;
        }
        State state = new State();
        state.since = nanoTime.getAsLong();
        states.put(connection, state);
    }

    @Override
    public void onClosed(Connection connection) {
        states.remove(connection);
    }

    /** The headers of a request are complete. */
    void begun(Request request) {
        State state = states.get(request.getConnectionMetaData().getConnection());
        if (state != null) {
            synchronized (state) {
                state.handling.put(request, nanoTime.getAsLong());
            }
        }
    }

    /** The answer to a request is complete. */
    void done(Request request) {
        Connection connection = request.getConnectionMetaData().getConnection();
        State state = states.get(connection);
        if (state != null) {
            synchronized (state) {
                state.handling.remove(request);
                state.bytesBefore = connection.getBytesIn();
                state.since = connection instanceof HTTP2Connection ? nanoTime.getAsLong() : 0;
            }
        }
    }

    /** Looks at every connection, and again later while it runs. */
    void look() {
        long now = nanoTime.getAsLong();
        states.forEach((connection, state) -> {
            if (isOverdue(connection, state, now) && !isLeaving(connection, state)) {
                connection.getEndPoint().close(new TimeoutException("too slow a client"));
            }
        });
        if (isRunning()) {
            scheduler.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private boolean isOverdue(Connection connection, State state, long now) {
        synchronized (state) {
            if (!state.handling.isEmpty()) {
                return state.handling.values().stream().anyMatch(since -> now - since > answerNanos);
            }
            if (connection instanceof HTTP2Connection) {
                return stopping.getAsBoolean() || now - state.since > idleNanos;
            }
            if (state.since == 0 && connection.getBytesIn() > state.bytesBefore) {
                state.since = now;
            }
            return state.since != 0 && now - state.since > headerNanos;
        }
    }

    /**
     * Whether an idle connection of HTTP/2 is being ended by a frame that says so, after which its client opens another for its
     * next request. One that is still there at the next look is closed.
     */
    private static boolean isLeaving(Connection connection, State state) {
        if (!(connection instanceof HTTP2Connection multiplexed)) {
            return false;
        }
        synchronized (state) {
            if (state.leaving || !state.handling.isEmpty()) {
                return false;
            }
            state.leaving = true;
        }
        multiplexed.getSession().close(ErrorCode.NO_ERROR.code, "no request for too long", Callback.NOOP);
        return true;
    }
}
