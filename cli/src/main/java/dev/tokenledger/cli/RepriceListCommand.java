package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.reprice.RepriceRun;
import java.time.ZoneOffset;
import java.util.List;

/** The runs of repricing. */
final class RepriceListCommand extends Subcommand implements Action {

    private static final int DECIMALS = 4;

    private enum Format {
        TABLE,
        JSON
    }

    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "table (the default) or json.");

    RepriceListCommand() {
        super("list", "Lists the runs of repricing, the oldest first.", "reprice list [OPTION]...");
        examples("  tokenledger reprice list");
    }

    @Override
    public int run(Session session) {
        List<RepriceRun> runs;
        try (Ledger ledger = session.existingLedger()) {
            runs = RepriceRun.of(ledger);
        }
        if (format.or(Format.TABLE) == Format.JSON) {
            session.out().line(json(runs));
        } else if (runs.isEmpty()) {
            session.say("nothing was repriced yet");
        } else {
            table(runs, session);
        }
        return DONE;
    }

    private static void table(List<RepriceRun> runs, Session session) {
        Table table = new Table(List.of(
                new Column("run", Table.Kind.WHOLE_NAME),
                new Column("began (UTC)", Table.Kind.WHOLE_NAME),
                new Column("state", Table.Kind.WHOLE_NAME),
                new Column("filled", Table.Kind.FIGURE),
                new Column("corrected", Table.Kind.FIGURE),
                new Column("before", Table.Kind.FIGURE),
                new Column("after", Table.Kind.FIGURE),
                new Column("reason", Table.Kind.NAME)));
        for (RepriceRun run : runs) {
            table.row(List.of(
                    run.id(),
                    Times.second(run.began(), ZoneOffset.UTC),
                    run.applied() ? "applied" : "unfinished",
                    Figures.count(run.filled()),
                    Figures.count(run.corrected()),
                    Figures.usd(run.before(), DECIMALS),
                    Figures.usd(run.after(), DECIMALS),
                    run.reason()));
        }
        table.write(session.out(), session.terminal());
    }

    private static String json(List<RepriceRun> runs) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("runs");
            for (RepriceRun run : runs) {
                json.writeStartObject();
                json.writeStringProperty("run", run.id());
                json.writeStringProperty("state", run.applied() ? "applied" : "unfinished");
                json.writeStringProperty("scope", run.scope());
                json.writeStringProperty("reason", run.reason());
                json.writeStringProperty("digest", run.digest());
                json.writeStringProperty("prices", run.prices());
                json.writeStringProperty("began", run.began().toString());
                json.writeStringProperty("changed", run.changed().toString());
                json.writeNumberProperty("filled_records", run.filled());
                json.writeNumberProperty("corrected_records", run.corrected());
                json.writeNumberProperty("old_cost_usd", run.before().toBigDecimal());
                json.writeNumberProperty("new_cost_usd", run.after().toBigDecimal());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
