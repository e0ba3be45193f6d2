package dev.tokenledger.alerts;

import dev.tokenledger.alerts.AlertState.Event;
import dev.tokenledger.alerts.AlertState.Standing;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.Threshold;
import dev.tokenledger.formats.budgets.Threshold.Kind;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * What is told of a budget, in words and in the forms that receivers understand. The same event is the same text, whoever tells it
 * and how often. Where the cost of calls is not known, every form says so.
 *
 * @param id names the event: receivers that have seen it can drop a repetition
 * @param budget whose it is
 * @param zone whose days and months the budget's are
 * @param event what was reached; empty for a test
 * @param at when it was found out
 */
record Notice(String id, Budget budget, ZoneId zone, Optional<Event> event, Instant at) {

    /** The event's type, as in {@link #json}. */
    String type() {
        return event.map(reached -> switch (reached.threshold().kind()) {
                    case SHARE -> "budget.threshold_reached";
                    case FORECAST -> "budget.projected";
                    case UNPRICED -> "budget.uncertain";
                })
                .orElse("budget.test");
    }

    /** The subject of a mail, and the heading of a card. */
    String subject() {
        return event.map(reached -> "Budget \"" + budget.name() + "\" "
                        + switch (reached.threshold().kind()) {
                            case SHARE ->
                                isExceeded(reached)
                                        ? "is exceeded"
                                        : "has reached " + reached.threshold().words() + " of its limit";
                            case FORECAST -> "is on course to exceed its limit";
                            case UNPRICED -> "counts calls without a known cost";
                        })
                .orElse("Test of a channel for budgets");
    }

    /** A message for people. */
    String text() {
        return subject() + "\n" + String.join("\n", sentences());
    }

    private List<String> sentences() {
        if (event.isEmpty()) {
            return List.of("This is a test by Tokenledger: whoever reads it is told of budgets.");
        }
        Event reached = event.get();
        Standing standing = reached.standing();
        List<String> sentences = new ArrayList<>();
        sentences.add(spent(standing) + " of " + usd(budget.limit()) + " spent " + period(reached) + ".");
        if (reached.threshold().kind() != Kind.UNPRICED) {
            standing.projected()
                    .filter(projected -> !reached.late() && projected.compareTo(standing.spent()) > 0)
                    .ifPresent(projected -> sentences.add("At this pace the period comes to "
                            + (isUncertain(standing) ? "at least " : "about ") + estimate(projected) + "."));
        }
        if (reached.late()) {
            sentences.add("The period was over when this was found out.");
        }
        uncertainty(standing).ifPresent(sentences::add);
        return List.copyOf(sentences);
    }

    /** What nobody can know because calls have no known cost; empty where all of it is known. */
    private static Optional<String> uncertainty(Standing standing) {
        if (!isUncertain(standing)) {
            return Optional.empty();
        }
        long gaps = standing.unpriced() + standing.partial();
        return Optional.of(
                gaps + " of " + standing.records() + (standing.records() == 1 ? " call has" : " calls have")
                        + " no known cost, or one that covers only part of the usage: more may have been spent than is told here.");
    }

    private static String spent(Standing standing) {
        return (isUncertain(standing) ? "At least " : "") + usd(standing.spent());
    }

    /** To the cent, or as far as a small amount has figures: it is no more certain than that. */
    private static String estimate(Usd projected) {
        return Figures.usd(projected, Figures.decimals(projected));
    }

    private static String usd(Usd amount) {
        return "$" + amount;
    }

    private String period(Event reached) {
        String first = reached.start().atZone(zone).toLocalDate().toString();
        return (budget.period() == Budget.Period.DAY ? "on " + first : "in " + first.substring(0, first.length() - 3))
                + " (" + zone.getId() + ")";
    }

    private static boolean isUncertain(Standing standing) {
        return standing.partial() + standing.unpriced() > 0;
    }

    private boolean isExceeded(Event reached) {
        return reached.standing().spent().compareTo(budget.limit()) > 0;
    }

    /** Our own form: {@code {"type":…,"timestamp":…,"data":{…}}}, amounts as decimal text. */
    String json() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("type", type());
            json.writeStringProperty("timestamp", at.toString());
            json.writeObjectPropertyStart("data");
            json.writeStringProperty("event", id);
            event.ifPresent(reached -> data(json, reached));
            json.writeStringProperty("message", text());
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private void data(JsonGenerator json, Event reached) {
        Threshold threshold = reached.threshold();
        Standing standing = reached.standing();
        json.writeStringProperty("budget", budget.name());
        json.writeObjectPropertyStart("where");
        budget.filters().forEach((dimension, value) -> json.writeStringProperty(dimension.name(), value));
        json.writeEndObject();
        json.writeStringProperty("period", budget.period().text());
        json.writeStringProperty("zone", zone.getId());
        json.writeStringProperty("period_start", time(reached.start()));
        json.writeStringProperty("period_end", time(reached.end()));
        json.writeStringProperty("threshold", threshold.text());
        json.writeStringProperty(
                "enforcement", budget.policy().enforcement().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("limit_usd", budget.limit().toString());
        json.writeStringProperty("spent_usd", standing.spent().toString());
        json.writeBooleanProperty("spent_is_lower_bound", isUncertain(standing));
        json.writeBooleanProperty("exceeded", isExceeded(reached));
        standing.projected()
                .ifPresentOrElse(
                        projected -> json.writeStringProperty("projected_usd", projected.toString()),
                        () -> json.writeNullProperty("projected_usd"));
        json.writeNumberProperty("total_records", standing.records());
        json.writeNumberProperty("partial_records", standing.partial());
        json.writeNumberProperty("unpriced_records", standing.unpriced());
        json.writeBooleanProperty("late", reached.late());
        json.writeBooleanProperty("initial", reached.initial());
    }

    private String time(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                instant.atZone(zone).toOffsetDateTime());
    }

    /** A message as Slack's incoming webhooks take it. */
    String slack() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty(
                    "text", text().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
            json.writeEndObject();
        });
    }

    /** A message with an adaptive card, as workflows of Microsoft Teams take it. */
    String teams() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("type", "message");
            json.writeArrayPropertyStart("attachments");
            json.writeStartObject();
            json.writeStringProperty("contentType", "application/vnd.microsoft.card.adaptive");
            json.writeObjectPropertyStart("content");
            json.writeStringProperty("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
            json.writeStringProperty("type", "AdaptiveCard");
            json.writeStringProperty("version", "1.4");
            json.writeArrayPropertyStart("body");
            block(json, subject(), Map.of("size", "Medium", "weight", "Bolder"));
            sentences().forEach(sentence -> block(json, sentence, Map.of()));
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void block(JsonGenerator json, String text, Map<String, String> look) {
        json.writeStartObject();
        json.writeStringProperty("type", "TextBlock");
        // Cards read Markdown, and names are to be shown as they are.
        json.writeStringProperty("text", text.replaceAll("([\\\\`*_\\[\\]])", "\\\\$1"));
        json.writeBooleanProperty("wrap", true);
        look.forEach(json::writeStringProperty);
        json.writeEndObject();
    }
}
