package dev.tokenledger.cli;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.KeyFile;
import java.util.ArrayList;
import java.util.List;

/** Revokes a key. */
final class KeysRevokeCommand extends Subcommand implements Action {

    private final Argument<String> id = parameter(0, "ID", "The key's id, as 'tokenledger keys list' shows it.");

    private final Argument<String> keysFile = option("--keys-file", "FILE", KeysCommand.FILE);

    KeysRevokeCommand() {
        super("revoke", "Revokes a key; a running server refuses it within a second.", "keys revoke ID [OPTION]...");
        examples("  tokenledger keys revoke 0123abcd");
    }

    @Override
    public int run(Session session) {
        new KeyFile(session.places().keys(keysFile)).update(this::without);
        session.say("revoked");
        return DONE;
    }

    private ApiKeys without(ApiKeys present) {
        List<ApiKey> keys = new ArrayList<>(present.all());
        if (!keys.removeIf(key -> key.id().equals(id.or("")))) {
            throw new CommandException(
                    "there is no key " + Converters.quoted(id.or("")) + "; 'tokenledger keys list' lists them");
        }
        return ApiKeys.of(keys);
    }
}
