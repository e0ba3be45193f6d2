package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.cli.Table.Kind;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetJson;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Summary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says how much of each budget is used up; fails if one is exceeded. */
final class BudgetCheckCommand extends Subcommand implements Action {

    private static final int BAR_CELLS = 12;

    /** What people are shown who have no budgets yet. */
    private static final String EXAMPLE = """
            budgets:
              - name: Everything
                period: month      # or day
                usd: 500
            """;

    private final Argument<String> file =
            option("--budgets", "FILE", "The budgets; default: budgets.yaml beside your own prices.");
    private final Argument<ZoneId> zone = option(
            "--zone",
            "ZONE",
            new Converters.OfZone(),
            "The time zone of days and months of budgets that name none, such as Europe/Berlin; the system's unless "
                    + "stated.");
    private final Argument<Boolean> json = flag("--json", "Print one JSON object, with exact figures.");

    BudgetCheckCommand() {
        super(
                "check",
                "Says how much of each budget is used up, and fails if one is exceeded.",
                "budget check [OPTION]...");
        description(
                "The exit code is 1 if the known cost of the day or month is above a limit, or if there is no ledger. A cost after \"≥\" leaves out",
                "calls that could not be priced. Projected is what the period comes to at its end, at the pace so far.");
        examples(
                "  tokenledger budget check --budgets examples/budgets.yaml",
                "  tokenledger budget check --budgets examples/budgets.yaml --zone Europe/Berlin --json",
                "",
                "A file of budgets, YAML or (ending in .json) JSON; where and zone can be left out:",
                "",
                "  budgets:",
                "    - name: Search team",
                "      where: { attribute.team: search }   # the dimensions of summary; all must hold",
                "      period: month                       # or day",
                "      usd: 500",
                "      zone: Europe/Berlin");
    }

    /** Without a part of the spending nobody can say that a budget is kept, so all must answer. */
    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        List<Budget> budgets = read(session);
        Instant now = session.now();
        List<BudgetStatus> all;
        try (Ledger ledger = session.existingLedger()) {
            all = BudgetStatus.of(
                    budgets,
                    ledger,
                    now,
                    zone.stated().orElseGet(session.environment().zone()));
        }
        if (json.or(false)) {
            session.out().line(BudgetJson.write(now, all));
        } else if (!all.isEmpty()) {
            table(all, session.terminal()).write(session.out(), session.terminal());
            if (!all.stream().allMatch(status -> status.spent().fullyPriced())) {
                session.out().line("");
                session.out().line(gaps(session.terminal()));
            }
        }
        return verdict(all, session);
    }

    private List<Budget> read(Session session) {
        Path own = session.places().budgets();
        if (file.stated().isEmpty() && !Files.exists(own)) {
            throw new CommandException("there are no budgets; write some to " + own
                    + ", or name a file with --budgets:\n\n" + EXAMPLE.stripTrailing());
        }
        Path path = file.stated().map(text -> Places.path("--budgets", text)).orElse(own);
        return BudgetFiles.read(new BudgetFile(path));
    }

    private static int verdict(List<BudgetStatus> all, Session session) {
        if (all.isEmpty()) {
            session.say("the file has no budgets");
            return DONE;
        }
        List<BudgetStatus> exceeded =
                all.stream().filter(BudgetStatus::exceeded).toList();
        if (exceeded.isEmpty()) {
            return DONE;
        }
        session.say(exceeded.size() + " of " + all.size() + (all.size() == 1 ? " budget" : " budgets")
                + (exceeded.size() == 1 ? " is" : " are") + " exceeded: "
                + exceeded.stream().map(status -> status.budget().name()).collect(Collectors.joining(", ")));
        return FAILED;
    }

    private static Table table(List<BudgetStatus> all, Terminal terminal) {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("budget", Kind.NAME),
                new Column("period", Kind.WHOLE_NAME),
                new Column("spent", Kind.FIGURE),
                new Column("limit", Kind.FIGURE),
                new Column("used", Kind.FIGURE)));
        if (terminal.out()) {
            columns.add(new Column("", Kind.PICTURE));
        }
        columns.add(new Column("projected", Kind.SPARE_FIGURE));
        columns.add(new Column("state", Kind.WHOLE_NAME));
        Table table = new Table(columns);
        int decimals = decimals(all);
        for (BudgetStatus status : all) {
            table.row(cells(status, decimals, terminal));
        }
        return table;
    }

    private static int decimals(List<BudgetStatus> all) {
        Usd largest = Usd.ZERO;
        for (BudgetStatus status : all) {
            for (Usd amount : List.of(
                    status.budget().limit(),
                    status.spent().totalCost(),
                    status.projected().orElse(Usd.ZERO))) {
                largest = amount.compareTo(largest) > 0 ? amount : largest;
            }
        }
        return Figures.decimals(largest);
    }

    private static List<String> cells(BudgetStatus status, int decimals, Terminal terminal) {
        Budget budget = status.budget();
        Summary spent = status.spent();
        String atLeast = spent.fullyPriced() ? "" : terminal.atLeast();
        List<String> cells = new ArrayList<>();
        cells.add(budget.name());
        cells.add(period(status));
        cells.add(spent.whollyUnpriced() ? "unpriced" : atLeast + Figures.usd(spent.totalCost(), decimals));
        cells.add(Figures.usd(budget.limit(), decimals));
        cells.add(
                spent.whollyUnpriced()
                        ? "-"
                        : atLeast
                                + Figures.percent(
                                        spent.totalCost().toBigDecimal(),
                                        budget.limit().toBigDecimal()));
        if (terminal.out()) {
            cells.add(Bars.bar(
                    spent.totalCost().toBigDecimal(), budget.limit().toBigDecimal(), BAR_CELLS, terminal.unicode()));
        }
        Optional<Usd> projected = spent.whollyUnpriced() ? Optional.empty() : status.projected();
        cells.add(projected.map(usd -> atLeast + Figures.usd(usd, decimals)).orElse("-"));
        cells.add(status.state().words());
        return cells;
    }

    /** The day or month in its zone: {@code 2026-11-22 (UTC)}, {@code 2026-11 (Europe/Berlin)}. */
    private static String period(BudgetStatus status) {
        String day = status.window().start().atZone(status.zone()).toLocalDate().toString();
        String name = status.budget().period() == Budget.Period.DAY ? day : day.substring(0, 7);
        return name + " (" + status.zone().getId() + ")";
    }

    private static String gaps(Terminal terminal) {
        return Table.styled(
                "Some calls have no known cost, or one that covers only part of their usage, so more may have been\n"
                        + "spent than is shown; 'tokenledger summary --by model,pricing_status' names their models.",
                Table.Style.WARNING,
                terminal);
    }
}
