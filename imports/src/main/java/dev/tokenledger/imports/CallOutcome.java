package dev.tokenledger.imports;

import org.jspecify.annotations.Nullable;

/** What became of a call so far: answered if the ledger took one of its offers at least. */
final class CallOutcome {

    private final LocatedCall call;
    private boolean answered;
    private @Nullable String refusal;

    CallOutcome(LocatedCall call) {
        this.call = call;
    }

    LocatedCall call() {
        return call;
    }

    void answer() {
        answered = true;
    }

    void refuse(String reason) {
        refusal = reason;
    }

    boolean answered() {
        return answered;
    }

    /** Why an offer was refused, the last of several; null if none was. */
    @Nullable
    String refusal() {
        return refusal;
    }
}
