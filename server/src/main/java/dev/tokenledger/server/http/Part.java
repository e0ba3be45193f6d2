package dev.tokenledger.server.http;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;

/** A part of the server: routes that belong together. See the package for how one is added. */
public interface Part extends AutoCloseable {

    /** What it answers, the same each time. Asked when the server is made, and when all routes are described. */
    default List<Route> routes() {
        return List.of();
    }

    /** What it answers over gRPC, the same each time. Asked when the server is made. */
    default List<GrpcMethod> grpcMethods() {
        return List.of();
    }

    /**
     * Hears of every request that reached a route or gRPC method of any part, once its answer is made. Called by the thread that made it, so
     * it must be quick, and must not throw.
     *
     * @param route the route's path, with its parameters in braces
     * @param status of HTTP; for gRPC the one that HTTP would have
     * @param duration from the complete body until the answer is made; receiving the one and sending the other take their own
     *     time, save that what is sent as it is made takes as long as the client
     */
    default void answered(String method, String route, int status, Duration duration) {}

    /**
     * Shows a problem to somebody who looks with a browser.
     *
     * @param context has the status already; what is set is the page
     * @return whether it was shown; otherwise the problem's document is sent
     */
    default boolean show(Problem problem, Context context) {
        return false;
    }

    /** Releases what the part holds; called when the last request has been answered. */
    @Override
    default void close() {}
}
