package dev.tokenledger.sources.logs;

/** Reads a text that is mostly the same from row to row, and makes a string of it only when it is another. */
final class Memo {

    private final boolean interned;
    private byte[] raw = {};
    private String text = "";

    /**
     * Knows no text yet.
     *
     * @param interned whether the strings are to be {@linkplain String#intern interned}: dearer to make, but equal at a glance to a
     *     constant that says the same
     */
    Memo(boolean interned) {
        this.interned = interned;
    }

    /** The text that a scanner stands on. */
    String read(JsonScanner json) {
        if (!json.is(raw)) {
            raw = json.raw();
            text = interned ? json.text().intern() : json.text();
        }
        return text;
    }
}
