package dev.tokenledger.server.api;

import dev.tokenledger.formats.present.MissingLedgers;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.usage.RecordId;
import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What the routes of the API have in common: how they read a query, and how they answer. */
final class Answers {

    static final String JSON = "application/json";
    static final String LINES = "application/x-ndjson";

    private static final String TEXT = "{\"type\":\"string\"}";

    private Answers() {}

    /** Answers with a JSON object, in which stands last what is missing from it. */
    static void json(Context context, String json) {
        context.contentType(JSON).result(MissingLedgers.marked(json, Services.missing(context)));
    }

    /** Reads the query's parameters, and answers 400 by the name of the one that is wrong. */
    static <T> T query(Context context, Services services, Set<String> known, Function<QueryParameters, T> reader) {
        try {
            Map<String, List<String>> stated = new LinkedHashMap<>(context.queryParamMap());
            // It is about the answer and not the question, and read where the ledger is chosen.
            stated.remove(Services.PARTIAL);
            return reader.apply(
                    new QueryParameters(stated, known, services.clock().instant(), services.zone()));
        } catch (ParameterException e) {
            throw Problem.badField(e.parameter(), e.parameter() + ": " + e.getMessage());
        }
    }

    /** Reads a record's id, and answers 400 if it is none. */
    static RecordId recordId(String text) {
        try {
            return RecordId.of(text);
        } catch (IllegalArgumentException e) {
            throw Problem.badField("id", String.valueOf(e.getMessage()));
        }
    }

    static String reference(String schema) {
        return "{\"$ref\":\"#/components/schemas/" + schema + "\"}";
    }

    /** The parameters that say which calls a question is about. */
    static Operation aboutCalls(Operation operation) {
        return operation
                .with(new Parameter(
                        Place.QUERY,
                        "period",
                        "A span of the calendar around now; goes without from, to and hours.",
                        "{\"type\":\"string\",\"enum\":[\"today\",\"yesterday\",\"week\",\"month\",\"last_month\",\"all\"],\"default\":\"all\"}",
                        Optional.of("month")))
                .with(absent("from", "From this date or time on: 2026-11-01, or 2026-11-01T09:30:00Z."))
                .with(absent("to", "Up to, but not including, this date or time."))
                .with(new Parameter(
                        Place.QUERY,
                        "hours",
                        "So many hours before now; goes without from and to.",
                        "{\"type\":\"integer\",\"minimum\":1}",
                        Optional.empty()))
                .query(
                        "zone",
                        "The time zone of days, weeks and months, and of times without an offset; default: the server's.",
                        "Europe/Berlin")
                .with(new Parameter(
                        Place.QUERY,
                        Services.PARTIAL,
                        "Whether a server of several ledgers answers without those that fail, and says which in"
                                + " `missing_ledgers`; default: as it was started. Of one ledger all is told or nothing.",
                        "{\"type\":\"string\",\"enum\":[\"true\",\"false\"]}",
                        Optional.of("true")))
                .filters();
    }

    private static Parameter absent(String name, String description) {
        return new Parameter(Place.QUERY, name, description, TEXT, Optional.empty());
    }
}
