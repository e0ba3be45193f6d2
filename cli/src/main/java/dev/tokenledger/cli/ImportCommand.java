package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.sources.ImportInput;
import dev.tokenledger.sources.ImportReport;
import dev.tokenledger.sources.Importer;
import dev.tokenledger.sources.UsageSource;
import dev.tokenledger.sources.json.ImportReportJson;
import dev.tokenledger.sources.ndjson.NdjsonSource;
import java.util.ArrayList;
import java.util.List;

/** Imports records from files. */
final class ImportCommand extends Subcommand implements Action {

    private static final int PROBLEMS_SHOWN = 10;

    private final Argument<String> source = parameter(0, "SOURCE", "ndjson");
    private final Argument<List<String>> paths = parameters(1, 0, "PATH", "Files; - is standard input.");
    private final Argument<Boolean> dryRun = flag("--dry-run", "Store nothing; say what would be stored.");
    private final Argument<Boolean> json = flag("--json", "Print the report as one JSON object.");
    private final Argument<Boolean> verbose =
            flag("--verbose", "Name every line that was not taken in, not just the first 10.");

    ImportCommand() {
        super("import", "Imports records from files.", "import SOURCE PATH... [OPTION]...");
        description(
                "",
                "SOURCE says what the files are:",
                "  ndjson   one JSON object a line, the fields named as 'tokenledger records --format ndjson' does",
                "",
                "Importing a file again adds nothing; a line that cannot be read costs that line alone. The exit",
                "code is 1 if a line was skipped, a record was in conflict, or a file could not be read.");
        examples(
                "  tokenledger import ndjson examples/october.ndjson",
                "  tokenledger import ndjson --dry-run --verbose examples/october.ndjson",
                "  tokenledger records --format ndjson | tokenledger --ledger copy.db import ndjson -");
    }

    @Override
    public int run(Session session) {
        UsageSource reader = reader();
        List<ImportInput> inputs = inputs(session);
        ImportReport report;
        ImportProgress progress = new ImportProgress(session, verbose.or(false) ? Integer.MAX_VALUE : PROBLEMS_SHOWN);
        try (Ledger ledger = dryRun.or(false) ? session.readLedger() : session.openLedger()) {
            Importer.Builder importer = Importer.into(ledger).listener(progress);
            if (dryRun.or(false)) {
                importer.dryRun(session.prices());
            }
            report = importer.build().run(reader, inputs);
        } finally {
            progress.end();
        }
        if (json.or(false)) {
            session.out().line(ImportReportJson.write(report));
        } else {
            print(report, session.out());
        }
        return report.clean() ? DONE : FAILED;
    }

    private UsageSource reader() {
        String name = source.or("");
        if (name.equals("ndjson")) {
            return new NdjsonSource();
        }
        throw new UsageException("unknown source " + Converters.quoted(name) + "; expected one of ndjson");
    }

    /** All files are looked at before anything is stored, so that a mistyped name costs nothing. */
    private List<ImportInput> inputs(Session session) {
        List<String> named = paths.or(List.of());
        if (named.isEmpty()) {
            throw new UsageException("import " + source.or("") + " needs a file, or - for standard input");
        }
        List<ImportInput> inputs = new ArrayList<>();
        for (String path : named) {
            inputs.add(
                    path.equals("-")
                            ? ImportInput.of(
                                    "standard input", session.environment().in())
                            : ImportInput.of(InputFiles.readable(path)));
        }
        return inputs;
    }

    private static void print(ImportReport report, Output out) {
        if (report.dryRun()) {
            out.line("dry run: nothing was stored; this is what would have been");
        }
        line(out, "files", report.files());
        line(out, "lines", report.lines());
        line(out, "calls", report.calls());
        line(out, "appended", report.appended());
        line(out, "duplicates", report.duplicates());
        line(out, "corrected", report.corrected());
        line(out, "conflicts", report.conflicts());
        List<String> reasons = new ArrayList<>();
        report.skippedReasons().forEach((reason, count) -> reasons.add(reason + " " + Figures.count(count)));
        out.line("skipped     " + Figures.count(report.skipped())
                + (reasons.isEmpty() ? "" : " (" + String.join(", ", reasons) + ")"));
        out.line("seconds     " + Figures.seconds(report.elapsed()));
    }

    private static void line(Output out, String name, long count) {
        out.line(name + " ".repeat(12 - name.length()) + Figures.count(count));
    }
}
