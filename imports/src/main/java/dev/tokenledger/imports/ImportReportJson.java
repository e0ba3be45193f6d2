package dev.tokenledger.imports;

import dev.tokenledger.formats.json.JsonText;
import java.math.BigDecimal;

/**
 * Writes what an import did as one JSON object on one line. {@code problems} has the file, line, reason and message of the
 * first that were skipped, in conflict or unreadable.
 */
public final class ImportReportJson {

    private ImportReportJson() {}

    /** The report as one line of JSON, without a line break. */
    public static String write(ImportReport report) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("source", report.source());
            json.writeBooleanProperty("dry_run", report.dryRun());
            json.writeNumberProperty("files", report.files());
            json.writeNumberProperty("unchanged_files", report.unchangedFiles());
            json.writeNumberProperty("unreadable_files", report.unreadableFiles());
            json.writeNumberProperty("lines", report.lines());
            json.writeNumberProperty("used", report.used());
            json.writeNumberProperty("ignored", report.ignored());
            json.writeNumberProperty("calls", report.calls());
            json.writeNumberProperty("appended", report.appended());
            json.writeNumberProperty("duplicates", report.duplicates());
            json.writeNumberProperty("corrected", report.corrected());
            json.writeNumberProperty("conflicts", report.conflicts());
            json.writeNumberProperty("skipped", report.skipped());
            json.writeObjectPropertyStart("skipped_reasons");
            report.skippedReasons().forEach(json::writeNumberProperty);
            json.writeEndObject();
            json.writeObjectPropertyStart("notes");
            report.notes().forEach(json::writeNumberProperty);
            json.writeEndObject();
            json.writeNumberProperty("doubtful_calls", report.doubtful());
            json.writeNumberProperty(
                    "seconds", BigDecimal.valueOf(report.elapsed().toMillis(), 3));
            json.writeArrayPropertyStart("problems");
            report.problems().forEach(problem -> {
                json.writeStartObject();
                json.writeStringProperty("file", problem.file());
                json.writeNumberProperty("line", problem.line());
                json.writeStringProperty("reason", problem.reason());
                json.writeStringProperty("message", problem.message());
                json.writeEndObject();
            });
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
