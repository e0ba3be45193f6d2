package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** Records as a table for people. */
final class RecordsTable {

    private static final int DECIMALS = 4;

    private final Ledger ledger;
    private final boolean several;
    private final List<LedgerEntry> entries;
    private final boolean history;
    private final ZoneId zone;

    RecordsTable(Ledger ledger, List<LedgerEntry> entries, boolean history, ZoneId zone) {
        this.ledger = ledger;
        several = !ledger.ledgers().isEmpty();
        this.entries = entries;
        this.history = history;
        this.zone = zone;
    }

    void write(Output out, Terminal terminal) {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("time (" + zone.getId() + ")", Table.Kind.WHOLE_NAME),
                new Column("model", Table.Kind.NAME),
                new Column("task or role", Table.Kind.NAME),
                new Column("input", Table.Kind.FIGURE),
                new Column("output", Table.Kind.FIGURE),
                new Column("cache wr", Table.Kind.FIGURE),
                new Column("cache rd", Table.Kind.FIGURE),
                new Column("cost", Table.Kind.FIGURE)));
        if (several) {
            columns.add(new Column("ledger", Table.Kind.NAME));
        }
        if (history) {
            columns.add(new Column("entry", Table.Kind.NAME));
        }
        columns.add(new Column("id", Table.Kind.WHOLE_NAME));
        Table table = new Table(columns);
        for (LedgerEntry entry : entries) {
            table.row(cells(entry, terminal));
        }
        table.write(out, terminal);
    }

    private List<String> cells(LedgerEntry entry, Terminal terminal) {
        TokenCounts tokens = entry.record().tokens();
        String task = entry.record().taskName();
        List<String> cells = new ArrayList<>(List.of(
                Times.second(entry.occurred(), zone),
                entry.record().identity().model(),
                task.isEmpty() ? entry.record().role() : task,
                Figures.tokens(tokens.input()),
                Figures.tokens(tokens.output()),
                Figures.tokens(tokens.cacheCreation()),
                Figures.tokens(tokens.cacheRead()),
                cost(entry, terminal)));
        if (several) {
            cells.add(ledger.ledgerOf(entry).orElse(""));
        }
        if (history) {
            cells.add(entry(entry));
        }
        cells.add(entry.id().value());
        return cells;
    }

    private String cost(LedgerEntry entry, Terminal terminal) {
        Cost cost = entry.kind() == Kind.USAGE && !history ? entry.effectiveCost() : entry.cost();
        PricingStatus status = cost.status();
        if (status == PricingStatus.UNPRICED) {
            return "unpriced";
        }
        Usd amount = cost.amount();
        String shown = Figures.usd(entry.kind() == Kind.REVERSAL ? amount.negated() : amount, DECIMALS);
        return status == PricingStatus.PARTIAL ? terminal.atLeast() + shown : shown;
    }

    private static String entry(LedgerEntry entry) {
        if (entry.kind() == Kind.REVERSAL) {
            return "reverses "
                    + entry.reversal()
                            .map(reversal -> reversal.reverses().value())
                            .orElse("");
        }
        String revalued = entry.revaluation().isPresent() ? ", revalued" : "";
        if (entry.kind() == Kind.REVALUATION) {
            return "revalues " + entry.record().id();
        }
        if (entry.kind() == Kind.ADJUSTMENT) {
            return entry.inForce() ? "adjustment" : "adjustment, reversed";
        }
        return (entry.inForce() ? "in force" : "reversed") + revalued;
    }
}
