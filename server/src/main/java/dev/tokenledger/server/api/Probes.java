package dev.tokenledger.server.api;

import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import java.util.List;

/** Whether the process lives, and whether the ledger answers and takes records. */
public final class Probes implements Part {

    private static final String STATUS =
            "{\"type\":\"object\",\"required\":[\"status\"],\"properties\":{\"status\":{\"type\":\"string\"}}}";
    private static final String KEY_OF_NOTHING = "server:ready";

    private final Services services;

    /** Probes of these services. */
    public Probes(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(
                        "/healthz",
                        Access.ANYONE,
                        Operation.of("health", "Whether the process lives").json("It does.", STATUS),
                        context -> context.contentType("application/json").result("{\"status\":\"ok\"}")),
                Route.get(
                        "/readyz",
                        Access.ANYONE,
                        Operation.of("readiness", "Whether the ledger answers and takes records")
                                .json("It does.", STATUS),
                        context -> {
                            // All keys of nothing: of several ledgers, some may be missing without its being unknown.
                            services.answering(context).readerStates(KEY_OF_NOTHING);
                            services.ledger().checkWritable();
                            context.contentType("application/json").result("{\"status\":\"ready\"}");
                        }));
    }
}
