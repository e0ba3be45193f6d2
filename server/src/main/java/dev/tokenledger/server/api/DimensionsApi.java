package dev.tokenledger.server.api;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** What totals can be grouped and filtered by, and the values that there are, for whoever offers them to choose from. */
public final class DimensionsApi implements Part {

    private static final int MAX_KEYS = 1_000;
    private static final int MAX_VALUES = 1_000;
    private static final int DEFAULT_VALUES = 100;

    private static final Operation DIMENSIONS = Answers.aboutCalls(
                    Operation.of("dimensions", "What calls can be grouped and filtered by"))
            .describedAs("The dimensions and the keys of attributes, at most " + MAX_KEYS + " of them in order. With"
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
        SortedSet<String> keys = services.ledger().attributeKeys();
        List<GroupedSummary> groups =
                values.map(query -> services.ledger().summaries(query)).orElse(List.of());
        Answers.json(context, JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("dimensions");
            Dimension.all().forEach(dimension -> json.writeString(dimension.name()));
            json.writeEndArray();
            json.writeArrayPropertyStart("attributes");
            keys.stream().limit(MAX_KEYS).forEach(json::writeString);
            json.writeEndArray();
            json.writeBooleanProperty("more_attributes", keys.size() > MAX_KEYS);
            if (values.isPresent()) {
                json.writeArrayPropertyStart("values");
                groups.stream().filter(group -> !group.other()).forEach(group -> {
                    json.writeStartObject();
                    json.writeStringProperty("value", group.key());
                    json.writeNumberProperty("total_records", group.summary().totalRecords());
                    json.writeNumberProperty(
                            "total_cost_usd", group.summary().totalCost().toBigDecimal());
                    json.writeEndObject();
                });
                json.writeEndArray();
                json.writeBooleanProperty("more_values", groups.stream().anyMatch(GroupedSummary::other));
            }
            json.writeEndObject();
        }));
    }
}
