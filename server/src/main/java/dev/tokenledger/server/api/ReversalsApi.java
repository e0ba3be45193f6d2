package dev.tokenledger.server.api;

import dev.tokenledger.ReversalResult;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.server.api.BodyText.Form;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.usage.RecordId;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes records out of all totals, each by an entry that negates it. */
public final class ReversalsApi implements Part {

    private static final Set<String> FIELDS = Set.of("id", "reason");

    private static final Operation REVERSE = Operation.of("reverse", "Takes a record out of all totals, durably")
            .describedAs(
                    "The record stays readable, and its id taken. Sending the same again is safe: a record is reversed once.")
            .body(
                    Answers.JSON,
                    Answers.reference("ReversalRequest"),
                    "{\"id\":\"call-1\",\"reason\":\"recorded twice\"}")
            .json(
                    "The entry that negates the record, or that one was there before.",
                    Answers.reference("ReversalResult"));

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
        BodyText body = BodyText.read(context, services.limits());
        if (body.form() != Form.SINGLE) {
            throw Problem.of(400, "expected one JSON object with id and reason");
        }
        Map<String, Node> members = members(body.items().get(0));
        RecordId id = Answers.recordId(text(members, "id"));
        Answers.json(context, json(reversed(id, text(members, "reason"))));
    }

    private ReversalResult reversed(RecordId id, String reason) {
        try {
            return services.ledger().reverse(id, reason);
        } catch (IllegalArgumentException e) {
            throw Problem.badField("reason", "reason: " + e.getMessage());
        }
    }

    private static Map<String, Node> members(String json) {
        Node node;
        try {
            node = Documents.readJson(json);
        } catch (TextFormatException e) {
            throw Problem.of(400, "not valid JSON: " + e.getMessage());
        }
        if (!(node instanceof Node.Mapping mapping)) {
            throw Problem.of(400, "expected one JSON object with id and reason");
        }
        for (String name : mapping.members().keySet()) {
            if (!FIELDS.contains(name)) {
                throw Problem.badField(name, "unknown field; expected id and reason");
            }
        }
        return mapping.members();
    }

    private static String text(Map<String, Node> members, String field) {
        if (members.get(field) instanceof Node.Text text && !text.value().isBlank()) {
            return text.value();
        }
        throw Problem.badField(field, field + ": expected a text that is not blank");
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
        throw Problem.of(404, "there is no record with this id");
    }
}
