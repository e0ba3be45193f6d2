package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PricingNotes;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One call, and how its cost came about.
 *
 * @param facts what is known of it, by name
 * @param lines what was multiplied with what; empty for a given or unknown cost
 * @param remarks in sentences
 * @param calls the address of the calls of its session; empty for a call without one
 */
record CallPage(
        Frame frame,
        String id,
        String cost,
        List<Frame.Field> facts,
        List<Line> lines,
        String total,
        List<String> remarks,
        String calls) {

    /** {@code count × rate = amount}. */
    record Line(String what, String count, String rate, String unit, String amount) {}

    /** Where a call's page is. */
    static String address(RecordId id, View view) {
        Address address = new Address("/call", Map.of("id", id.value()));
        String zone = view.on("").parameters().getOrDefault("zone", "");
        return (zone.isEmpty() ? address : address.with("zone", zone)).toString();
    }

    static CallPage of(LedgerEntry entry, Ledger ledger, Explanation explanation, ZoneId zone, Frame frame) {
        int rateDigits = digits(explanation, Explanation.Line::rate);
        int amountDigits = digits(explanation, Explanation.Line::amount);
        List<Line> lines = explanation.lines().stream()
                .map(line -> new Line(
                        line.what().replace('_', ' '),
                        Figures.count(line.count()),
                        line.rate()
                                .map(rate -> "$" + Figures.exact(rate, rateDigits))
                                .orElse("no rate"),
                        line.rate().isEmpty()
                                ? ""
                                : line.unit() == Explanation.Unit.TOKENS ? "per million" : "per call",
                        line.amount()
                                .map(amount -> "$" + Figures.exact(amount, amountDigits))
                                .orElse("unpriced")))
                .toList();
        String session = entry.record().sessionId();
        return new CallPage(
                frame,
                entry.id().value(),
                amount(entry.effectiveCost()),
                facts(entry, ledger, explanation, zone),
                lines,
                amount(entry.effectiveCost()),
                remarks(entry),
                session.isEmpty()
                        ? ""
                        : new Address("/calls", Map.of("period", "all", "where.session", session)).toString());
    }

    private static String amount(Cost cost) {
        return switch (cost.status()) {
            case PRICED -> Figures.exactUsd(cost.amount());
            case PARTIAL -> "≥\u202f" + Figures.exactUsd(cost.amount());
            case UNPRICED -> "unpriced";
        };
    }

    private static List<Frame.Field> facts(LedgerEntry entry, Ledger ledger, Explanation explanation, ZoneId zone) {
        UsageRecord record = entry.record();
        List<Frame.Field> facts = new ArrayList<>();
        fact(facts, "Model", record.identity().model());
        if (!record.identity().upstreamModel().equals(record.identity().model())) {
            fact(facts, "Upstream model", record.identity().upstreamModel());
        }
        fact(facts, "Provider", record.identity().provider());
        fact(facts, "Resource", record.identity().resource());
        fact(
                facts,
                entry.adjustment().isPresent() ? "Counts at" : "Called",
                Units.second(entry.occurred(), zone) + " " + TimeText.name(zone));
        fact(facts, "Recorded", Units.second(entry.recorded(), zone) + " " + TimeText.name(zone));
        fact(facts, "Outcome", record.outcome().text());
        record.duration().ifPresent(duration -> fact(facts, "Duration", Figures.seconds(duration) + " s"));
        fact(facts, "Session", record.sessionId());
        fact(facts, "Conversation", record.conversationId());
        fact(facts, "Role", record.role());
        fact(facts, "Task", record.taskName());
        fact(facts, "Source", record.source());
        fact(facts, "Ledger", ledger.ledgerOf(entry).orElse(""));
        record.attributes().forEach((key, value) -> fact(facts, key, value));
        fact(facts, "Price", entry.effectiveCost().priceId().map(PriceId::text).orElse("none was in force"));
        explanation.entry().ifPresent(price -> fact(facts, "Price from", price.source()));
        entry.revaluation().ifPresent(last -> {
            if (entry.kind() == LedgerEntry.Kind.USAGE) {
                fact(facts, "First cost", amount(entry.cost()));
            }
            fact(facts, "Repriced", last.reason() + " (run " + last.run() + ")");
        });
        return facts;
    }

    private static void fact(List<Frame.Field> facts, String name, String value) {
        if (!value.isEmpty()) {
            facts.add(new Frame.Field(name, value));
        }
    }

    private static List<String> remarks(LedgerEntry entry) {
        List<String> remarks = new ArrayList<>();
        Cost cost = entry.effectiveCost();
        entry.adjustment()
                .ifPresent(adjustment -> remarks.add(
                        "An adjustment: an amount that no call stands for, booked for: " + adjustment.reason() + "."));
        if (entry.adjustment().isPresent()) {
            // Its amount is what it says.
        } else if (cost instanceof Cost.Given) {
            remarks.add("The cost was given with the record.");
        } else if (cost.status() == PricingStatus.UNPRICED) {
            remarks.add("No price was in force, so the cost is not known; it is not zero.");
        } else if (cost.status() == PricingStatus.PARTIAL) {
            remarks.add("The price has no rate for some of the usage, so the cost is a lower bound.");
        }
        entry.record()
                .reportedCost()
                .ifPresent(reported -> remarks.add("The provider itself reported " + Figures.exactUsd(reported) + "."));
        cost.notes().forEach(note -> remarks.add(PricingNotes.words(note)));
        entry.record().notes().forEach(note -> remarks.add("Noted with the record: " + note + "."));
        entry.reversal()
                .ifPresent(reversal -> remarks.add(
                        entry.kind() == LedgerEntry.Kind.REVERSAL
                                ? "This entry takes " + reversal.reverses() + " back."
                                : "This record was taken back" + reason(reversal) + "; it counts in no total."));
        if (entry.kind() == LedgerEntry.Kind.REVALUATION) {
            remarks.add("This entry gives " + entry.record().id() + " another cost.");
        }
        return remarks;
    }

    private static String reason(LedgerEntry.Reversal reversal) {
        return reversal.reason().isEmpty() ? "" : " (" + reversal.reason() + ")";
    }

    /** Digits after the point that show every figure of a column in full. */
    private static int digits(Explanation explanation, Function<Explanation.Line, Optional<BigDecimal>> figure) {
        return explanation.lines().stream()
                .flatMap(line -> figure.apply(line).stream())
                .mapToInt(number -> Decimals.plain(number).scale())
                .reduce(2, Math::max);
    }
}
