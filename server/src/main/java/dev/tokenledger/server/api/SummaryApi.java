package dev.tokenledger.server.api;

import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.summary.SummaryQuery;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;

/** Totals. */
public final class SummaryApi implements Part {

    private static final Operation SUMMARY = Answers.aboutCalls(
                    Operation.of("summary", "Tokens and cost, in total and by group"))
            .describedAs(
                    "The parameters and the answer are those of the command line's `summary`. Costs are exact decimal"
                            + " numbers. A total that leaves out calls without a price counts them in `unpriced_records` and"
                            + " `partial_records`.")
            .query(
                    "group_by",
                    "Dimensions with commas between them: model, upstream_model, provider, resource, role, task, session,"
                            + " conversation, source, pricing_status, outcome, service_tier, attribute.<key>.",
                    "model")
            .with(new Parameter(
                    Place.QUERY,
                    "every",
                    "A row for every calendar period of this length.",
                    "{\"type\":\"string\",\"enum\":[\"quarter_hour\",\"hour\",\"day\",\"week\",\"month\"]}",
                    Optional.of("day")))
            .with(new Parameter(
                    Place.QUERY,
                    "order",
                    "What groups are ordered by, highest first; key goes from the first.",
                    "{\"type\":\"string\",\"enum\":[\"cost\",\"tokens\",\"records\",\"key\"],\"default\":\"cost\"}",
                    Optional.of("tokens")))
            .with(new Parameter(
                    Place.QUERY,
                    "limit",
                    "So many groups; the others make one row with `other`. Goes with group_by.",
                    "{\"type\":\"integer\",\"minimum\":1}",
                    Optional.of("10")))
            .query(
                    "as_of",
                    "What the ledger told at this date or time: what was recorded, reversed or repriced later is left out. Reads"
                            + " each record of the window.",
                    "2026-11-03T12:00:00Z")
            .json("The window, its total, and the groups.", Answers.reference("Summary"));

    private final Services services;

    /** The totals of these services' ledger. */
    public SummaryApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/summary", Access.READ, SUMMARY, this::summary));
    }

    private void summary(Context context) {
        SummaryQuery query = Answers.query(context, services, QueryParameters.OF_SUMMARY, QueryParameters::summary);
        Answers.json(context, SummaryJson.write(query, services.ledger().summaries(query)));
    }
}
