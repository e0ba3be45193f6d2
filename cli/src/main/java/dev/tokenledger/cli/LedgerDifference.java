package dev.tokenledger.cli;

import dev.tokenledger.text.Texts;

/**
 * Something in which two ledgers differ.
 *
 * @param what what it is, such as an entry's field
 * @param from what the first ledger has
 * @param to what the second one has
 */
record LedgerDifference(String what, String from, String to) {

    private static final int MAX_LENGTH = 200;

    /** Makes long texts short, and leaves out what would not show on a terminal as it is. */
    LedgerDifference {
        what = shown(what);
        from = shown(from);
        to = shown(to);
    }

    private static String shown(String text) {
        return Texts.cut(Display.safe(text, false), MAX_LENGTH);
    }
}
