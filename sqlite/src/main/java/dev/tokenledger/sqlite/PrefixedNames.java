package dev.tokenledger.sqlite;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names of a ledger's tables in a file that also holds an application's: each has a prefix there, so that none is one of the
 * application's. Statements are written with the plain names, and rewritten where they are handed to SQLite. A column that is
 * called as a table is renamed with it, in the table's definition as well.
 */
final class PrefixedNames {

    static final String PREFIX = "tokenledger_";

    /** Says which version of the schema the tables have: the file's own {@code user_version} is the application's. */
    static final String VERSIONS = PREFIX + "schema";

    private static final Pattern DEFINED = Pattern.compile("CREATE (?:UNIQUE )?(?:TABLE|INDEX|VIEW) (\\w+)");

    private static final Pattern NAMES = Pattern.compile(Schema.MIGRATIONS.stream()
            .flatMap(script -> DEFINED.matcher(script).results())
            .map(found -> found.group(1))
            .distinct()
            .collect(Collectors.joining("|", "\\b(?:", ")\\b")));

    private PrefixedNames() {}

    /** A statement over the prefixed tables. */
    static String in(String sql) {
        return NAMES.matcher(sql).replaceAll(name -> Matcher.quoteReplacement(PREFIX + name.group()));
    }
}
