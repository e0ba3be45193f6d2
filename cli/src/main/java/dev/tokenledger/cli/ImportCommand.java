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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Imports records from files. */
@Command(
        name = "import",
        header = "Imports records from files.",
        description = {
            "",
            "SOURCE says what the files are:",
            "  ndjson   one JSON object a line, the fields named as 'tokenledger records --format ndjson' does",
            "",
            "Importing a file again adds nothing; a line that cannot be read costs that line alone. The exit",
            "code is 1 if a line was skipped, a record was in conflict, or a file could not be read."
        },
        customSynopsis = "tokenledger import SOURCE PATH... [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tokenledger import ndjson examples/october.ndjson",
            "  tokenledger import ndjson --dry-run --verbose examples/october.ndjson",
            "  tokenledger records --format ndjson | tokenledger --ledger copy.db import ndjson -"
        })
final class ImportCommand implements Action {

    private static final int PROBLEMS_SHOWN = 10;

    @Parameters(index = "0", paramLabel = "SOURCE", description = "ndjson")
    String source = "";

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "PATH", description = "Files; - is standard input.")
    List<String> paths = new ArrayList<>();

    @Option(names = "--dry-run", description = "Store nothing; say what would be stored.")
    boolean dryRun;

    @Option(names = "--json", description = "Print the report as one JSON object.")
    boolean json;

    @Option(names = "--verbose", description = "Name every line that was not taken in, not just the first 10.")
    boolean verbose;

    @Override
    public int run(Session session) {
        UsageSource reader = reader();
        List<ImportInput> inputs = inputs(session);
        ImportReport report;
        ImportProgress progress = new ImportProgress(session, verbose ? Integer.MAX_VALUE : PROBLEMS_SHOWN);
        try (Ledger ledger = dryRun ? session.readLedger() : session.openLedger()) {
            Importer.Builder importer = Importer.into(ledger).listener(progress);
            if (dryRun) {
                importer.dryRun(session.prices());
            }
            report = importer.build().run(reader, inputs);
        } finally {
            progress.end();
        }
        if (json) {
            session.out().line(ImportReportJson.write(report));
        } else {
            print(report, session.out());
        }
        return report.clean() ? DONE : FAILED;
    }

    private UsageSource reader() {
        if (source.equals("ndjson")) {
            return new NdjsonSource();
        }
        throw new UsageException("unknown source " + Converters.quoted(source) + "; expected one of ndjson");
    }

    /** All files are looked at before anything is stored, so that a mistyped name costs nothing. */
    private List<ImportInput> inputs(Session session) {
        if (paths.isEmpty()) {
            throw new UsageException("import " + source + " needs a file, or - for standard input");
        }
        List<ImportInput> inputs = new ArrayList<>();
        for (String path : paths) {
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
