package dev.tokenledger.server.api;

import dev.tokenledger.AppendResult;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.RequestBody;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import dev.tokenledger.sources.json.JsonText;
import dev.tokenledger.usage.UsageRecord;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** The records: storing them, listing them, and how one's cost came about. */
public final class RecordsApi implements Part {

    private final Services services;

    /** The records of these services' ledger. */
    public RecordsApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.post(
                "/v1/records",
                Access.INGEST,
                Operation.of("storeRecords", "Stores records, durably")
                        .body(
                                "application/json",
                                "{\"$ref\":\"#/components/schemas/Record\"}",
                                "{\"id\":\"call-1\",\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000}")
                        .json("What became of each.", "{\"$ref\":\"#/components/schemas/Results\"}"),
                this::store));
    }

    private void store(Context context) {
        RecordBody body = RecordBody.read(
                RequestBody.read(context, services.limits()),
                RequestBody.mediaType(context),
                services.limits().batchRecords());
        List<UsageRecord> records = new ArrayList<>();
        body.items().forEach(item -> item.record().ifPresent(records::add));
        List<Outcome> stored = services.ingest().store(records);
        List<Outcome> outcomes = new ArrayList<>(body.items().size());
        int next = 0;
        for (RecordBody.Item item : body.items()) {
            outcomes.add(item.record().isPresent() ? stored.get(next++) : item.rejection());
        }
        context.contentType("application/json").result(results(outcomes));
    }

    private static String results(List<Outcome> outcomes) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("results");
            for (int i = 0; i < outcomes.size(); i++) {
                json.writeStartObject();
                json.writeNumberProperty("index", i);
                write(outcomes.get(i), json);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void write(Outcome outcome, JsonGenerator json) {
        if (outcome instanceof Outcome.Rejected rejected) {
            json.writeStringProperty("result", "rejected");
            json.writeStringProperty("field", rejected.field());
            json.writeStringProperty("reason", rejected.reason());
        } else if (outcome instanceof Outcome.Answered answered) {
            AppendResult result = answered.result();
            json.writeStringProperty("result", word(result));
            json.writeStringProperty("id", result.id().value());
            if (result instanceof AppendResult.Conflict conflict) {
                json.writeStringProperty("field", conflict.field());
                json.writeStringProperty("stored", conflict.stored());
                json.writeStringProperty("offered", conflict.offered());
            }
        }
    }

    private static String word(AppendResult result) {
        if (result instanceof AppendResult.Appended) {
            return "appended";
        }
        return result instanceof AppendResult.Duplicate ? "duplicate" : "conflict";
    }
}
