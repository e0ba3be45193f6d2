package dev.tokenledger.cli;

import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.KeyFile;
import dev.tokenledger.server.keys.Scope;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Lists the keys. */
final class KeysListCommand extends Subcommand implements Action {

    private final Argument<String> keysFile = option("--keys-file", "FILE", KeysCommand.FILE);

    KeysListCommand() {
        super("list", "Lists the keys with what they may do, without showing them.", "keys list [OPTION]...");
        examples("  tokenledger keys list");
    }

    @Override
    public int run(Session session) {
        List<ApiKey> keys = new KeyFile(session.places().keys(keysFile)).read().all();
        if (keys.isEmpty()) {
            session.say("there are no keys; 'tokenledger keys create' makes one");
            return DONE;
        }
        Table table = new Table(List.of(
                new Column("id", Table.Kind.WHOLE_NAME),
                new Column("name", Table.Kind.NAME),
                new Column("scopes", Table.Kind.WHOLE_NAME),
                new Column("created (UTC)", Table.Kind.WHOLE_NAME),
                new Column("attributes", Table.Kind.NAME),
                new Column("limited to", Table.Kind.NAME)));
        for (ApiKey key : keys) {
            String scopes = key.scopes().stream().sorted().map(Scope::text).collect(Collectors.joining(", "));
            table.row(List.of(
                    key.id(),
                    key.name(),
                    scopes,
                    Times.second(key.created(), ZoneOffset.UTC),
                    pairs(key.attributes()),
                    pairs(key.limit().values())));
        }
        table.write(session.out(), session.terminal());
        return DONE;
    }

    private static String pairs(Map<?, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
