package dev.tokenledger.server.api;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.summary.SummaryQuery;
import io.javalin.http.Context;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Totals. */
public final class SummaryApi implements Part {

    private static final String CURRENCY = "currency";

    private static final Set<String> PARAMETERS = parameters();

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
            .with(new Parameter(
                    Place.QUERY,
                    CURRENCY,
                    "Costs in this currency too, each day's by that day's rate: `currency` says how, and each total has `total_cost`."
                            + " It is the one that the server was started with.",
                    "{\"type\":\"string\",\"minLength\":3,\"maxLength\":3}",
                    Optional.empty()))
            .json("The window, its total, and the groups.", Answers.reference("Summary"));

    private final Services services;
    private final Optional<Supplier<ExchangeRates>> rates;

    /**
     * The totals of these services' ledger.
     *
     * @param rates the exchange rates in force; empty for USD alone
     */
    public SummaryApi(Services services, Optional<Supplier<ExchangeRates>> rates) {
        this.services = services;
        this.rates = rates;
    }

    private static Set<String> parameters() {
        Set<String> names = new LinkedHashSet<>(QueryParameters.OF_SUMMARY);
        names.add(CURRENCY);
        return names;
    }

    /** A question, and the currency that its costs are wanted in, if another one. */
    private record Asked(SummaryQuery query, ZoneId zone, Optional<String> currency) {}

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/summary", Access.READ, SUMMARY, this::summary));
    }

    private void summary(Context context) {
        Asked asked = Answers.query(
                context,
                services,
                PARAMETERS,
                parameters -> new Asked(
                        parameters.summary(),
                        parameters.zone(),
                        parameters.get(CURRENCY, ExchangeRates::code).filter(code -> !code.equals("USD"))));
        SummaryQuery query = asked.query;
        Answers.json(
                context,
                asked.currency.isEmpty()
                        ? SummaryJson.write(query, services.ledger(context).summaries(query))
                        : SummaryJson.write(query, converted(services.ledger(context), asked, asked.currency.get())));
    }

    private ConvertedReport converted(Ledger ledger, Asked asked, String code) {
        ExchangeRates known = rates.map(Supplier::get)
                .filter(found -> found.currency().equals(code))
                .orElseThrow(() -> Problem.badField(
                        CURRENCY,
                        CURRENCY + ": this server has no rates of it; start it with --currency " + code
                                + " --rates FILE"));
        try {
            return ConvertedReport.ask(ledger, asked.query, asked.zone, known, false);
        } catch (ConvertedReport.NoRateException e) {
            throw Problem.badField(CURRENCY, CURRENCY + ": " + e.getMessage());
        }
    }
}
