package dev.tokenledger.server.http;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.Scope;
import java.util.Optional;

/**
 * Who sent a request.
 *
 * @param key the key it came with; empty without a valid one
 * @param keysAsked whether this server asks for keys
 */
public record Caller(Optional<ApiKey> key, boolean keysAsked) {

    /** Where a request keeps it. */
    static final String ATTRIBUTE = Caller.class.getName();

    /**
     * Checks that a route may be called.
     *
     * @throws Problem of 401 without a key, of 403 with one that is good for other things
     */
    void check(Access access) {
        if (!keysAsked || access == Access.ANYONE) {
            return;
        }
        ApiKey known = key.orElseThrow(Caller::unknown);
        Scope needed = Scope.valueOf(access.name());
        if (!known.allows(needed)) {
            throw Problem.of(403, "this key has not the scope " + needed.text() + "; use one that has");
        }
    }

    static Problem unknown() {
        return Problem.of(401, "send a key as 'Authorization: Bearer KEY'; 'tokenledger keys create' makes one");
    }
}
