package dev.tokenledger.server.api;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Caller;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The records: storing them, listing them, and how one's cost came about. */
public final class RecordsApi implements Part {

    private static final int MAX_PAGE_SIZE = 1_000;

    private static final String RESERVATION = "reservation";

    private static final String RECORD =
            "{\"id\":\"call-1\",\"timestamp\":\"2026-11-01T09:30:00Z\",\"model\":\"claude-sonnet-4-5\","
                    + "\"provider\":\"anthropic\",\"input_tokens\":1200,\"output_tokens\":300,\"role\":\"interactive\","
                    + "\"attributes\":{\"team\":\"search\"}}";

    private static final Operation STORE = Operation.of("storeRecords", "Stores records, durably")
            .describedAs(
                    "One record, an array of them, or one a line; `Content-Encoding: gzip` is understood. All valid ones"
                            + " are stored in one commit, which is on disk before the answer. Sending the same records again is safe:"
                            + " give each an `id`. A malformed body or an exceeded limit stores nothing.")
            .query(
                    RESERVATION,
                    "Ends this reservation of `POST /v1/budgets/admit` in the commit of the records.",
                    "r-1")
            .body(Answers.JSON, Answers.reference("Records"), RECORD)
            .body(Answers.JSON, Answers.reference("Records"), "[" + RECORD + "]")
            .body(Answers.LINES, Answers.reference("Record"), RECORD + "\n")
            .json("What became of each record, in order.", Answers.reference("Results"));

    private static final Operation LIST = Answers.aboutCalls(
                    Operation.of("records", "The records themselves, newest call first"))
            .with(new Parameter(
                    Place.QUERY,
                    "history",
                    "Whether reversed records, reversals and revaluations are listed too.",
                    "{\"type\":\"string\",\"enum\":[\"true\",\"false\"],\"default\":\"false\"}",
                    Optional.of("true")))
            .with(new Parameter(
                    Place.QUERY,
                    "limit",
                    "So many records on a page.",
                    "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" + MAX_PAGE_SIZE + ",\"default\":100}",
                    Optional.of("10")))
            .with(new Parameter(
                    Place.QUERY,
                    "after",
                    "The page after the one that gave this as `next`.",
                    "{\"type\":\"string\"}",
                    Optional.empty()))
            .json("A page; `next` is null on the last one.", Answers.reference("RecordPage"));

    private static final Operation ONE = Operation.of("record", "One record, and how its cost came about")
            .describedAs(
                    "The id in percent form: `a/b` is asked for as `/v1/records/a%2Fb`, or, where a proxy changes such"
                            + " paths, as `/v1/record?id=a%2Fb`.")
            .path("id", "The record's id, or a reversal's.", "call-1")
            .json("The entry, with `explanation`.", Answers.reference("ExplainedRecord"));

    private static final Operation ONE_BY_QUERY = Operation.of("recordById", "One record, by an id of any characters")
            .query("id", "The record's id, or a reversal's.", "call-1")
            .json("The entry, with `explanation`.", Answers.reference("ExplainedRecord"));

    private final Services services;

    /** The records of these services' ledger. */
    public RecordsApi(Services services) {
        this.services = services;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post("/v1/records", Access.INGEST, STORE, this::store),
                Route.get("/v1/records", Access.READ, LIST, this::list),
                Route.get("/v1/records/{id}", Access.READ, ONE, context -> one(context, context.pathParam("id"))),
                Route.get("/v1/record", Access.READ, ONE_BY_QUERY, this::oneByQuery));
    }

    private void store(Context context) {
        Optional<String> reservation = reservation(context.queryParams(RESERVATION));
        List<String> items = BodyText.read(context, services.limits()).items();
        List<Optional<Outcome>> rejections = new ArrayList<>(items.size());
        List<UsageRecord> records = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            rejections.add(read(items.get(i), i, records));
        }
        List<Outcome> stored = services.ingest().store(Caller.of(context).stamp(), records, reservation);
        services.ingest().refused(items.size() - records.size());
        List<Outcome> outcomes = new ArrayList<>(items.size());
        int next = 0;
        for (Optional<Outcome> rejection : rejections) {
            outcomes.add(rejection.isPresent() ? rejection.get() : stored.get(next++));
        }
        Answers.json(context, ResultsJson.write(readable(outcomes, context)));
    }

    /** Without what the stored record says where the sender may not read it: a conflict names the field then, and no more. */
    private List<Outcome> readable(List<Outcome> outcomes, Context context) {
        if (Caller.of(context).limit().isNone()) {
            return outcomes;
        }
        Ledger ledger = services.ledger(context);
        return outcomes.stream()
                .map(outcome -> outcome instanceof Outcome.Answered answered
                                && answered.result() instanceof AppendResult.Conflict conflict
                                && ledger.find(conflict.id()).isEmpty()
                        ? new Outcome.Answered(
                                new AppendResult.Conflict(conflict.id(), conflict.field(), "", conflict.offered()))
                        : outcome)
                .toList();
    }

    private static Optional<String> reservation(List<String> stated) {
        if (stated.size() > 1) {
            throw Problem.badField(RESERVATION, "reservation: stated " + stated.size() + " times; once is expected");
        }
        try {
            return stated.stream().findFirst().map(BudgetGuard::checkName);
        } catch (IllegalArgumentException e) {
            throw Problem.badField(RESERVATION, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads a record to those that are read, or says why it is rejected. What is no JSON refuses the whole body: of an array
     * the end cannot be found then, and the other forms are to answer alike. A reader stops at the first field that is wrong,
     * so the rest is looked at here.
     */
    private static Optional<Outcome> read(String json, int index, List<UsageRecord> records) {
        try {
            records.add(RecordJson.parse(json));
            return Optional.empty();
        } catch (RecordFormatException e) {
            if (e.reason() != Reason.LINE_TOO_LONG && BodyText.isObject(json)) {
                return Optional.of(new Outcome.Rejected(e.field(), String.valueOf(e.getMessage())));
            }
            throw BodyText.malformed(index, String.valueOf(e.getMessage()));
        }
    }

    private void list(Context context) {
        RecordQuery query = Answers.query(
                context, services, QueryParameters.OF_RECORDS, parameters -> parameters.records(MAX_PAGE_SIZE));
        Ledger ledger = services.ledger(context);
        RecordPage page = ledger.records(query);
        // A cursor is digits, letters and a dash: nothing to escape.
        Answers.json(
                context,
                page.entries().stream()
                                .map(entry -> EntryJson.write(entry, ledger))
                                .collect(Collectors.joining(",\n", "{\"records\":[", "],"))
                        + "\"next\":"
                        + page.next().map(next -> "\"" + next + "\"").orElse("null") + "}");
    }

    private void oneByQuery(Context context) {
        Set<String> known = new LinkedHashSet<>(List.of("id"));
        String id = Answers.query(context, services, known, parameters -> parameters.get("id", text -> text))
                .orElseThrow(() -> Problem.badField("id", "id: state which record"));
        one(context, id);
    }

    private void one(Context context, String text) {
        RecordId id = Answers.recordId(text);
        Ledger ledger = services.ledger(context);
        LedgerEntry entry = ledger.find(id).orElseThrow(() -> Problem.of(404, "there is no record with this id"));
        Answers.json(context, EntryJson.write(entry, ledger, EntryJson.explanation(ledger, entry)));
    }
}
