package dev.tokenledger.server.http;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ReadLimit;
import dev.tokenledger.server.keys.Scope;
import dev.tokenledger.server.keys.Stamp;
import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
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

    /** Who sent the request that is being answered. */
    public static Caller of(Context context) {
        return of(context.req());
    }

    static Caller of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
            return caller;
        }
        throw new IllegalStateException("a request came in past the admission handler");
    }

    /** What is put on the records that it sends; nothing where no keys are asked for. */
    public Stamp stamp() {
        return keysAsked ? known().stamp() : Stamp.NONE;
    }

    /**
     * What it may read; everything where no keys are asked for.
     *
     * @throws Problem of 401 without a key
     */
    public ReadLimit limit() {
        return keysAsked ? known().limit() : ReadLimit.NONE;
    }

    /**
     * Checks that a route may be called.
     *
     * @throws Problem of 401 without a key, of 403 with one that is good for other things
     */
    void check(Access access) {
        Optional<Scope> needed = access.scope();
        if (!keysAsked || needed.isEmpty()) {
            return;
        }
        if (!known().allows(needed.get())) {
            throw Problem.of(403, "this key has not the scope " + needed.get().text() + "; use one that has");
        }
        if (access == Access.READ_ALL && !limit().isNone()) {
            throw Problem.of(403, "this key is limited to some calls, and the answer is of all; use one that is not");
        }
    }

    private ApiKey known() {
        return key.orElseThrow(Caller::unknown);
    }

    static Problem unknown() {
        return Problem.of(401, "send a key as 'Authorization: Bearer KEY'; 'tokenledger keys create' makes one");
    }
}
