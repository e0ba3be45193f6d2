package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.text.Decimals;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * Writes how budgets stand as one JSON object: {@code {"at":…,"exceeded":1,"budgets":[…]}}, amounts exact. {@code used} is a
 * share, 1 where the limit is reached; {@code projected_usd} is null where it is too early to say.
 */
public final class BudgetJson {

    private BudgetJson() {}

    /**
     * The budgets as one line of JSON, without a line break.
     *
     * @param at when they stood so
     */
    public static String write(Instant at, List<BudgetStatus> budgets) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("at", at.toString());
            json.writeNumberProperty(
                    "exceeded", budgets.stream().filter(BudgetStatus::exceeded).count());
            json.writeArrayPropertyStart("budgets");
            budgets.forEach(status -> status(json, status));
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void status(JsonGenerator json, BudgetStatus status) {
        Budget budget = status.budget();
        json.writeStartObject();
        json.writeStringProperty("name", budget.name());
        json.writeObjectPropertyStart("where");
        budget.filters().forEach((dimension, value) -> json.writeStringProperty(dimension.name(), value));
        json.writeEndObject();
        json.writeStringProperty("period", budget.period().text());
        json.writeStringProperty("zone", status.zone().getId());
        json.writeStringProperty("start", status.window().start().toString());
        json.writeStringProperty("end", status.window().end().toString());
        json.writeStringProperty("state", status.state().text());
        json.writeNumberProperty("limit_usd", budget.limit().toBigDecimal());
        json.writeNumberProperty("spent_usd", status.spent().totalCost().toBigDecimal());
        json.writeNumberProperty("used", Decimals.plain(status.used()));
        status.projected()
                .ifPresentOrElse(
                        usd -> json.writeNumberProperty("projected_usd", usd.toBigDecimal()),
                        () -> json.writeNullProperty("projected_usd"));
        json.writeNumberProperty("total_records", status.spent().totalRecords());
        json.writeNumberProperty("partial_records", status.spent().partialRecords());
        json.writeNumberProperty("unpriced_records", status.spent().unpricedRecords());
        json.writeEndObject();
    }
}
