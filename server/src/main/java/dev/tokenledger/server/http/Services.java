package dev.tokenledger.server.http;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.server.ingest.Ingest;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What parts stand on.
 *
 * @param ledger the ledger, for reading; records are stored through {@code ingest}
 * @param ingest how records are stored
 * @param budgets the budgets that are in force; throws a {@link DocumentException} where they cannot be read
 * @param clock the time
 * @param zone the zone of days and periods, where a request names none
 * @param limits what requests may cost
 * @param version the program's version, for people and documents
 * @param pathPrefix what a proxy has before every path; empty for nothing
 * @param ledgerBytes how many bytes the ledger's files take, where that is known
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
        Supplier<OptionalLong> ledgerBytes) {}
