package dev.tokenledger.server.api;

import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.BudgetJson;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.server.api.BodyText.Form;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Caller;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.eclipse.jetty.http.HttpStatus;

/**
 * How budgets stand, and whether they have room for a call. Reservations are those of {@link BudgetGuard}: gateways that ask
 * here and programs that have a guard of their own on the same ledger see each other's.
 */
public final class BudgetsApi implements Part {

    private static final int MAX_PROBLEMS = 5;

    private static final String RESERVATION = "reservation";
    private static final Set<String> ADMIT_PARAMETERS = new LinkedHashSet<>(List.of(RESERVATION, "estimate"));

    private static final String CALL =
            "{\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1200,\"output_tokens\":2000,"
                    + "\"attributes\":{\"team\":\"search\"}}";

    private static final Operation BUDGETS = Operation.of("budgets", "How much of each budget is used up")
            .describedAs(
                    "Those of the server's budget file, each in its current period; an empty list if there are none."
                            + " Reservations of calls under way are not in `spent_usd`.")
            .json("The budgets, in the order of the file.", Answers.reference("Budgets"));

    private static final Operation ADMIT = Operation.of(
                    "admit", "Asks before a call whether its budgets have room, and reserves it")
            .describedAs(
                    "The body is the record that is expected: model, labels, and how many tokens at most. What the call may"
                            + " cost is reserved, durably, until its record arrives by `POST /v1/records?reservation=…`, or it is"
                            + " released, or 10 minutes have passed. A refused call answers 409 with the same document and"
                            + " reserves nothing.")
            .query(RESERVATION, "Names the reservation, so that asking again is safe; default: a new name.", "r-1")
            .with(new Parameter(
                    Place.QUERY,
                    "estimate",
                    "worst_case: all input at the dearest of the rates for input and writes to the cache; as_stated: the"
                            + " record's own price. A record with `cost_usd` costs that.",
                    "{\"type\":\"string\",\"enum\":[\"worst_case\",\"as_stated\"],\"default\":\"worst_case\"}",
                    Optional.of("worst_case")))
            .body(Answers.JSON, Answers.reference("Record"), CALL)
            .json("The call may be made.", Answers.reference("Admission"))
            .answer(
                    HttpStatus.CONFLICT_409,
                    "A budget has no room for the call.",
                    Answers.JSON,
                    Answers.reference("Admission"));

    private static final Operation RELEASE = Operation.of("release", "Ends a reservation whose call costs nothing")
            .describedAs(
                    "For a call that was surely not charged, such as one that was never sent. One that may have been is left to"
                            + " expire. A name that is no open reservation's is no error.")
            .body(Answers.JSON, Answers.reference("ReleaseRequest"), "{\"reservation\":\"r-1\"}")
            .json("It is not open any more.", Answers.reference("Release"));

    private final Services services;
    private final BudgetGuard guard;

    /** The budgets of these services, over their ledger. */
    public BudgetsApi(Services services) {
        this.services = services;
        guard = BudgetGuard.builder(services.ledger(), services.budgets())
                .zone(services.zone())
                .clock(services.clock())
                .build();
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get("/v1/budgets", Access.READ, BUDGETS, this::budgets),
                Route.post("/v1/budgets/admit", Access.INGEST, ADMIT, this::admit),
                Route.post("/v1/budgets/release", Access.INGEST, RELEASE, this::release));
    }

    private void budgets(Context context) {
        Instant now = services.clock().instant();
        try {
            List<Budget> inForce = services.budgets(context);
            Answers.json(
                    context,
                    BudgetJson.write(now, BudgetStatus.of(inForce, services.ledger(context), now, services.zone())));
        } catch (DocumentException e) {
            throw unreadable(e);
        }
    }

    /** What a question says beside the call. */
    private record Terms(String reservation, boolean asStated) {

        static Terms of(QueryParameters query) {
            return new Terms(
                    query.get(RESERVATION, BudgetGuard::checkName)
                            .orElseGet(() -> UUID.randomUUID().toString()),
                    query.get("estimate", BudgetsApi::isAsStated).orElse(false));
        }
    }

    private void admit(Context context) {
        Terms terms = Answers.query(context, services, ADMIT_PARAMETERS, Terms::of);
        UsageRecord call = call(context);
        Admission admission;
        try {
            admission = guard.admit(terms.reservation, labels(call), estimate(call, terms.asStated));
        } catch (DocumentException e) {
            throw unreadable(e);
        } catch (IllegalArgumentException e) {
            throw Problem.badField(RESERVATION, String.valueOf(e.getMessage()));
        }
        context.status(admission.isAdmitted() ? HttpStatus.OK_200 : HttpStatus.CONFLICT_409);
        Answers.json(context, BudgetJson.write(admission, Caller.of(context).limit()::allows));
    }

    private static boolean isAsStated(String text) {
        return switch (text) {
            case "as_stated" -> true;
            case "worst_case" -> false;
            default -> throw new IllegalArgumentException("expected worst_case or as_stated");
        };
    }

    private UsageRecord call(Context context) {
        BodyText body = BodyText.read(context, services.limits());
        if (body.form() != Form.SINGLE) {
            throw Problem.of(400, "expected one JSON object, the record that is expected of the call");
        }
        try {
            return Caller.of(context).stamp().on(RecordJson.parse(body.items().get(0)));
        } catch (RecordFormatException e) {
            throw Problem.badField(e.field(), String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            throw Problem.badField("attributes", String.valueOf(e.getMessage()));
        }
    }

    private static Attribution labels(UsageRecord call) {
        return Attribution.builder()
                .session(call.sessionId())
                .conversation(call.conversationId())
                .role(call.role())
                .task(call.taskName())
                .attributes(call.attributes())
                .build();
    }

    private CallEstimate estimate(UsageRecord call, boolean asStated) {
        Instant now = services.clock().instant();
        if (asStated || call.givenCost().isPresent()) {
            return CallEstimate.of(call, services.ledger().prices(), now);
        }
        TokenCounts tokens = call.tokens();
        return CallEstimate.worstCase(
                call.identity(),
                Math.addExact(Math.addExact(tokens.input(), tokens.cacheRead()), tokens.cacheCreation()),
                tokens.output(),
                services.ledger().prices(),
                now);
    }

    private void release(Context context) {
        String reservation =
                RequestFields.read(context, services.limits(), RESERVATION).text(RESERVATION);
        try {
            guard.release(reservation);
        } catch (IllegalArgumentException e) {
            throw Problem.badField(RESERVATION, String.valueOf(e.getMessage()));
        }
        Answers.json(context, JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("result", "released");
            json.writeStringProperty(RESERVATION, reservation);
            json.writeEndObject();
        }));
    }

    private static Problem unreadable(DocumentException e) {
        return Problem.of(
                HttpStatus.SERVICE_UNAVAILABLE_503,
                "the budgets cannot be read: " + String.join("; ", e.problems(MAX_PROBLEMS)));
    }
}
