package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.ExportLines;
import dev.tokenledger.formats.json.PeriodMarkJson;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.MissingLedgers;
import dev.tokenledger.formats.present.RecordsCsv;
import dev.tokenledger.formats.reprice.RepriceRun;
import dev.tokenledger.summary.TimeWindow;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The records themselves. */
final class RecordsCommand extends Subcommand implements Action {

    private static final int TABLE_LIMIT = 50;
    private static final int PAGE = 1_000;

    private final Argument<Integer> limit = option(
            "--limit",
            "N",
            new Converters.Limit(),
            "Show N records at most; default: 50 in a table, all in other formats.");
    private final Argument<Boolean> all = flag("--all", "Show all records in a table too.");
    private final Argument<RecordQuery.Cursor> after = option(
            "--after",
            "CURSOR",
            new Converters.OfCursor(),
            "Go on behind the last record of an earlier list, which said how.");
    private final Argument<Boolean> history = flag("--history", "Show reversed records and the reversals too.");
    private final Argument<Format> format = option(
            "--format",
            "FORMAT",
            new Converters.Choice<>("format", Format.values()),
            Converters.names(Format.values()),
            "table (the default), json, csv or ndjson.");
    private final PartialOption partial = new PartialOption(this);
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);

    RecordsCommand() {
        super("records", "Lists the records themselves, newest call first.", "records [OPTION]...");
        examples(
                "  tokenledger records",
                "  tokenledger records --period today --where task=email_poll",
                "  tokenledger records --where pricing_status=unpriced --limit 10",
                "  tokenledger records --history --where session=s-0001",
                "  tokenledger records --format ndjson --from 2026-10-01 > october.ndjson",
                "",
                "ndjson and csv are written page by page, so they can be as long as the ledger. In CSV a text",
                "that begins with = + - or @ has an apostrophe put before it, so that a spreadsheet shows it",
                "and does not run it; attributes and calls are key=value pairs with ; between them.");
    }

    enum Format {
        TABLE,
        JSON,
        CSV,
        NDJSON
    }

    /** What takes the records, page by page, in one of the formats. */
    interface Sink {
        void add(LedgerEntry entry);

        /** @param next where a further list goes on; empty when this one was complete */
        void end(Optional<RecordQuery.Cursor> next);
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        if (all.or(false) && limit.stated().isPresent()) {
            throw new UsageException("--all goes without --limit");
        }
        TimeWindow span = window.window(session);
        RecordQuery.Builder query = RecordQuery.over(span).history(history.or(false));
        filter.filters().forEach(query::where);
        after.stated().ifPresent(query::after);
        boolean shortTable = format.or(Format.TABLE) == Format.TABLE && !all.or(false);
        long most = limit.stated().map(Integer::longValue).orElse(shortTable ? TABLE_LIMIT : Long.MAX_VALUE);
        Format as = format.or(Format.TABLE);
        if (as == Format.CSV || as == Format.NDJSON) {
            partial.refuseFor(as.name().toLowerCase(Locale.ROOT));
        }
        try (Ledger ledger = session.readLedger(partial.timeLimit(session))) {
            list(ledger, query, most, sink(session, ledger));
            if (as == Format.TABLE) {
                PartialOption.tell(ledger.missing(), session);
            } else {
                PartialOption.explain(ledger.missing(), session);
            }
        }
        return DONE;
    }

    private static void list(Ledger ledger, RecordQuery.Builder query, long most, Sink sink) {
        long left = most;
        while (true) {
            RecordPage page =
                    ledger.records(query.limit((int) Math.min(left, PAGE)).build());
            page.entries().forEach(sink::add);
            left -= page.entries().size();
            if (page.next().isEmpty() || left <= 0) {
                sink.end(page.next());
                return;
            }
            query.after(page.next().get());
        }
    }

    /** Whether everything is listed, so that a copy can be made of it. */
    private boolean isWhole(Session session) {
        return history.or(false)
                && filter.filters().isEmpty()
                && after.stated().isEmpty()
                && window.window(session).equals(TimeWindow.all());
    }

    private Sink sink(Session session, Ledger ledger) {
        return switch (format.or(Format.TABLE)) {
            case TABLE -> new TableSink(session, ledger, window.zone(session));
            case CSV -> new CsvSink(new RecordsCsv(session.out()::text, ledger));
            case NDJSON ->
                new LineSink(
                        session, new ExportLines(ledger), isWhole(session) ? Optional.of(ledger) : Optional.empty());
            case JSON -> new ArraySink(session.out(), ledger);
        };
    }

    /** One JSON object a line. */
    private record LineSink(Session session, ExportLines lines, Optional<Ledger> whole) implements Sink {
        @Override
        public void add(LedgerEntry entry) {
            session.out().line(lines.line(entry));
        }

        @Override
        public void end(Optional<RecordQuery.Cursor> next) {
            next.ifPresent(cursor -> session.say("more with --after " + cursor));
            whole.filter(ledger -> next.isEmpty()).ifPresent(ledger -> {
                RepriceRun.of(ledger).forEach(run -> session.out().line(run.line()));
                List<PeriodMark> marks = ledger.periodMarks();
                if (!marks.isEmpty()) {
                    session.out().line(PeriodMarkJson.write(marks.get(marks.size() - 1)));
                }
            });
        }
    }

    /** One line for each record. A list cut by --limit is what was asked for. */
    private record CsvSink(RecordsCsv csv) implements Sink {
        @Override
        public void add(LedgerEntry entry) {
            csv.add(entry);
        }

        @Override
        public void end(Optional<RecordQuery.Cursor> next) {}
    }

    /** {@code {"records":[…],"next":"…"}}, {@code next} being null when the list is complete. */
    private static final class ArraySink implements Sink {

        private final Output out;
        private final Ledger ledger;
        private boolean first = true;

        ArraySink(Output out, Ledger ledger) {
            this.out = out;
            this.ledger = ledger;
        }

        @Override
        public void add(LedgerEntry entry) {
            out.text(first ? "{\"records\":[\n" : ",\n");
            first = false;
            out.text(EntryJson.write(entry, ledger));
        }

        @Override
        public void end(Optional<RecordQuery.Cursor> next) {
            out.text(first ? "{\"records\":[" : "\n");
            // A cursor is digits, letters and a dash: nothing to escape.
            out.line("],\"next\":" + next.map(cursor -> "\"" + cursor + "\"").orElse("null")
                    + MissingLedgers.member(ledger.missing()) + "}");
        }
    }

    /** A table, which needs all of its rows to align them. */
    private final class TableSink implements Sink {

        private final Session session;
        private final Ledger ledger;
        private final ZoneId zone;
        private final List<LedgerEntry> entries = new ArrayList<>();

        TableSink(Session session, Ledger ledger, ZoneId zone) {
            this.session = session;
            this.ledger = ledger;
            this.zone = zone;
        }

        @Override
        public void add(LedgerEntry entry) {
            entries.add(entry);
        }

        @Override
        public void end(Optional<RecordQuery.Cursor> next) {
            if (entries.isEmpty()) {
                if (session.hasLedger()) {
                    session.say("no records match");
                }
                return;
            }
            new RecordsTable(ledger, entries, history.or(false), zone).write(session.out(), session.terminal());
            next.ifPresent(cursor -> session.say(Figures.count(entries.size())
                    + " shown; there are more: --all shows them, --after " + cursor + " the next ones"));
        }
    }
}
