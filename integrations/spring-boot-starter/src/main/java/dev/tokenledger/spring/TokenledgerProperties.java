package dev.tokenledger.spring;

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
 * @param budgets Budget file, which the actuator endpoint tells of.
 * @param zone Zone of the days and months of budgets that state none, and of the endpoint.
 * @param maxDelay Longest time that recording may hold up a call.
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
        @DefaultValue Map<String, String> attributes) {

    /** The word for the application's own DataSource in {@link #ledger()}. */
    static final String DATA_SOURCE = "datasource";

    Path spoolFolder() {
        if (spool != null) {
            return spool;
        }
        return Path.of((ledger.equals(DATA_SOURCE) || Ledgers.isAddress(ledger) ? "tokenledger" : ledger) + ".spool");
    }
}
