package dev.tokenledger.server.http;

import dev.tokenledger.server.keys.Scope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may call a route, when the server asks for keys. */
public enum Access {
    /** Anybody, without a key: for what tells nothing of the ledger. */
    ANYONE(null),
    /** Keys that may write records. */
    INGEST(Scope.INGEST),
    /**
     * Keys that may read. One that is {@linkplain dev.tokenledger.server.keys.ReadLimit limited} to some calls is answered of
     * those alone, as if there were no others, so the handler reads {@link Services#ledger(io.javalin.http.Context)}.
     */
    READ(Scope.READ),
    /** Keys that may read everything, for an answer that cannot be of some calls alone; one that is limited is refused. */
    READ_ALL(Scope.READ),
    /** Keys that may do everything: for what changes totals that were told before. */
    ADMIN(Scope.ADMIN);

    private final @Nullable Scope scope;

    Access(@Nullable Scope scope) {
        this.scope = scope;
    }

    /** What a key needs; empty where none is needed. */
    public Optional<Scope> scope() {
        return Optional.ofNullable(scope);
    }

    /** Whether it is a question, which goes on only for as long as somebody waits for the answer. */
    boolean isQuestion() {
        return scope == Scope.READ;
    }
}
