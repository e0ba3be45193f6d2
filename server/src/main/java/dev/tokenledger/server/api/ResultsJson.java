package dev.tokenledger.server.api;

import dev.tokenledger.AppendResult;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Writes what became of records: {@code {"results":[{"index":0,"result":"appended","id":"…"},…]}}. */
final class ResultsJson {

    private ResultsJson() {}

    static String write(List<Outcome> outcomes) {
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
            write(answered.result(), json);
        }
    }

    private static void write(AppendResult result, JsonGenerator json) {
        json.writeStringProperty("result", word(result));
        json.writeStringProperty("id", result.id().value());
        if (result instanceof AppendResult.Conflict conflict) {
            json.writeStringProperty("field", conflict.field());
            json.writeStringProperty("stored", conflict.stored());
            json.writeStringProperty("offered", conflict.offered());
        }
    }

    private static String word(AppendResult result) {
        if (result instanceof AppendResult.Appended) {
            return "appended";
        }
        return result instanceof AppendResult.Duplicate ? "duplicate" : "conflict";
    }
}
