package dev.tokenledger.server.keys;

import java.util.List;
import java.util.Locale;

/** What a key is good for. */
public enum Scope {
    /** Storing records. */
    INGEST,
    /** Reading what the ledger holds, and pricing without storing. */
    READ,
    /** Everything. */
    ADMIN;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name in files and on the command line. */
    public String text() {
        return text;
    }

    /**
     * The scope of this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists them
     */
    public static Scope parse(String text) {
        for (Scope scope : values()) {
            if (scope.text.equals(text)) {
                return scope;
            }
        }
        throw new IllegalArgumentException("unknown scope; expected one of "
                + String.join(", ", List.of(values()).stream().map(Scope::text).toList()));
    }
}
