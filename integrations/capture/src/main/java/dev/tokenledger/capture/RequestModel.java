package dev.tokenledger.capture;

import java.nio.charset.StandardCharsets;

/** Finds the model in a request's body as it passes: the text of the outermost object's member {@code model}. */
final class RequestModel {

    private static final int MAX_MODEL = 512;
    private static final byte[] NAME = "model".getBytes(StandardCharsets.US_ASCII);

    private final byte[] text = new byte[MAX_MODEL];
    private int length;
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean isName;
    private boolean nameIsModel;
    private boolean inModel;
    private boolean found;

    void bytes(byte[] bytes, int offset, int count) {
        for (int i = offset; i < offset + count && !found; i++) {
            take(bytes[i]);
        }
    }

    /** The model; empty if none was found, or one that has escapes or is longer than a record's text. */
    String model() {
        return found ? new String(text, 0, length, StandardCharsets.UTF_8) : "";
    }

    private void take(byte b) {
        if (inString) {
            takeOfString(b);
            return;
        }
        switch (b) {
            case '"' -> {
                inString = true;
                inModel = !isName && nameIsModel && depth == 1;
                length = 0;
            }
            case '{', '[' -> {
                depth++;
                isName = b == '{';
                nameIsModel = false;
            }
            case '}', ']' -> depth--;
            case ':' -> isName = false;
            case ',' -> {
                // In a list at this depth names are taken for values, which does not matter: only the outermost object
                // counts.
                isName = true;
                nameIsModel = false;
            }
            default -> {
                // Blanks, numbers, words.
            }
        }
    }

    private void takeOfString(byte b) {
        if (escaped) {
            escaped = false;
            length = MAX_MODEL + 1;
        } else if (b == '\\') {
            escaped = true;
        } else if (b == '"') {
            inString = false;
            if (inModel && length <= MAX_MODEL) {
                found = true;
            } else if (isName && depth == 1) {
                nameIsModel = isModel();
            }
        } else if (depth == 1 && length < MAX_MODEL) {
            text[length++] = b;
        } else {
            length = MAX_MODEL + 1;
        }
    }

    private boolean isModel() {
        if (length != NAME.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[i] != NAME[i]) {
                return false;
            }
        }
        return true;
    }
}
