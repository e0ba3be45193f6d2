package dev.tokenledger.server.api;

import dev.tokenledger.formats.prices.PriceJson;
import dev.tokenledger.formats.prices.PriceListing;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.payloads.CostLine;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import io.javalin.http.Context;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Prices, and what usage would cost without storing it. */
public final class PricingApi implements Part {

    private static final String LINE =
            "{\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"timestamp\":\"2026-01-05T10:00:00Z\","
                    + "\"input_tokens\":1000,\"output_tokens\":100}";
    private static final String PAYLOAD =
            "{\"model\":\"gpt-5\",\"format\":\"openai-chat\",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}";

    private static final Operation COST = Operation.of("cost", "What usage costs, without storing it")
            .describedAs(
                    "A line is a record, or has a provider's own `usage` object and its `format` in place of the counts."
                            + " Without a `timestamp` the price is the one in force now. In an array or NDJSON a bad line gives"
                            + " `{\"error\":…,\"line\":N}`, counted from 1, and the others their cost; a bad single object gives 400.")
            .body(Answers.JSON, Answers.reference("CostLine"), LINE)
            .body(Answers.LINES, Answers.reference("CostLine"), LINE + "\n" + PAYLOAD + "\n")
            .json("The cost of a single object, or an array of costs.", Answers.reference("CostAnswer"))
            .answer(200, "A cost a line.", Answers.LINES, Answers.reference("CostAnswer"));

    private static final Set<String> PRICES_PARAMETERS = new LinkedHashSet<>(List.of("text", "at"));

    private static final Operation PRICES = Operation.of("prices", "The prices that calls are recorded with")
            .query("text", "Only models with this in their name, an alias or their provider.", "sonnet")
            .query("at", "Only the prices that decide at this date or time, in UTC.", "2026-10-01")
            .json("Entries in the form of a price file, each with its id and layer.", Answers.reference("Prices"));

    private final Services services;
    private final CostLine pricing;

    /** The prices of these services' book. */
    public PricingApi(Services services) {
        this.services = services;
        pricing = CostLine.of(services.ledger().prices(), services.clock());
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post("/v1/cost", Access.READ, COST, this::cost),
                Route.get("/v1/prices", Access.READ, PRICES, this::prices));
    }

    private void cost(Context context) {
        BodyText body = BodyText.read(context, services.limits());
        List<CostLine.Result> results = new ArrayList<>();
        for (String item : body.items()) {
            results.add(pricing.price(item, results.size() + 1L));
        }
        switch (body.form()) {
            case SINGLE -> {
                if (results.get(0).failed()) {
                    throw Problem.of(400, results.get(0).problem());
                }
                Answers.json(context, results.get(0).json());
            }
            case ARRAY -> Answers.json(context, "[" + joined(results, ",") + "]");
            case LINES ->
                context.contentType(Answers.LINES).result(joined(results, "\n") + (results.isEmpty() ? "" : "\n"));
        }
    }

    private static String joined(List<CostLine.Result> results, String between) {
        return String.join(between, results.stream().map(CostLine.Result::json).toList());
    }

    private void prices(Context context) {
        List<PriceListing.Listed> found = Answers.query(context, services, PRICES_PARAMETERS, query -> {
            Optional<Instant> at = query.get("at", text -> TimeText.parse(text, ZoneOffset.UTC));
            return PriceListing.find(
                    services.ledger().prices(), query.get("text", text -> text).orElse(""), at);
        });
        Answers.json(context, PriceJson.write(found));
    }
}
