package dev.tokenledger.sources.logs;

/** Reads a text that is mostly the same from row to row, and makes a string of it only when it is another. */
final class Memo {

    private String last = "";

    /** The text that a scanner stands on. */
    String read(JsonScanner json) {
        if (!json.is(last)) {
            last = json.text();
        }
        return last;
    }
}
