package dev.tokenledger.server.http;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.stream.IntStream;

/**
 * One thing that the server answers. All routes are in one table, from which the routing, the checks of keys, the OpenAPI
 * document and the tests of scopes are made.
 *
 * @param method the HTTP method
 * @param path the path, parameters in braces: {@code /v1/records/{id}}
 * @param access who may call it
 * @param operation what it is, for the OpenAPI document
 * @param handler what answers; called only after {@code access} was checked. What it throws is turned into a problem
 *     document: a {@link Problem} says which, the ledger's exceptions are known, any other is an error of the server
 * @param sendsWhileReading whether the handler sends its answer as it reads, and so takes as long as its client
 */
public record Route(
        HandlerType method,
        String path,
        Access access,
        Operation operation,
        Handler handler,
        boolean sendsWhileReading) {

    /** A route whose answer is sent when it is whole. */
    public Route(HandlerType method, String path, Access access, Operation operation, Handler handler) {
        this(method, path, access, operation, handler, false);
    }

    /** A route for {@code GET} whose handler sends its answer as it reads; it bounds itself how many do so at a time. */
    public static Route download(String path, Access access, Operation operation, Handler handler) {
        return new Route(HandlerType.GET, path, access, operation, handler, true);
    }

    /** A route for {@code GET}. */
    public static Route get(String path, Access access, Operation operation, Handler handler) {
        return new Route(HandlerType.GET, path, access, operation, handler);
    }

    /** A route for {@code POST}. */
    public static Route post(String path, Access access, Operation operation, Handler handler) {
        return new Route(HandlerType.POST, path, access, operation, handler);
    }

    /** Whether a segment of the path is any text. */
    boolean hasParameter() {
        return path.indexOf('{') >= 0;
    }

    /** Whether a path is this route's, whatever the method. A parameter stands for one segment that is not empty. */
    boolean matches(String asked) {
        String[] own = path.split("/", -1);
        String[] other = asked.split("/", -1);
        return own.length == other.length
                && IntStream.range(0, own.length)
                        .allMatch(i -> own[i].startsWith("{") ? !other[i].isEmpty() : own[i].equals(other[i]));
    }
}
