package dev.tokenledger.cli;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.KeyFile;
import dev.tokenledger.server.keys.ReadLimit;
import dev.tokenledger.server.keys.Scope;
import dev.tokenledger.summary.Dimension;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes a key. */
final class KeysCreateCommand extends Subcommand implements Action {

    private final Argument<String> name = parameter(0, "NAME", "What to call it: who or what will use it.");
    private final Argument<List<Scope>> scopes = list(
            "--scope",
            "SCOPE[,SCOPE]...",
            new Converters.Choice<>("scope", Scope.values()),
            Converters.names(Scope.values()),
            "What it is good for: ingest (store records), read, or admin (everything).");

    private final Argument<List<String>> attributes = repeated(
            "--attribute",
            "KEY=VALUE",
            "What every record gets that is sent with it, such as team=search, whatever the record says; may be given up to "
                    + ApiKey.MAX_ATTRIBUTES + " times.");
    private final Argument<List<String>> limits = repeated(
            "--limit",
            "DIM=VALUE",
            "It reads only calls with this value, such as team=search (the attribute) or model=gpt-5; may be given up to "
                    + ReadLimit.MAX_VALUES + " times: all must hold.");
    private final Argument<String> keysFile = option("--keys-file", "FILE", KeysCommand.FILE);

    KeysCreateCommand() {
        super(
                "create",
                "Makes a key and prints it, this once.",
                "keys create NAME --scope SCOPE[,SCOPE]... [OPTION]...");
        description("The key itself is printed to standard output and kept nowhere; its digest is.");
        examples(
                "  tokenledger keys create collector --scope ingest",
                "  tokenledger keys create billing --scope ingest,read",
                "  tokenledger keys create gateway --scope ingest --attribute team=search",
                "  tokenledger keys create search-lead --scope read --limit team=search");
    }

    @Override
    public int run(Session session) {
        List<Scope> wanted = scopes.stated()
                .orElseThrow(() -> new UsageException("state what the key is good for, such as --scope ingest"));
        KeyFile file = new KeyFile(session.places().keys(keysFile));
        ApiKey.Created created =
                ApiKey.create(name.or(""), EnumSet.copyOf(wanted), session.now(), stated(), new ReadLimit(limit()));
        file.update(present -> {
            List<ApiKey> keys = new ArrayList<>(present.all());
            keys.add(created.key());
            return ApiKeys.of(keys);
        });
        session.out().line(created.secret());
        session.say("keep it now: it is not shown again; revoke it with 'tokenledger keys revoke "
                + created.key().id() + "'");
        return DONE;
    }

    private Map<String, String> stated() {
        Map<String, String> stated = new LinkedHashMap<>();
        for (String attribute : attributes.or(List.of())) {
            String[] pair = RecordOptions.pair("--attribute", attribute);
            if (stated.putIfAbsent(pair[0].strip(), pair[1]) != null) {
                throw new UsageException("--attribute names " + Converters.quoted(pair[0]) + " twice");
            }
        }
        return stated;
    }

    /** What is no dimension is the key of an attribute. */
    private Map<Dimension, String> limit() {
        Map<Dimension, String> limit = new LinkedHashMap<>();
        for (String stated : limits.or(List.of())) {
            String[] pair = RecordOptions.pair("--limit", stated);
            Dimension dimension;
            try {
                dimension = dimension(pair[0].strip());
            } catch (IllegalArgumentException e) {
                throw new UsageException("Invalid value for option '--limit': " + e.getMessage());
            }
            if (limit.putIfAbsent(dimension, pair[1]) != null) {
                throw new UsageException("--limit names the dimension " + dimension + " twice");
            }
        }
        return limit;
    }

    private static Dimension dimension(String name) {
        boolean known = name.equals("deployment")
                || name.startsWith("attribute.")
                || Dimension.all().stream()
                        .anyMatch(dimension -> dimension.name().equals(name));
        return known ? Dimension.parse(name) : Dimension.attribute(name);
    }
}
