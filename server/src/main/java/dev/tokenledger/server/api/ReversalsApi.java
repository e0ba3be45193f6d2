package dev.tokenledger.server.api;

import dev.tokenledger.ReversalResult;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.usage.RecordId;
import io.javalin.http.Context;
import java.util.List;

/** Takes records and adjustments out of all totals, each by an entry that negates it. */
public final class ReversalsApi implements Part {

    private static final Operation REVERSE = Operation.of(
                    "reverse", "Takes a record or an adjustment out of all totals, durably")
            .describedAs(
                    "The record stays readable, and its id taken. Sending the same again is safe: a record is reversed once.")
            .body(
                    Answers.JSON,
                    Answers.reference("ReversalRequest"),
                    "{\"id\":\"call-1\",\"reason\":\"recorded twice\"}")
            .json(
                    "The entry that negates the record, or that one was there before.",
                    Answers.reference("ReversalResult"))
            .answer(404, "There is no such record.", Problem.MEDIA_TYPE, Answers.reference("Problem"))
            .answer(
                    409,
                    "The call lies in a closed period; nothing was stored.",
                    Problem.MEDIA_TYPE,
                    Answers.reference("Problem"));

    private final Services services;

    /** Reverses records of these services' ledger. */
    public ReversalsApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.post("/v1/reversals", Access.ADMIN, REVERSE, this::reverse));
    }

    private void reverse(Context context) {
        RequestFields fields = RequestFields.read(context, services.limits(), "id", "reason");
        RecordId id = Answers.recordId(fields.text("id"));
        Answers.json(context, json(reversed(id, fields.text("reason"))));
    }

    private ReversalResult reversed(RecordId id, String reason) {
        try {
            return services.ledger().reverse(id, reason);
        } catch (IllegalArgumentException e) {
            throw Problem.badField("reason", "reason: " + e.getMessage());
        }
    }

    private static String json(ReversalResult result) {
        if (result instanceof ReversalResult.Reversed reversed) {
            return JsonText.write(json -> {
                json.writeStartObject();
                json.writeStringProperty("result", "reversed");
                json.writeStringProperty("id", reversed.id().value());
                json.writeStringProperty("reversal", reversed.reversal().value());
                json.writeEndObject();
            });
        }
        if (result instanceof ReversalResult.AlreadyReversed already) {
            return JsonText.write(json -> {
                json.writeStartObject();
                json.writeStringProperty("result", "already_reversed");
                json.writeStringProperty("id", already.id().value());
                json.writeEndObject();
            });
        }
        if (result instanceof ReversalResult.PeriodClosed closed) {
            throw Problem.of(409, "the call lies before " + closed.before() + ", and what happened then is closed");
        }
        throw Problem.of(404, "there is no record with this id");
    }
}
