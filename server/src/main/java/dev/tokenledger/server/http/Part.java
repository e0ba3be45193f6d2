package dev.tokenledger.server.http;

import java.time.Duration;
import java.util.List;

/** A part of the server: routes that belong together. See the package for how one is added. */
public interface Part extends AutoCloseable {

    /** What it answers. Asked once, when the server starts. */
    default List<Route> routes() {
        return List.of();
    }

    /**
     * Hears of every request that reached a route of any part, once it is answered. Called by the thread that answered, so
     * it must be quick, and must not throw.
     *
     * @param duration from the complete headers to the end of the answer
     */
    default void answered(Route route, int status, Duration duration) {}

    /** Releases what the part holds; called when the last request has been answered. */
    @Override
    default void close() {}
}
