package dev.tokenledger.server.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections that keep us waiting: for complete headers too long after the connection was opened or the first byte of
 * a further request came, or that take an answer too slowly. Jetty's own timers begin anew with each byte, so a client that
 * sends one now and then would stay for ever.
 *
 * <p>Connections are looked at once in a while, not timed one by one: a timer each costs more than a look.
 */
final class Deadlines extends AbstractLifeCycle implements Connection.Listener {

    private static final long LOOK_MILLIS = 250;

    private final Map<Connection, State> states = new ConcurrentHashMap<>();
    private final Scheduler scheduler;
    private final long headerNanos;
    private final long answerNanos;
    private final LongSupplier nanoTime;

    /** What one connection is at. Guarded by itself. */
    private static final class State {

        /** Whether a request is in the handlers' hands, so that we are the ones to be waited for. */
        boolean handling;

        /** How much had come in when the last request was done: what is more belongs to the next. */
        long bytesBefore;

        /** When the present waiting began; 0 while nothing is due. */
        long since;
    }

    Deadlines(Scheduler scheduler, Duration headers, Duration answer, LongSupplier nanoTime) {
        this.scheduler = scheduler;
        this.nanoTime = nanoTime;
        headerNanos = headers.toNanos();
        answerNanos = answer.toNanos();
    }

    @Override
    protected void doStart() {
        scheduler.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void onOpened(Connection connection) {
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
                state.handling = true;
                state.since = nanoTime.getAsLong();
            }
        }
    }

    /** The answer to a request is complete. */
    void done(Request request) {
        Connection connection = request.getConnectionMetaData().getConnection();
        State state = states.get(connection);
        if (state != null) {
            synchronized (state) {
                state.handling = false;
                state.bytesBefore = connection.getBytesIn();
                state.since = 0;
            }
        }
    }

    private void look() {
        long now = nanoTime.getAsLong();
        states.forEach((connection, state) -> {
            if (isOverdue(connection, state, now)) {
                connection.getEndPoint().close(new TimeoutException("too slow a client"));
            }
        });
        if (isRunning()) {
            scheduler.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private boolean isOverdue(Connection connection, State state, long now) {
        synchronized (state) {
            if (state.handling) {
                return now - state.since > answerNanos;
            }
            if (state.since == 0 && connection.getBytesIn() > state.bytesBefore) {
                state.since = now;
            }
            return state.since != 0 && now - state.since > headerNanos;
        }
    }
}
