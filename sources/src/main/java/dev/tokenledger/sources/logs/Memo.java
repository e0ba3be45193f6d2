package dev.tokenledger.sources.logs;

import tools.jackson.core.JsonParser;

/** Reads a text that is mostly the same from row to row, and makes a string of it only when it is another. */
final class Memo {

    private String last = "";

    /** The text that a parser stands on. */
    String read(JsonParser parser) {
        char[] characters = parser.getStringCharacters();
        int offset = parser.getStringOffset();
        int length = parser.getStringLength();
        if (!isLast(characters, offset, length)) {
            last = new String(characters, offset, length);
        }
        return last;
    }

    private boolean isLast(char[] characters, int offset, int length) {
        if (length != last.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (characters[offset + i] != last.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
