package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PricingNotes;
import dev.tokenledger.formats.whatif.Scenario;
import dev.tokenledger.formats.whatif.WhatIf;
import dev.tokenledger.formats.whatif.WhatIfText;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** What calls would have cost otherwise. */
final class WhatIfCommand extends Subcommand implements Action {

    private final Argument<List<String>> models = repeated(
            "--map",
            "MODEL=MODEL",
            "Price the calls of one model as those of another, such as gpt-5=claude-haiku-4-5 or gpt-5=mirror/gpt-oss:20b. May be"
                    + " given several times.");
    private final Argument<String> tier = option(
            "--tier",
            "TIER",
            "Price all calls as of this service tier, such as batch, or standard for the ordinary one.");
    private final Argument<Boolean> noCache =
            flag("--no-cache", "Price cache reads and writes as input that was not cached.");
    private final Argument<SummaryCommand.Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", SummaryCommand.Format.values()),
            Converters.names(SummaryCommand.Format.values()),
            "table (the default), json or csv.");
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);

    WhatIfCommand() {
        super("whatif", "Shows what calls would have cost otherwise.", "whatif [OPTION]...");
        description(
                "Prices the calls of a window again, each at its own instant, and stores nothing: by the prices of today's files,"
                        + " and as the options suppose them. A cost that was given with a record is kept unless an option changes the call.");
        examples(
                "  tokenledger whatif",
                "  tokenledger whatif --period last_month --map gpt-5=claude-haiku-4-5",
                "  tokenledger whatif --period month --where role=scheduled --tier batch",
                "  tokenledger whatif --no-cache --format json",
                "",
                "It reads each record, so it takes as long as listing them does.");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        Scenario scenario = scenario();
        TimeWindow span = window.window(session);
        Map<Dimension, String> filters = filter.filters();
        PriceBook prices = session.prices();
        WhatIf.Answer answer;
        try (Ledger ledger = session.readLedger()) {
            answer = ask(ledger, span, filters, prices, scenario);
        }
        scenario.unmet()
                .forEach(model -> session.warn("--map " + Converters.quoted(model)
                        + ": no call of this model is among these; 'tokenledger summary --by model' lists the models"));
        switch (format.or(SummaryCommand.Format.TABLE)) {
            case JSON -> session.out().line(WhatIfText.json(span, scenario, answer));
            case CSV -> WhatIfText.csv(answer, session.out()::text);
            case TABLE -> table(answer, scenario, title(scenario, span, filters, session), session);
        }
        return DONE;
    }

    private static WhatIf.Answer ask(
            Ledger ledger, TimeWindow span, Map<Dimension, String> filters, PriceBook prices, Scenario scenario) {
        try {
            return WhatIf.ask(ledger, span, filters, prices, scenario);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private Scenario scenario() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : models.or(List.of())) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new UsageException(
                        "Invalid value for option '--map': expected MODEL=MODEL, found " + Converters.quoted(pair));
            }
            if (map.putIfAbsent(
                            pair.substring(0, equals).strip(),
                            pair.substring(equals + 1).strip())
                    != null) {
                throw new UsageException("--map names the model "
                        + Converters.quoted(pair.substring(0, equals).strip()) + " twice");
            }
        }
        try {
            return new Scenario(map, tier.stated().map(String::strip), noCache.or(false));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--map' or '--tier': " + e.getMessage());
        }
    }

    private String title(Scenario scenario, TimeWindow span, Map<Dimension, String> filters, Session session) {
        List<String> supposed = new ArrayList<>();
        scenario.models().forEach((from, to) -> supposed.add(from + " as " + to));
        scenario.tier().ifPresent(name -> supposed.add("service tier " + name));
        if (scenario.withoutCache()) {
            supposed.add("no cache");
        }
        return Display.safe(
                "What if: " + (supposed.isEmpty() ? "today's prices" : String.join(", ", supposed))
                        + FilterOptions.describe(filters) + ", " + window.describe(span, session),
                false);
    }

    private static void table(WhatIf.Answer answer, Scenario scenario, String title, Session session) {
        Output out = session.out();
        Terminal terminal = session.terminal();
        out.line(Table.styled(title, Table.Style.STRONG, terminal));
        out.line("");
        boolean mapped = !scenario.models().isEmpty();
        boolean gaps = !answer.total().newFullyPriced();
        List<Column> columns = new ArrayList<>(List.of(new Column("model", Table.Kind.NAME)));
        if (mapped) {
            columns.add(new Column("as", Table.Kind.NAME));
        }
        columns.add(new Column("calls", Table.Kind.FIGURE));
        if (gaps) {
            columns.add(new Column("price gaps", Table.Kind.FIGURE));
        }
        columns.add(new Column("cost", Table.Kind.FIGURE));
        columns.add(new Column("would be", Table.Kind.FIGURE));
        columns.add(new Column("difference", Table.Kind.FIGURE));
        columns.add(new Column("change", Table.Kind.SPARE_FIGURE));
        Table table = new Table(columns);
        int decimals =
                Figures.decimals(larger(answer.total().oldCost(), answer.total().newCost()));
        for (WhatIf.Row row : answer.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.model()));
            if (mapped) {
                cells.add(row.newModel().equals(row.model()) ? "" : row.newModel());
            }
            figures(cells, row.figures(), gaps, decimals, terminal);
            table.row(cells);
        }
        if (!answer.rows().isEmpty()) {
            table.rule();
        }
        List<String> cells = new ArrayList<>(List.of("total"));
        if (mapped) {
            cells.add("");
        }
        figures(cells, answer.total(), gaps, decimals, terminal);
        table.strongRow(cells);
        table.write(out, terminal);
        out.line("");
        remarks(answer, session).forEach(out::line);
    }

    private static void figures(
            List<String> cells, WhatIf.Figures figures, boolean gaps, int decimals, Terminal terminal) {
        cells.add(Figures.count(figures.records()));
        if (gaps) {
            long left = figures.newPartial() + figures.newUnpriced();
            cells.add(left == 0 ? "-" : Figures.count(left));
        }
        cells.add(
                cost(figures.oldCost(), figures.oldUnpriced(), figures.oldFullyPriced(), figures, decimals, terminal));
        cells.add(
                cost(figures.newCost(), figures.newUnpriced(), figures.newFullyPriced(), figures, decimals, terminal));
        if (figures.comparable() == 0) {
            cells.add("-");
            cells.add("-");
        } else {
            // Of calls with a whole price before and after, so that what has none does not look like money saved.
            cells.add(Figures.usd(figures.comparableDifference(), decimals));
            cells.add(
                    figures.comparable() == figures.records()
                            ? Figures.percent(
                                    figures.comparableDifference().toBigDecimal(),
                                    figures.oldCost().toBigDecimal())
                            : "-");
        }
    }

    private static String cost(
            Usd amount, long unpriced, boolean whole, WhatIf.Figures figures, int decimals, Terminal terminal) {
        if (figures.records() > 0 && unpriced == figures.records()) {
            return "unpriced";
        }
        return (whole ? "" : terminal.atLeast()) + Figures.usd(amount, decimals);
    }

    private static List<String> remarks(WhatIf.Answer answer, Session session) {
        List<String> remarks = new ArrayList<>();
        WhatIf.Figures total = answer.total();
        if (total.comparable() < total.records()) {
            remarks.add("The difference is that of the " + Figures.count(total.comparable()) + " of "
                    + Figures.count(total.records(), "call", "calls") + " that have a whole price before and after.");
        }
        if (!total.newFullyPriced()) {
            List<String> missing = new ArrayList<>();
            missing(missing, total.unpricedTokens(), "token", "tokens");
            missing(missing, total.unpricedCalls(), "call", "calls");
            String text = Figures.count(total.newUnpriced() + total.newPartial(), "call", "calls")
                    + " could not be priced in full"
                    + (missing.isEmpty() ? "" : ": no price for " + String.join(", ", missing))
                    + ".";
            remarks.add(Table.styled(Display.safe(text, false), Table.Style.WARNING, session.terminal()));
        }
        if (total.given() > 0) {
            remarks.add(Figures.count(total.given(), "call keeps", "calls keep") + " the cost given with the record.");
        }
        answer.notes()
                .forEach((note, count) -> remarks.add(
                        Display.safe(Figures.count(count, "call", "calls") + ": " + PricingNotes.words(note), false)));
        return remarks;
    }

    private static void missing(List<String> missing, SortedMap<String, Long> counts, String one, String several) {
        counts.forEach((name, count) -> missing.add(name + " (" + Figures.count(count, one, several) + ")"));
    }

    private static Usd larger(Usd one, Usd other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
