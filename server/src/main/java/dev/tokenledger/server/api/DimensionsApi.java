package dev.tokenledger.server.api;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.DimensionsJson;
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

/** What totals can be grouped and filtered by, and the values that there are, for whoever offers them to choose from. */
public final class DimensionsApi implements Part {

    private static final int MAX_VALUES = 1_000;
    private static final int DEFAULT_VALUES = 100;

    private static final Operation DIMENSIONS = Answers.aboutCalls(
                    Operation.of("dimensions", "What calls can be grouped and filtered by"))
            .describedAs("The dimensions and the keys of attributes, at most " + DimensionsJson.MAX_KEYS
                    + " of them in order. With"
                    + " `values_of` also that dimension's values among the calls asked about, dearest first.")
            .query("values_of", "The dimension whose values are told, such as model or attribute.team.", "model")
            .with(new Parameter(
                    Place.QUERY,
                    "limit",
                    "So many values. Goes with values_of.",
                    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" + MAX_VALUES + ",\"default\":" + DEFAULT_VALUES
                            + "}",
                    Optional.of("10")))
            .json("Names, and the values of one.", Answers.reference("Dimensions"));

    private final Services services;

    /** The dimensions of these services' ledger. */
    public DimensionsApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/dimensions", Access.READ, DIMENSIONS, this::dimensions));
    }

    private void dimensions(Context context) {
        Optional<SummaryQuery> values = Answers.query(
                context, services, QueryParameters.OF_VALUES, query -> query.values(DEFAULT_VALUES, MAX_VALUES));
        Ledger ledger = services.ledger(context);
        Answers.json(context, DimensionsJson.write(ledger.attributeKeys(), values.map(ledger::summaries)));
    }
}
