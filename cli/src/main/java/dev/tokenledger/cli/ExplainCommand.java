package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PriceSnippet;
import dev.tokenledger.formats.present.PricingNotes;
import dev.tokenledger.formats.reprice.Repricing;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import java.math.BigDecimal;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** How one record's cost came about. */
final class ExplainCommand extends Subcommand implements Action {

    private final Argument<String> id = parameter(0, "ID", "The record's id, as 'tokenledger records' lists it.");

    ExplainCommand() {
        super("explain", "Shows how one record's cost came about.", "explain ID [OPTION]...");
        description(
                "The price is the one that was used when the call was recorded; there is one line for each class of tokens. For a "
                        + "record without a price it shows what to write into a price file.");
        examples("  tokenledger explain call-1", "  tokenledger records --where pricing_status=unpriced --limit 1");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        RecordId wanted = RecordIds.parse(id.or(""));
        try (Ledger ledger = session.existingLedger()) {
            LedgerEntry entry = ledger.find(wanted).orElseThrow(() -> RecordIds.unknown(wanted, session));
            print(entry, ledger, session);
            history(Repricing.history(ledger, entry), session);
        }
        return DONE;
    }

    private static void print(LedgerEntry entry, Ledger ledger, Session session) {
        Explanation explanation = EntryJson.explanation(ledger, entry);
        Output out = session.out();
        ModelIdentity identity = entry.record().identity();
        fact(
                out,
                switch (entry.kind()) {
                    case USAGE -> "record";
                    case REVERSAL -> "reversal";
                    case REVALUATION -> "repricing";
                    case ADJUSTMENT -> "adjustment";
                },
                entry.id().value());
        entry.reversal().ifPresent(reversal -> {
            boolean reverses = entry.kind() == Kind.REVERSAL;
            fact(
                    out,
                    reverses ? "reverses" : "reversed",
                    (reverses ? reversal.reverses() : "by " + reversal.id())
                            + (reversal.reason().isEmpty() ? "" : ": " + reversal.reason()));
        });
        fact(out, "ledger", ledger.ledgerOf(entry).orElse(""));
        fact(out, "model", identity.model());
        if (!identity.upstreamModel().equals(identity.model())) {
            fact(out, "upstream", identity.upstreamModel());
        }
        fact(out, "provider", identity.provider());
        entry.adjustment().ifPresent(adjustment -> fact(out, "reason", adjustment.reason()));
        fact(
                out,
                entry.adjustment().isPresent() ? "counts at" : "called",
                Times.second(entry.occurred(), ZoneOffset.UTC) + " UTC");
        fact(out, "recorded", Times.second(entry.recorded(), ZoneOffset.UTC) + " UTC");
        explanation.entry().ifPresent(price -> {
            fact(out, "price", price.id().text());
            fact(out, "source", price.source());
        });
        fact(out, "status", entry.effectiveCost().status().text());
        out.line("");
        if (!explanation.lines().isEmpty()) {
            lines(explanation, session);
            out.line("");
        }
        remarks(entry).forEach(out::line);
        Cost cost = entry.effectiveCost();
        if (entry.kind() == Kind.USAGE && !(cost instanceof Cost.Given) && cost.status() != PricingStatus.PRICED) {
            remedy(entry, explanation, session);
        }
    }

    /** What was done to the record, in order; nothing if that is all told above. */
    private static void history(List<LedgerEntry> entries, Session session) {
        if (entries.stream().noneMatch(entry -> entry.kind() == Kind.REVALUATION)) {
            return;
        }
        session.out().line("History:");
        for (LedgerEntry entry : entries) {
            Cost cost = entry.cost();
            String amount = cost.status() == PricingStatus.UNPRICED
                    ? "unpriced"
                    : (cost.status() == PricingStatus.PARTIAL
                                    ? session.terminal().atLeast()
                                    : "")
                            + Figures.exactUsd(cost.amount())
                            + cost.priceId().map(price -> " by " + price.text()).orElse("");
            String what = switch (entry.kind()) {
                case USAGE, ADJUSTMENT -> "recorded: " + amount;
                case REVALUATION ->
                    "repriced: " + amount
                            + entry.revaluation()
                                    .map(last -> "; " + last.reason() + " (run " + last.run() + ")")
                                    .orElse("");
                case REVERSAL ->
                    "reversed"
                            + entry.reversal()
                                    .map(LedgerEntry.Reversal::reason)
                                    .filter(reason -> !reason.isEmpty())
                                    .map(reason -> ": " + reason)
                                    .orElse("");
            };
            session.out()
                    .line(Display.safe("  " + Times.second(entry.recorded(), ZoneOffset.UTC) + " UTC  " + what, false));
        }
    }

    private static List<String> remarks(LedgerEntry entry) {
        List<String> remarks = new ArrayList<>();
        Cost cost = entry.effectiveCost();
        if (entry.adjustment().isPresent()) {
            remarks.add("An amount that no record stands for: " + Costs.amount(cost) + ".");
        } else if (cost instanceof Cost.Given) {
            remarks.add(
                    cost.status() == PricingStatus.UNPRICED
                            ? "The record was given as one whose cost is not known (it is not zero)."
                            : "The cost was given with the record: " + Costs.amount(cost) + ".");
        } else if (cost.status() == PricingStatus.UNPRICED) {
            remarks.add("No price was in force, so the cost is not known (it is not zero).");
        } else if (cost.status() == PricingStatus.PARTIAL) {
            remarks.add("The price has no rate for " + String.join(", ", Costs.missing(cost)) + ".");
        }
        entry.record()
                .reportedCost()
                .ifPresent(reported -> remarks.add("The provider itself reported " + Figures.exactUsd(reported) + "."));
        cost.notes().forEach(note -> remarks.add(Display.safe(PricingNotes.words(note), false)));
        entry.record().notes().forEach(note -> remarks.add("Noted with the record: " + note + "."));
        return remarks;
    }

    private static void fact(Output out, String name, String value) {
        if (!value.isEmpty()) {
            out.line(name + " ".repeat(10 - name.length()) + Display.safe(value, false));
        }
    }

    private static void lines(Explanation explanation, Session session) {
        String times = session.terminal().signs() ? "×" : "x";
        Table table = new Table(List.of(
                new Column("class", Table.Kind.WHOLE_NAME),
                new Column("count", Table.Kind.FIGURE),
                new Column("", Table.Kind.WHOLE_NAME),
                new Column("rate", Table.Kind.FIGURE),
                new Column("", Table.Kind.WHOLE_NAME),
                new Column("", Table.Kind.WHOLE_NAME),
                new Column("amount", Table.Kind.FIGURE)));
        int rateDigits = digits(explanation, Explanation.Line::rate);
        int amountDigits = digits(explanation, Explanation.Line::amount);
        for (Explanation.Line line : explanation.lines()) {
            String unit = line.unit() == Explanation.Unit.TOKENS ? "per million" : "per call";
            table.row(List.of(
                    line.what(),
                    Figures.count(line.count()),
                    times,
                    line.rate()
                            .map(rate -> "$" + Figures.exact(rate, rateDigits))
                            .orElse("no rate"),
                    line.rate().isPresent() ? unit : "",
                    "=",
                    line.amount()
                            .map(amount -> "$" + Figures.exact(amount, amountDigits))
                            .orElse("unpriced")));
        }
        table.rule();
        boolean whole = explanation.cost().status() == PricingStatus.PRICED;
        String total = "$" + Figures.exact(explanation.total().toBigDecimal(), amountDigits);
        table.strongRow(List.of(
                "total", "", "", "", "", "", (whole ? "" : session.terminal().atLeast()) + total));
        table.write(session.out(), session.terminal());
    }

    /** Digits after the point that show every figure of a column in full, so that their points stand below each other. */
    private static int digits(Explanation explanation, Function<Explanation.Line, Optional<BigDecimal>> figure) {
        return explanation.lines().stream()
                .flatMap(line -> figure.apply(line).stream())
                .mapToInt(number -> Decimals.plain(number).scale())
                .reduce(2, Math::max);
    }

    private static void remedy(LedgerEntry entry, Explanation explanation, Session session) {
        Output out = session.out();
        out.line("An entry like this prices calls that are recorded from then on; put it into a file named with");
        out.line("--prices, or into "
                + Display.safe(session.places().userPrices().toString(), false)
                + (explanation.entry().isEmpty() ? ":" : ", there in place of this model's entry:"));
        out.line("");
        out.text(Display.safe(
                explanation
                        .entry()
                        .map(price -> PriceSnippet.toComplete(price, entry.record()))
                        .orElseGet(() -> PriceSnippet.forModel(entry.record())),
                true));
        out.line("");
        out.line("Then this call, and others without a price, are priced too by:");
        out.line("  tokenledger reprice --reason \"price added\" --apply");
    }
}
