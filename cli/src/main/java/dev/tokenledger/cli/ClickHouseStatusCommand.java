package dev.tokenledger.cli;

import dev.tokenledger.clickhouse.ClickHouseExporter;
import dev.tokenledger.clickhouse.CopyStatus;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Figures;
import java.math.BigDecimal;

/** Says how far a copy in ClickHouse has come, and what is wrong with it. */
final class ClickHouseStatusCommand extends Subcommand implements Action {

    private static final int MILLIS_DIGITS = 3;
    private static final long MEBIBYTE = 1 << 20;

    /** How the status is shown. */
    enum Format {
        TEXT,
        JSON
    }

    private final Argument<String> to = option("--to", "ADDRESS", ClickHouseCommand.TO);
    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "text (the default) or json.");

    ClickHouseStatusCommand() {
        super("status", "Shows how far a copy in ClickHouse has come.", "clickhouse status [OPTION]...");
        description(
                "Shows what has not been copied and for how long, what holds it back, and what is wrong with the copy. Compares all",
                "of it with what the ledger says of it. The exit code is 1 if something is wrong; being behind is not.");
        examples("  tokenledger clickhouse status --to clickhouse://db.example:8123/usage 2>> export.log");
    }

    @Override
    public int run(Session session) {
        CopyStatus status;
        try (ClickHouseExporter exporter = ClickHouseCommand.exporter(session, to)) {
            status = exporter.status();
        }
        if (format.or(Format.TEXT) == Format.JSON) {
            session.out().line(json(status));
        } else {
            text(status, session.out());
        }
        return status.isSound() ? DONE : FAILED;
    }

    private static void text(CopyStatus status, Output out) {
        out.line(status.watermark()
                .map(mark -> Figures.count(mark.entries(), "entry", "entries") + " copied, of all transactions below "
                        + mark.transaction() + ", to " + mark.table())
                .orElse("nothing copied"));
        CopyStatus.Backlog backlog = status.backlog();
        out.line(
                backlog.entries() == 0
                        ? "nothing is waiting to be copied"
                        : Figures.count(backlog.entries(), "entry waits", "entries wait")
                                + " to be copied, the first of them for " + Figures.seconds(backlog.age()) + " s");
        if (backlog.waiting() > 0) {
            out.line(Figures.count(backlog.waiting(), "of these is", "of these are")
                    + " held back by an older transaction"
                    + (backlog.holder().isEmpty()
                            ? ""
                            : ", that of " + Display.safe(backlog.holder(), false) + ", for "
                                    + Figures.seconds(backlog.held()) + " s"));
        }
        for (CopyStatus.Server server : status.servers()) {
            out.line(server.host() + ": " + Figures.count(server.rows(), "row", "rows") + ", "
                    + Figures.count((server.bytes() + MEBIBYTE - 1) / MEBIBYTE) + " MiB, "
                    + Figures.count(server.parts(), "part", "parts"));
        }
        status.problems().forEach(problem -> out.line("problem: " + Display.safe(problem, false)));
    }

    private static String json(CopyStatus status) {
        CopyStatus.Backlog backlog = status.backlog();
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeBooleanProperty("sound", status.isSound());
            status.watermark().ifPresent(mark -> {
                json.writeNumberProperty("watermark", mark.transaction());
                json.writeNumberProperty("entries", mark.entries());
                json.writeStringProperty("table", mark.table());
            });
            json.writeNumberProperty("lag_entries", backlog.entries());
            json.writeNumberProperty(
                    "lag_seconds", BigDecimal.valueOf(backlog.age().toMillis(), MILLIS_DIGITS));
            json.writeNumberProperty("held_back_entries", backlog.waiting());
            json.writeStringProperty("held_back_by", backlog.holder());
            json.writeNumberProperty("held_back_seconds", backlog.held().toSeconds());
            json.writeArrayPropertyStart("servers");
            for (CopyStatus.Server server : status.servers()) {
                json.writeStartObject();
                json.writeStringProperty("host", server.host());
                json.writeNumberProperty("rows", server.rows());
                json.writeNumberProperty("bytes", server.bytes());
                json.writeNumberProperty("parts", server.parts());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("problems");
            status.problems().forEach(json::writeString);
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
