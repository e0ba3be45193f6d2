package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.ImportReportJson;
import dev.tokenledger.imports.ImportStoppedException;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.imports.sources.ImportSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Imports records from files. */
final class ImportCommand extends Subcommand implements Action {

    private static final int PROBLEMS_SHOWN = 10;

    /** How wide the sources' names are in the help. */
    private static final int WIDTH = 12;

    private final Argument<String> source = optionalParameter("SOURCE", ImportSources.names());
    private final Argument<List<String>> paths = parameters(
            1, 0, "PATH", "Files or, for an agent's logs, folders; of ndjson and litellm - is standard input.");
    private final Argument<Boolean> found =
            flag("--found", "Import all agents' logs that are in their default folders, as without a SOURCE.");
    private final Argument<Boolean> dryRun = flag("--dry-run", "Store nothing; say what would be stored.");
    private final Argument<Boolean> show = flag(
            "--show", "Then show what all calls of the ledger cost, by model; the report is a line of each agent.");
    private final Argument<Boolean> json = flag("--json", "Print the report as one JSON object.");
    private final Argument<Boolean> verbose =
            flag("--verbose", "Name every line that was not taken in, not just the first 10.");

    ImportCommand() {
        super("import", "Imports records from files.", "import [SOURCE [PATH]...] [OPTION]...");
        List<String> lines = new ArrayList<>(List.of("", "SOURCE says what the files are:"));
        ImportSources.ALL.forEach(known ->
                lines.add("  " + known.name() + " ".repeat(WIDTH - known.name().length()) + known.content()));
        lines.addAll(List.of(
                "",
                "An agent's logs are looked for where the agent keeps them, unless a PATH says where; what was read",
                "of them is remembered, and only what is new is read. Nothing of theirs is ever changed. Without a",
                "SOURCE the logs of all agents are looked for, and imported one after the other. With --show the",
                "table of what they cost comes on standard output, and all else on standard error.",
                "",
                "Importing a file again adds nothing; a line that cannot be read costs that line alone. The exit",
                "code is 1 if a line was skipped, a record was in conflict, or a file could not be read; a last line",
                "that an agent is still writing does not count."));
        description(lines.toArray(String[]::new));
        examples(
                "  tokenledger import ndjson examples/october.ndjson",
                "  tokenledger import ndjson --dry-run --verbose examples/october.ndjson",
                "  tokenledger records --history --format ndjson | tokenledger --ledger copy.db import ndjson -");
    }

    @Override
    public int run(Session session) {
        if (found.or(false) && source.stated().isPresent()) {
            throw new UsageException("--found goes without a SOURCE");
        }
        if (show.or(false) && (dryRun.or(false) || json.or(false))) {
            throw new UsageException("--show goes without --dry-run and --json");
        }
        return source.stated().isPresent() ? runNamed(session) : runFound(session);
    }

    private int runNamed(Session session) {
        Reading reading = reading(session);
        return withLedger(session, ledger -> {
            ImportReport report = imported(session, ledger, reading);
            tell(report, session);
            if (report.files() == 0) {
                session.warn("nothing of " + report.source() + " is there to read");
            } else if (report.nothingRecognized()) {
                session.warn(
                        "nothing in what was read is usage of " + report.source() + "; is it from another source?");
            }
            return report.clean() ? DONE : FAILED;
        });
    }

    /** Imports what is there of every agent, and says of each where it is and what became of it. */
    private int runFound(Session session) {
        List<FoundLogs> agents = FoundLogs.on(session);
        if (agents.isEmpty()) {
            throw new CommandException("no agent's logs are in their default folders; name a SOURCE and a PATH, see"
                    + " 'tokenledger import --help'");
        }
        return withLedger(session, ledger -> {
            List<ImportReport> reports = new ArrayList<>();
            try {
                for (FoundLogs agent : agents) {
                    if (!show.or(false)) {
                        heading(agent, reports.isEmpty(), session);
                    }
                    ImportReport report =
                            imported(session, ledger, importer -> importer.run(agent.logs(), agent.folders()));
                    reports.add(report);
                    if (!json.or(false)) {
                        tellOrSayNothing(report, session);
                    }
                }
            } finally {
                if (json.or(false) && !reports.isEmpty()) {
                    session.out()
                            .line("{\"sources\":["
                                    + reports.stream()
                                            .map(ImportReportJson::write)
                                            .collect(Collectors.joining(","))
                                    + "]}");
                }
            }
            return reports.stream().allMatch(ImportReport::clean) ? DONE : FAILED;
        });
    }

    /** Imports into the ledger and, if so asked, shows what is in it then, before it is closed. */
    private int withLedger(Session session, ToIntFunction<Ledger> importing) {
        StopSignal stop = StopSignal.interrupting(Thread.currentThread());
        try (Ledger ledger = dryRun.or(false) ? session.readLedgerIfAny() : session.openLedger()) {
            int code = importing.applyAsInt(ledger);
            if (show.or(false)) {
                SummaryCommand.showModels(ledger, session);
                session.say("'tokenledger summary --every day' shows days, 'tokenledger serve' a dashboard");
            }
            return code;
        } finally {
            stop.close();
        }
    }

    private void heading(FoundLogs agent, boolean first, Session session) {
        if (!json.or(false)) {
            String name = agent.logs().name();
            session.out()
                    .line((first ? "" : "\n")
                            + name
                            + " ".repeat(Math.max(1, WIDTH - name.length()))
                            + Display.safe(joined(agent.folders(), " and "), false));
        }
    }

    private void tellOrSayNothing(ImportReport report, Session session) {
        if (report.files() > 0) {
            tell(report, session);
        } else if (!show.or(false)) {
            session.out().line("nothing to read");
        }
    }

    /** What an import came to; what was stored is told in every case. */
    private ImportReport imported(Session session, Ledger ledger, Reading reading) {
        ImportProgress progress = new ImportProgress(session, verbose.or(false) ? Integer.MAX_VALUE : PROBLEMS_SHOWN);
        Importer.Builder importer = Importer.into(ledger).listener(progress).waitWhile(session.writerActivity());
        if (dryRun.or(false)) {
            importer.dryRun(session.prices());
        }
        LateCalls late = new LateCalls(ledger);
        try {
            return run(reading, importer.build(), progress, late, session);
        } catch (ImportStoppedException e) {
            tell(e.report(), session);
            session.out().flush();
            throw e;
        }
    }

    private static ImportReport run(
            Reading reading, Importer importer, ImportProgress progress, LateCalls late, Session session) {
        try {
            return reading.run(importer);
        } finally {
            progress.end();
            late.tell(session);
        }
    }

    private void tell(ImportReport report, Session session) {
        if (show.or(false)) {
            session.say(brief(report));
        } else {
            print(report, session);
        }
    }

    /** What is to be read, found to be there. */
    private interface Reading {
        ImportReport run(Importer importer);
    }

    /** Everything named is looked at before anything is stored, so that a mistyped name costs nothing. */
    private Reading reading(Session session) {
        String name = source.or("");
        UsageSource named = ImportSources.named(name)
                .orElseThrow(() -> new UsageException(
                        "unknown source " + Converters.quoted(name) + "; expected one of " + ImportSources.names()));
        if (named instanceof LogSource logs) {
            List<Path> folders = folders(logs, session);
            return importer -> importer.run(logs, folders);
        }
        ImportFile[] files = files(named, session);
        return importer -> importer.run(named, files);
    }

    /** The files and folders that are named, or those that the agent has. */
    private List<Path> folders(LogSource logs, Session session) {
        List<Path> found = new ArrayList<>();
        for (String path : paths.or(List.of())) {
            found.add(notTheLedger(InputFiles.readableOrFolder(path), session));
        }
        if (!found.isEmpty()) {
            return found;
        }
        List<Path> existing = FoundLogs.existingFolders(logs, session);
        if (existing.isEmpty()) {
            throw new CommandException("nothing of " + logs.name() + " is in "
                    + joined(FoundLogs.defaultFolders(logs, session), " or ") + "; name a folder or a file of it");
        }
        return existing;
    }

    private static String joined(List<Path> folders, String by) {
        return folders.stream().map(Path::toString).collect(Collectors.joining(by));
    }

    private ImportFile[] files(UsageSource reader, Session session) {
        List<String> named = paths.or(List.of());
        if (named.isEmpty()) {
            throw new UsageException("import " + reader.name() + " needs a file"
                    + (reader.readsStreams() ? ", or - for standard input" : ""));
        }
        List<ImportFile> files = new ArrayList<>();
        for (String path : named) {
            files.add(
                    path.equals("-")
                            ? ImportFile.of(
                                    "standard input", session.environment().in())
                            : ImportFile.of(notTheLedger(InputFiles.readable(path), session)));
        }
        return files.toArray(ImportFile[]::new);
    }

    /** Refuses the ledger's own file: closing it after reading would take this process's locks on it away. */
    private static Path notTheLedger(Path path, Session session) {
        if (session.inDatabase()) {
            return path;
        }
        Path ledger = session.ledgerFile();
        try {
            if (Files.exists(ledger) && Files.isSameFile(path, ledger)) {
                throw new CommandException("cannot import " + path + ": it is the ledger itself");
            }
        } catch (IOException e) {
            throw InputFiles.unreadable(path.toString(), e);
        }
        return path;
    }

    /** What became of an agent's logs, or of files, in a line. */
    private static String brief(ImportReport report) {
        return report.source() + ": " + Figures.count(report.calls(), "call", "calls") + " in "
                + Figures.count(report.files(), "file", "files")
                + (report.unchangedFiles() == 0
                        ? ""
                        : ", of which " + Figures.count(report.unchangedFiles(), "is", "are") + " unchanged")
                + ", " + Figures.count(report.appended()) + " appended"
                + (report.corrected() == 0 ? "" : ", " + Figures.count(report.corrected()) + " corrected")
                + (report.conflicts() == 0 ? "" : ", " + Figures.count(report.conflicts(), "conflict", "conflicts"))
                + (report.skipped() == 0 ? "" : ", " + Figures.count(report.skipped(), "line", "lines") + " skipped")
                + ", " + Figures.seconds(report.elapsed()) + " s";
    }

    private void print(ImportReport report, Session session) {
        if (json.or(false)) {
            session.out().line(ImportReportJson.write(report));
        } else {
            print(report, session.out());
        }
    }

    private static void print(ImportReport report, Output out) {
        if (report.dryRun()) {
            out.line("dry run: nothing was stored; this is what would have been");
        }
        out.line("files       " + Figures.count(report.files())
                + (report.unchangedFiles() == 0
                        ? ""
                        : " (" + Figures.count(report.unchangedFiles()) + " unchanged since the last import)"));
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
        if (!report.notes().isEmpty()) {
            List<String> notes = new ArrayList<>();
            report.notes().forEach((note, count) -> notes.add(note + " " + Figures.count(count)));
            out.line("notes       " + String.join(", ", notes));
        }
        if (report.doubtful() > 0) {
            line(out, "in doubt", report.doubtful());
        }
        out.line("seconds     " + Figures.seconds(report.elapsed()));
    }

    private static void line(Output out, String name, long count) {
        out.line(name + " ".repeat(12 - name.length()) + Figures.count(count));
    }
}
