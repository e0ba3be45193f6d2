package dev.tokenledger.server;

import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.GrpcMethod;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;

/** A part of a server that only reads: what it would write is refused, and told so for good, because trying again does not help. */
final class ReadingPart implements Part {

    private static final int FORBIDDEN = 403;

    private final Part part;
    private final String ledgers;

    /** @param ledgers the names of those that are read */
    ReadingPart(Part part, List<String> ledgers) {
        this.part = part;
        this.ledgers = String.join(", ", ledgers);
    }

    @Override
    public List<Route> routes() {
        return part.routes().stream()
                .map(route -> writes(route.access())
                        ? new Route(route.method(), route.path(), route.access(), route.operation(), context -> {
                            throw refused();
                        })
                        : route)
                .toList();
    }

    @Override
    public List<GrpcMethod> grpcMethods() {
        return part.grpcMethods().stream()
                .map(method -> writes(method.access())
                        ? new GrpcMethod(method.service(), method.name(), method.access(), (caller, message) -> {
                            throw refused();
                        })
                        : method)
                .toList();
    }

    private static boolean writes(Access access) {
        return access == Access.INGEST || access == Access.ADMIN;
    }

    private Problem refused() {
        return Problem.of(
                FORBIDDEN,
                "this server only reads: it adds up the ledgers " + ledgers
                        + "; nothing was stored, send it to a server of one of them");
    }

    @Override
    public void answered(String method, String route, int status, Duration duration) {
        part.answered(method, route, status, duration);
    }

    @Override
    public boolean show(Problem problem, Context context) {
        return part.show(problem, context);
    }

    @Override
    public void close() {
        part.close();
    }
}
