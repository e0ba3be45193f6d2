package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Copies a ledger into another, which may be of another engine, and proves that they are equal. */
final class CopyCommand extends Subcommand implements Action {

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Argument<String> from =
            parameter(0, "FROM", "The ledger to copy, a file or postgresql://user@host/database.");
    private final Argument<String> to =
            parameter(1, "TO", "The ledger to copy it to, made if it is not there; a file or an address too.");
    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "text (the default) or json.");

    /** How what was done is told. */
    enum Format {
        TEXT,
        JSON
    }

    CopyCommand() {
        super("copy", "Copies a ledger into another, of the same engine or another.", "copy FROM TO [OPTION]...");
        description(
                "Records keep their ids, costs, prices, the instants at which they were recorded, and their reversals; readers of logs go",
                "on where they were. Run it again to complete a copy that was stopped; nothing is stored twice. TO may hold nothing but",
                "an earlier copy of FROM. Stop what writes to either.",
                "",
                "In the end both are compared: every entry, the explanation of each price, totals by every dimension in every month,",
                "and what readers remember. The exit code is 1, and the first difference is named, if they are not equal.");
        examples(
                "  tokenledger copy ledger.db postgresql://ledger@db.example/usage",
                "  tokenledger copy postgresql://ledger@db.example/usage copy.db --format json");
    }

    @Override
    public int run(Session session) {
        if (session.namesLedgerByOption()) {
            throw new UsageException("--ledger: 'copy' takes both ledgers as FROM and TO; leave it out");
        }
        LedgerLocation source = session.ledger("FROM", named("FROM", from));
        LedgerLocation target = session.ledger("TO", named("TO", to));
        if (isSame(source, target)) {
            throw new UsageException("TO: the same ledger as FROM");
        }
        if (source.isAbsent()) {
            throw new CommandException(
                    "cannot copy from " + source.name() + ": there is no ledger; nothing was changed");
        }
        boolean begun = !target.isAbsent();
        try (Ledger original = source.openReadOnly();
                Ledger copy = target.open(PriceBook.empty())) {
            Progress progress = new Progress(session);
            LedgerCopy copying = new LedgerCopy(original, copy, progress::done);
            LedgerEquality equality = new LedgerEquality(original, copy);
            Optional<LedgerDifference> difference;
            try {
                difference = (begun ? equality.firstObstacle() : Optional.<LedgerDifference>empty())
                        .or(copying::run)
                        .or(() -> {
                            progress.comparing();
                            return equality.firstDifference();
                        });
            } finally {
                progress.end();
            }
            Copied copied = new Copied(source.name(), target.name(), copying, equality, difference.orElse(null));
            if (format.or(Format.TEXT) == Format.JSON) {
                session.out().line(copied.json());
            }
            difference.ifPresent(found -> {
                throw new CommandException(found.what() + " is " + found.from() + " in " + source.name() + ", and "
                        + found.to() + " in " + target.name() + ": "
                        + Figures.count(copying.added(), "entry was", "entries were")
                        + " added, and the two are not equal. If either was written to meanwhile, stop that and run the same"
                        + " command again; otherwise copy to a place where nothing is");
            });
            if (format.or(Format.TEXT) == Format.TEXT) {
                session.out().line(copied.text());
            }
            return DONE;
        }
    }

    private static String named(String what, Argument<String> argument) {
        String text = argument.or("");
        if (text.isBlank()) {
            throw new UsageException(what + ": names no ledger");
        }
        return text;
    }

    private static boolean isSame(LedgerLocation one, LedgerLocation other) {
        if (one.file().isPresent() && other.file().isPresent()) {
            return isSame(one.file().get(), other.file().get());
        }
        return one.file().isEmpty() && other.file().isEmpty() && one.name().equals(other.name());
    }

    private static boolean isSame(Path one, Path other) {
        if (!Files.exists(one) || !Files.exists(other)) {
            return one.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        }
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            throw new CommandException("cannot read " + one + ": " + InputFiles.reason(e), e);
        }
    }

    /** What was done. */
    private record Copied(
            String from,
            String to,
            LedgerCopy copying,
            LedgerEquality equality,
            @Nullable LedgerDifference difference) {

        String text() {
            return "copied " + from + " to " + to + ": "
                    + Figures.count(copying.added(), "entry", "entries") + " added, "
                    + Figures.count(copying.present()) + " there before\nequal: "
                    + Figures.count(equality.records(), "record", "records") + " and "
                    + Figures.count(equality.reversals(), "reversal", "reversals")
                    + (equality.revaluations() == 0
                            ? ""
                            : " and " + Figures.count(equality.revaluations(), "revaluation", "revaluations"))
                    + (equality.adjustments() == 0
                            ? ""
                            : " and " + Figures.count(equality.adjustments(), "adjustment", "adjustments"))
                    + " in every field, "
                    + Figures.count(equality.prices(), "price", "prices") + ", "
                    + Figures.count(equality.totals(), "total", "totals") + " by "
                    + Figures.count(equality.dimensions()) + " dimensions in "
                    + Figures.count(equality.months(), "month", "months") + ", "
                    + Figures.count(equality.states(), "reader's state", "readers' states");
        }

        String json() {
            return JsonText.write(json -> {
                json.writeStartObject();
                json.writeStringProperty("from", from);
                json.writeStringProperty("to", to);
                json.writeNumberProperty("added", copying.added());
                json.writeNumberProperty("present", copying.present());
                json.writeBooleanProperty("equal", difference == null);
                json.writeName("compared");
                json.writeStartObject();
                json.writeNumberProperty("records", equality.records());
                json.writeNumberProperty("reversals", equality.reversals());
                json.writeNumberProperty("revaluations", equality.revaluations());
                json.writeNumberProperty("adjustments", equality.adjustments());
                json.writeNumberProperty("prices", equality.prices());
                json.writeNumberProperty("totals", equality.totals());
                json.writeNumberProperty("dimensions", equality.dimensions());
                json.writeNumberProperty("months", equality.months());
                json.writeNumberProperty("reader_states", equality.states());
                json.writeEndObject();
                json.writeName("difference");
                LedgerDifference found = difference;
                if (found == null) {
                    json.writeNull();
                } else {
                    json.writeStartObject();
                    json.writeStringProperty("what", found.what());
                    json.writeStringProperty("from", found.from());
                    json.writeStringProperty("to", found.to());
                    json.writeEndObject();
                }
                json.writeEndObject();
            });
        }
    }

    /** Tells people how it goes, on a terminal. */
    private static final class Progress {

        private final Session session;
        private Instant next = Instant.MIN;
        private int shown;

        Progress(Session session) {
            this.session = session;
        }

        void done(long entries) {
            if (session.terminal().err() && !session.now().isBefore(next)) {
                next = session.now().plus(PAUSE);
                show(Figures.count(entries, "entry", "entries") + " copied");
            }
        }

        void comparing() {
            if (session.terminal().err()) {
                show("comparing");
            }
        }

        private void show(String line) {
            end();
            session.notices().raw(line);
            shown = Display.width(line);
        }

        /** Takes the line away. */
        void end() {
            if (shown > 0) {
                session.notices().raw("\r" + " ".repeat(shown) + "\r");
                shown = 0;
            }
        }
    }
}
