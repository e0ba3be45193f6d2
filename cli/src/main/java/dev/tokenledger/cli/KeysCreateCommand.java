package dev.tokenledger.cli;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.KeyFile;
import dev.tokenledger.server.keys.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Makes a key. */
final class KeysCreateCommand extends Subcommand implements Action {

    private final Argument<String> name = parameter(0, "NAME", "What to call it: who or what will use it.");
    private final Argument<List<Scope>> scopes = list(
            "--scope",
            "SCOPE[,SCOPE]...",
            new Converters.Choice<>("scope", Scope.values()),
            Converters.names(Scope.values()),
            "What it is good for: ingest (store records), read, or admin (everything).");

    private final Argument<String> keysFile = option("--keys-file", "FILE", KeysCommand.FILE);

    KeysCreateCommand() {
        super(
                "create",
                "Makes a key and prints it, this once.",
                "keys create NAME --scope SCOPE[,SCOPE]... [OPTION]...");
        description("The key itself is printed to standard output and kept nowhere; its digest is.");
        examples(
                "  tokenledger keys create collector --scope ingest",
                "  tokenledger keys create billing --scope ingest,read");
    }

    @Override
    public int run(Session session) {
        List<Scope> wanted = scopes.stated()
                .orElseThrow(() -> new UsageException("state what the key is good for, such as --scope ingest"));
        KeyFile file = new KeyFile(session.places().keys(keysFile));
        ApiKey.Created created = ApiKey.create(name.or(""), EnumSet.copyOf(wanted), session.now());
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
}
