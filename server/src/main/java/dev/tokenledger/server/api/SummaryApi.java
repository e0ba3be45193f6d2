package dev.tokenledger.server.api;

import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.sources.json.SummaryJson;
import dev.tokenledger.sources.query.ParameterException;
import dev.tokenledger.sources.query.QueryParameters;
import dev.tokenledger.summary.SummaryQuery;
import io.javalin.http.Context;
import java.util.List;

/** Totals. */
public final class SummaryApi implements Part {

    private final Services services;

    /** The totals of these services' ledger. */
    public SummaryApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get(
                "/v1/summary",
                Access.READ,
                Operation.of("summary", "Tokens and cost, in total and by group")
                        .query("period", "today, yesterday, week, month or all (the default)", "month")
                        .json("The window, its total, and the groups.", "{\"$ref\":\"#/components/schemas/Summary\"}"),
                this::summary));
    }

    private void summary(Context context) {
        try {
            SummaryQuery query = new QueryParameters(
                            context.queryParamMap(),
                            QueryParameters.OF_SUMMARY,
                            services.clock().instant(),
                            services.zone())
                    .summary();
            context.contentType("application/json")
                    .result(SummaryJson.write(query, services.ledger().query(query)));
        } catch (ParameterException e) {
            throw Problem.badField(e.parameter(), e.parameter() + ": " + e.getMessage());
        }
    }
}
