package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.text.Decimals;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
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

    /**
     * What a guard said, as one line of JSON, without a line break: the outcome, the reservation, and the room of each budget that
     * the call falls under. {@code expires} is null where nothing is reserved.
     */
    public static String write(Admission admission) {
        return write(admission, budget -> true);
    }

    /**
     * The same for somebody who may not know of all budgets: the figures of those others are left out, and where one of them refuses
     * the call, the reason names none.
     */
    public static String write(Admission admission, Predicate<Budget> told) {
        List<BudgetRoom> rooms = admission.rooms().stream()
                .filter(room -> told.test(room.budget()))
                .toList();
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("outcome", admission.outcome().name().toLowerCase(Locale.ROOT));
            json.writeStringProperty("reason", reason(admission, rooms));
            json.writeStringProperty("reservation", admission.reservation());
            json.writeNumberProperty(
                    "estimate_usd", admission.estimate().amount().toBigDecimal());
            json.writeStringProperty(
                    "pricing_status", admission.estimate().status().text());
            if (admission.isAdmitted() && !admission.rooms().isEmpty()) {
                json.writeStringProperty("expires", admission.expires().toString());
            } else {
                json.writeNullProperty("expires");
            }
            json.writeArrayPropertyStart("budgets");
            rooms.forEach(room -> room(json, room));
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static String reason(Admission admission, List<BudgetRoom> told) {
        if (told.size() == admission.rooms().size()) {
            return admission.reason();
        }
        Admission known = new Admission(
                admission.reservation(), admission.outcome(), admission.estimate(), admission.expires(), told);
        return admission.outcome() == Admission.Outcome.ALLOWED
                        || !known.exceeded().isEmpty()
                ? known.reason()
                : "a budget that counts other calls too has no room for the call, or little, or nobody can know";
    }

    private static void room(JsonGenerator json, BudgetRoom room) {
        json.writeStartObject();
        named(json, room.budget());
        json.writeStringProperty("start", room.window().start().toString());
        json.writeStringProperty("end", room.window().end().toString());
        json.writeStringProperty(
                "enforcement", room.budget().policy().enforcement().name().toLowerCase(Locale.ROOT));
        json.writeBooleanProperty("exceeded", room.isExceeded());
        json.writeNumberProperty("limit_usd", room.budget().limit().toBigDecimal());
        json.writeNumberProperty("spent_usd", room.spent().totalCost().toBigDecimal());
        json.writeNumberProperty("reserved_usd", room.reserved().toBigDecimal());
        json.writeNumberProperty("partial_records", room.spent().partialRecords());
        json.writeNumberProperty("unpriced_records", room.spent().unpricedRecords());
        json.writeEndObject();
    }

    private static void named(JsonGenerator json, Budget budget) {
        json.writeStringProperty("name", budget.name());
        json.writeObjectPropertyStart("where");
        budget.filters().forEach((dimension, value) -> json.writeStringProperty(dimension.name(), value));
        json.writeEndObject();
        json.writeStringProperty("period", budget.period().text());
    }

    private static void status(JsonGenerator json, BudgetStatus status) {
        Budget budget = status.budget();
        json.writeStartObject();
        named(json, budget);
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
