package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.bills.Bill;
import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.reconcile.Booking;
import dev.tokenledger.formats.reconcile.Cause;
import dev.tokenledger.formats.reconcile.Reconciliation;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.formats.reconcile.Reconciliation.Tolerance;
import dev.tokenledger.formats.reconcile.ReconciliationJson;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the ledger with a provider's bill. */
final class ReconcileCommand extends Subcommand implements Action {

    private static final int MAX_SHOWN_IDS = 3;

    private final Argument<String> source = parameter(
            0,
            "BILL",
            "Whose reports the files are: " + formats()
                    + ". csv is a table of your own; docs/money.md has its columns.");
    private final Argument<List<String>> files = parameters(
            1, 1, "FILE", "Usage and cost reports that belong together: JSON or CSV as the provider gives them.");
    private final Argument<List<String>> models = repeated(
            "--map",
            "NAME=MODEL",
            "The bill's NAME of a model is the ledger's MODEL, where they are too unlike. May be given several times.");
    private final Argument<Tolerance> tolerance = option(
            "--tolerance",
            "USD|PERCENT",
            new Converters.OfTolerance(),
            "A bucket may differ by this: an amount such as 0.05, or a part of the bill such as 1%%. Unless stated, by 0.01 or 0.5%%,"
                    + " the larger of both.");
    private final Argument<Boolean> book = flag(
            "--book",
            "Enters what remains as one adjustment for each bucket that differs, so that totals meet the bill: an amount without"
                    + " calls, which 'tokenledger reverse' takes back. Again, it finds nothing to enter.");
    private final Argument<String> reason =
            option("--reason", "TEXT", "What stands before the label of each adjustment; with --book.");
    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "table (the default) or json.");
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);

    enum Format {
        TABLE,
        JSON
    }

    ReconcileCommand() {
        super("reconcile", "Compares the ledger with a provider's bill.", "reconcile BILL FILE... [OPTION]...");
        description(
                "Names why they differ, with amounts: ledger less bill, so what is negative is missing here. Changes nothing in the"
                        + " ledger, unless --book is there. Exits with 1 if a bucket (a day, as a rule) differs by more than the"
                        + " tolerance and is not booked.");
        examples(
                "  tokenledger reconcile openai usage.json costs.json",
                "  tokenledger reconcile anthropic messages.json cost_report.json --period last_month --zone UTC",
                "  tokenledger reconcile aws-cur bedrock.csv.gz --map Claude4.6Sonnet=claude-sonnet-4-6",
                "  tokenledger reconcile csv invoice.csv --where provider=mistral --tolerance 1%% --format json",
                "  tokenledger reconcile openai usage.json costs.json --period last_month --zone UTC --book");
    }

    private static String formats() {
        return Arrays.stream(BillFormat.values()).map(BillFormat::text).collect(Collectors.joining(", "));
    }

    @Override
    public boolean readsSeveral() {
        return !book.or(false);
    }

    @Override
    public int run(Session session) {
        BillFormat kind = kind(source.or(""));
        List<Path> paths = paths();
        TimeWindow span = window.window(session);
        Reconciliation.Question question =
                new Reconciliation.Question(span, filter.filters(), mapped(), window.zone(session));
        Bill bill;
        try {
            bill = Bill.read(kind, paths, window.zone(session));
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        boolean books = book.or(false);
        if (!books && reason.stated().isPresent()) {
            throw new UsageException("--reason goes with --book");
        }
        Reconciliation result;
        List<Booking.Booked> booked;
        try (Ledger ledger = books ? session.existingLedgerForWriting() : session.readLedger()) {
            result = Reconciliation.of(ledger, bill, question);
            booked = books ? entered(ledger, kind, result) : List.of();
        }
        if (result.buckets().isEmpty()) {
            session.say("the bill covers " + bill.start() + " to " + bill.end()
                    + ", and nothing of it is in the span asked for");
        }
        Tolerance allowed = tolerance.or(Tolerance.DEFAULT);
        if (format.or(Format.TABLE) == Format.JSON) {
            session.out()
                    .line(ReconciliationJson.write(
                            kind, result, allowed, books ? Optional.of(booked) : Optional.empty()));
        } else {
            table(kind, result, allowed, session);
            if (books) {
                booked(booked, session);
            }
        }
        Set<String> met = booked.stream()
                .filter(one -> one.refusal().isEmpty())
                .map(Booking.Booked::bucket)
                .collect(Collectors.toSet());
        boolean meets =
                result.buckets().stream().allMatch(bucket -> met.contains(bucket.name()) || bucket.within(allowed));
        return meets ? DONE : FAILED;
    }

    private List<Booking.Booked> entered(Ledger ledger, BillFormat kind, Reconciliation result) {
        try {
            return Booking.enter(ledger, kind, result, filter.filters(), reason.or(""));
        } catch (IllegalArgumentException e) {
            throw new CommandException("cannot book: " + e.getMessage() + "; nothing was entered", e);
        }
    }

    private static void booked(List<Booking.Booked> booked, Session session) {
        Output out = session.out();
        out.line("");
        if (booked.isEmpty()) {
            out.line("Nothing to book.");
            return;
        }
        out.line("Booked, so that totals meet the bill:");
        for (Booking.Booked one : booked) {
            out.line("  " + one.bucket() + "  " + Figures.exactUsd(one.amount()) + "  "
                    + one.refusal()
                            .map(why -> "not entered: " + why)
                            .orElse(one.id().value()));
        }
    }

    private static BillFormat kind(String text) {
        for (BillFormat kind : BillFormat.values()) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        throw new UsageException("Invalid value for parameter 'BILL': expected one of " + formats() + ", found "
                + Converters.quoted(text));
    }

    private List<Path> paths() {
        List<Path> paths = new ArrayList<>();
        Set<Path> known = new HashSet<>();
        for (String file : files.or(List.of())) {
            Path path = InputFiles.readable("FILE", file);
            if (!known.add(path.toAbsolutePath().normalize())) {
                throw new UsageException("the file " + file + " is named twice; its figures would count twice");
            }
            paths.add(path);
        }
        return paths;
    }

    private Map<String, String> mapped() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : models.or(List.of())) {
            int equals = pair.indexOf('=');
            if (equals <= 0 || equals == pair.length() - 1) {
                throw new UsageException(
                        "Invalid value for option '--map': expected NAME=MODEL, found " + Converters.quoted(pair));
            }
            map.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return map;
    }

    private static void table(BillFormat kind, Reconciliation result, Tolerance allowed, Session session) {
        Output out = session.out();
        Terminal terminal = session.terminal();
        out.line(Table.styled("The ledger and the bill of " + kind.text(), Table.Style.STRONG, terminal));
        out.line("");
        Table totals = new Table(List.of(
                new Column("bucket", Table.Kind.WHOLE_NAME),
                new Column("bill calls", Table.Kind.FIGURE),
                new Column("records", Table.Kind.FIGURE),
                new Column("bill", Table.Kind.FIGURE),
                new Column("ledger", Table.Kind.FIGURE),
                new Column("difference", Table.Kind.FIGURE),
                new Column("", Table.Kind.WHOLE_NAME)));
        for (BucketTotal bucket : result.buckets()) {
            totals.row(List.of(
                    bucket.name(),
                    bucket.billedCalls().map(BigDecimal::toPlainString).orElse("-"),
                    Figures.count(bucket.ledgerRecords()),
                    usd(bucket.billed()),
                    usd(bucket.ledger()),
                    usd(bucket.difference()),
                    bucket.within(allowed) ? "" : "differs"));
        }
        totals.rule();
        totals.strongRow(
                List.of("total", "", "", usd(result.billed()), usd(result.ledger()), usd(result.difference()), ""));
        totals.write(out, terminal);
        out.line("");
        if (result.pricedByLedger()) {
            out.line("The bill states no amounts; its tokens are priced by the ledger's own rates.");
            out.line("");
        }
        causes(result, session);
    }

    private static void causes(Reconciliation result, Session session) {
        if (result.causes().isEmpty()) {
            session.out().line("Nothing differs.");
            return;
        }
        Table table = new Table(List.of(
                new Column("bucket", Table.Kind.WHOLE_NAME),
                new Column("cause", Table.Kind.WHOLE_NAME),
                new Column("of", Table.Kind.NAME),
                new Column("calls", Table.Kind.FIGURE),
                new Column("amount", Table.Kind.FIGURE)));
        for (Cause cause : result.causes()) {
            table.row(List.of(
                    cause.bucket(),
                    cause.kind().words(),
                    of(cause),
                    cause.calls() == 0 ? "-" : Figures.count(cause.calls()),
                    usd(cause.usd())));
        }
        table.write(session.out(), session.terminal());
        session.out().line("");
        for (Cause cause : result.causes()) {
            List<String> ids = cause.ids();
            String named = ids.isEmpty()
                    ? ""
                    : " (" + String.join(", ", ids.subList(0, Math.min(ids.size(), MAX_SHOWN_IDS)))
                            + (ids.size() > MAX_SHOWN_IDS ? ", …" : "") + ")";
            session.out()
                    .line(Display.safe(
                            cause.bucket() + " " + cause.kind().words() + ": " + cause.note() + named, false));
        }
    }

    private static String of(Cause cause) {
        return List.of(cause.model(), cause.tier(), cause.region(), cause.project()).stream()
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", "));
    }

    /** With all digits that the ledger itself keeps. */
    private static String usd(BigDecimal amount) {
        return Figures.exactUsd(Usd.rounded(amount));
    }
}
