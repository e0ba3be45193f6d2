package dev.tokenledger.server.otlp;

import dev.tokenledger.server.otlp.Signals.Surroundings;

/** What the items of a request are read into, in their order. */
interface Sink {

    /** What a resource that begins is read into. */
    default Surroundings resource() {
        return new Surroundings(Signals.Kept.ofResource());
    }

    /** A scope was read to its end, with all that it holds. */
    default void scopeRead(Surroundings scope) {}

    /** A resource was read to its end, with all that it holds. */
    default void resourceRead(Surroundings resource) {}
}
