package dev.tokenledger.server.http;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.server.ingest.Ingest;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What parts stand on.
 *
 * @param ledger the whole ledger; what a request asks about is read from {@link #ledger(Context)}, and records are stored through
 *     {@code ingest}
 * @param ingest how records are stored
 * @param budgets the budgets that are in force; throws a {@link DocumentException} where they cannot be read
 * @param clock the time
 * @param zone the zone of days and periods, where a request names none
 * @param limits what requests may cost
 * @param version the program's version, for people and documents
 * @param pathPrefix what a proxy has before every path; empty for nothing
 * @param ledgerBytes how many bytes the ledger's files take, where that is known
 * @param foundLogs the logs of agents on this machine, asked for where a ledger is empty
 * @param partial whether of several ledgers those are left out of an answer that fail
 */
public record Services(
        Ledger ledger,
        Ingest ingest,
        Supplier<List<Budget>> budgets,
        InstantSource clock,
        ZoneId zone,
        Limits limits,
        String version,
        String pathPrefix,
        Supplier<OptionalLong> ledgerBytes,
        Supplier<List<AgentLogs>> foundLogs,
        boolean partial) {

    /** The parameter of a request that says whether its answer may be partial. */
    public static final String PARTIAL = "partial";

    /** Where a request keeps the ledger that answers it. */
    private static final String ANSWERING = Services.class.getName();

    /**
     * As much of the ledger as whoever sent the request may read. Where the server answers partially, {@link #missing} tells, once
     * the questions are asked, which of several ledgers the answers are without.
     */
    public Ledger ledger(Context context) {
        return Caller.of(context).limit().over(answering(context));
    }

    /** The same for an answer that has no place to say what is missing: it is whole, or there is none. */
    public Ledger wholeLedger(Context context) {
        return Caller.of(context).limit().over(ledger);
    }

    /**
     * The ledger that answers a request, the same for all of its questions.
     *
     * @throws Problem of 400 if the request says in no known way whether the answer may be partial
     */
    public Ledger answering(Context context) {
        if (!mayBePartial(context) || !(ledger instanceof FederatedLedger several)) {
            return ledger;
        }
        if (context.req().getAttribute(ANSWERING) instanceof Ledger known) {
            return known;
        }
        Ledger answering = several.partial();
        context.req().setAttribute(ANSWERING, answering);
        return answering;
    }

    private boolean mayBePartial(Context context) {
        List<String> stated = context.queryParams(PARTIAL);
        return switch (stated.isEmpty() ? "" : stated.size() == 1 ? stated.get(0) : "several") {
            case "" -> partial;
            case "true" -> true;
            case "false" -> false;
            default -> throw Problem.badField(PARTIAL, PARTIAL + ": expected true or false, once");
        };
    }

    /** Which of several ledgers are missing from what a request was answered so far. */
    public static List<LedgerMissingException> missing(Context context) {
        return context.req().getAttribute(ANSWERING) instanceof Ledger known ? known.missing() : List.of();
    }

    /**
     * The budgets in force that whoever sent the request may read.
     *
     * @throws DocumentException where they cannot be read
     */
    public List<Budget> budgets(Context context) {
        return Caller.of(context).limit().of(budgets.get());
    }

    /** The logs of agents on this machine, for whoever may read everything. */
    public Supplier<List<AgentLogs>> foundLogs(Context context) {
        return Caller.of(context).limit().isNone() ? foundLogs : List::of;
    }
}
