package dev.tokenledger.formats.whatif;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Csv;
import dev.tokenledger.formats.whatif.WhatIf.Answer;
import dev.tokenledger.formats.whatif.WhatIf.Figures;
import dev.tokenledger.formats.whatif.WhatIf.Row;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** What calls would have cost, as JSON and CSV; every figure exact. */
public final class WhatIfText {

    private static final String[] FIGURES = {
        "records",
        "old_cost_usd",
        "new_cost_usd",
        "difference_usd",
        "comparable_records",
        "comparable_difference_usd",
        "given_records",
        "old_partial_records",
        "old_unpriced_records",
        "new_partial_records",
        "new_unpriced_records"
    };

    private WhatIfText() {}

    /** One JSON object on one line: the window, the scenario, the total, and a row for each pair of models. */
    public static String json(TimeWindow window, Scenario scenario, Answer answer) {
        return JsonText.write(json -> {
            json.writeStartObject();
            bound(json, "start", window.start(), TimeWindow.MIN);
            bound(json, "end", window.end(), TimeWindow.MAX);
            json.writeObjectPropertyStart("scenario");
            json.writeObjectPropertyStart("map");
            scenario.models().forEach(json::writeStringProperty);
            json.writeEndObject();
            if (scenario.tier().isPresent()) {
                json.writeStringProperty("service_tier", scenario.tier().get());
            } else {
                json.writeNullProperty("service_tier");
            }
            json.writeBooleanProperty("no_cache", scenario.withoutCache());
            json.writeEndObject();
            json.writeObjectPropertyStart("total");
            figures(json, answer.total());
            json.writeEndObject();
            json.writeArrayPropertyStart("models");
            for (Row row : answer.rows()) {
                json.writeStartObject();
                json.writeStringProperty("model", row.model());
                json.writeStringProperty("new_model", row.newModel());
                figures(json, row.figures());
                json.writeEndObject();
            }
            json.writeEndArray();
            counts(json, "notes", answer.notes());
            json.writeEndObject();
        });
    }

    /** A line for each pair of models, the figures by their names in JSON. The total is not a line of its own. */
    public static void csv(Answer answer, Consumer<String> out) {
        Csv csv = new Csv(out);
        csv.plain("model").plain("new_model");
        for (String figure : FIGURES) {
            csv.plain(figure);
        }
        csv.end();
        for (Row row : answer.rows()) {
            Figures figures = row.figures();
            csv.text(row.model())
                    .text(row.newModel())
                    .plain(figures.records())
                    .plain(figures.oldCost())
                    .plain(figures.newCost())
                    .plain(figures.difference())
                    .plain(figures.comparable())
                    .plain(figures.comparableDifference())
                    .plain(figures.given())
                    .plain(figures.oldPartial())
                    .plain(figures.oldUnpriced())
                    .plain(figures.newPartial())
                    .plain(figures.newUnpriced())
                    .end();
        }
    }

    private static void figures(JsonGenerator json, Figures figures) {
        json.writeNumberProperty("records", figures.records());
        json.writeNumberProperty("old_cost_usd", figures.oldCost().toBigDecimal());
        json.writeNumberProperty("new_cost_usd", figures.newCost().toBigDecimal());
        json.writeNumberProperty("difference_usd", figures.difference().toBigDecimal());
        json.writeNumberProperty("comparable_records", figures.comparable());
        json.writeNumberProperty(
                "comparable_difference_usd", figures.comparableDifference().toBigDecimal());
        json.writeNumberProperty("given_records", figures.given());
        json.writeNumberProperty("old_partial_records", figures.oldPartial());
        json.writeNumberProperty("old_unpriced_records", figures.oldUnpriced());
        json.writeNumberProperty("new_partial_records", figures.newPartial());
        json.writeNumberProperty("new_unpriced_records", figures.newUnpriced());
        counts(json, "unpriced_tokens", figures.unpricedTokens());
        counts(json, "unpriced_calls", figures.unpricedCalls());
    }

    private static void counts(JsonGenerator json, String name, Map<String, Long> counts) {
        json.writeObjectPropertyStart(name);
        counts.forEach(json::writeNumberProperty);
        json.writeEndObject();
    }

    private static void bound(JsonGenerator json, String name, Instant bound, Instant unbounded) {
        if (bound.equals(unbounded)) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, bound.toString());
        }
    }
}
