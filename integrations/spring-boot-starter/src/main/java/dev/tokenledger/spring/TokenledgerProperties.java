package dev.tokenledger.spring;

import dev.tokenledger.usage.Attribution;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What can be set of the ledger in a program.
 *
 * @param enabled Whether calls are recorded.
 * @param ledger Where the ledger is: the path of an SQLite file, postgresql://user@host/database (with the library
 *     tokenledger-postgres), or "datasource" for the application's DataSource, if that is of one of the two. For a ledger of another kind define a bean of type dev.tokenledger.Ledger.
 * @param spool Folder on a local disk that keeps calls which the ledger could not take yet, as a path. Default: the ledger's path with ".spool"
 *     behind it; "tokenledger.spool" for a ledger that is no file.
 * @param prices Price files on top of the bundled prices; of two that price a model the later one decides.
 * @param budgets Budget file. Calls of chat clients are asked for before they are made, and the actuator endpoint tells of it.
 * @param zone Zone of the days and months of budgets that state none, and of the endpoint.
 * @param maxDelay Longest time that recording may hold up a call.
 * @param guard How budgets are asked before calls.
 * @param attributes Labels of all calls of this program, such as team or project.
 */
@ConfigurationProperties("tokenledger")
public record TokenledgerProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("usage.db") String ledger,
        @Nullable Path spool,
        @DefaultValue List<Path> prices,
        @Nullable Path budgets,
        @DefaultValue("UTC") ZoneId zone,
        @DefaultValue("250ms") Duration maxDelay,
        @DefaultValue Guard guard,
        @DefaultValue Map<String, String> attributes) {

    /** What becomes of a call for which a budget has no room. */
    public enum OnExceeded {
        /** It is not made, and fails with a BudgetExceededException. */
        REFUSE,
        /** It is made: budgets are told of, and not asked. */
        TELL
    }

    /**
     * How budgets are asked before calls.
     *
     * @param onExceeded What becomes of a call for which a budget has no room.
     * @param maxOutputTokens Most output of a call that states no bound, for its worst case.
     * @param maxDelay Longest time that a call waits for the budgets' answer.
     * @param refuseUnasked Whether calls are refused whose budgets cannot be asked, because the ledger is away or slow.
     */
    public record Guard(
            @DefaultValue("refuse") OnExceeded onExceeded,
            @DefaultValue("4096") long maxOutputTokens,
            @DefaultValue("1s") Duration maxDelay,
            @DefaultValue("false") boolean refuseUnasked) {}

    /** The word for the application's own DataSource in {@link #ledger()}. */
    static final String DATA_SOURCE = "datasource";

    /** What is said of calls that do not say it themselves. */
    Attribution everywhere() {
        return Attribution.builder().attributes(attributes).build();
    }

    Path spoolFolder() {
        if (spool != null) {
            return spool;
        }
        return Path.of((ledger.equals(DATA_SOURCE) || Ledgers.isAddress(ledger) ? "tokenledger" : ledger) + ".spool");
    }
}
