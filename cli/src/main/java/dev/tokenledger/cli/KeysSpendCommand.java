package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.present.SummaryCsv;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.KeyFile;
import dev.tokenledger.server.keys.Stamp;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Says what the records that each key sent cost. */
final class KeysSpendCommand extends Subcommand implements Action {

    private static final Dimension KEY = Dimension.attribute(Stamp.KEY_NAME);

    private final Argument<SummaryCommand.Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", SummaryCommand.Format.values()),
            Converters.names(SummaryCommand.Format.values()),
            "table (the default), json or csv.");
    private final Argument<String> keysFile = option("--keys-file", "FILE", KeysCommand.FILE);
    private final WindowOptions window = new WindowOptions(this);

    KeysSpendCommand() {
        super("spend", "Shows what was spent by each key.", "keys spend [OPTION]...");
        description(
                "A server that asks for keys puts the name of the key on each record, as the attribute "
                        + Stamp.KEY_NAME + ":",
                "keys of one name are one row, and revoked ones have theirs. Records that came otherwise have no key.");
        examples("  tokenledger keys spend --period month", "  tokenledger keys spend --format json");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        SummaryQuery query = SummaryQuery.over(window.window(session)).by(KEY).build();
        List<ApiKey> keys = new KeyFile(session.places().keys(keysFile)).read().all();
        SummaryCommand.Format as = format.or(SummaryCommand.Format.TABLE);
        try (Ledger ledger = session.readLedger()) {
            Report report = ledger.report(ReportQuery.of(query));
            List<GroupedSummary> rows = report.rows();
            switch (as) {
                case JSON -> session.out().line(SummaryJson.write(query, rows));
                case CSV -> SummaryCsv.write(query, rows, session.out()::text);
                case TABLE -> {
                    String title = "Usage by key, " + window.describe(query.window(), session);
                    new SummaryTable(query, rows, title, session.terminal()).write(session.out());
                    idle(keys, rows, session);
                }
            }
        }
        return DONE;
    }

    private static void idle(List<ApiKey> keys, List<GroupedSummary> rows, Session session) {
        Set<String> names = new TreeSet<>();
        keys.forEach(key -> names.add(key.stamp().attributes().getOrDefault(Stamp.KEY_NAME, "")));
        rows.forEach(row -> names.remove(row.keys().getOrDefault(KEY, "")));
        if (!names.isEmpty()) {
            session.say(
                    "no records by " + names.stream().map(Converters::quoted).collect(Collectors.joining(", ")));
        }
    }
}
