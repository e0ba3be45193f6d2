package dev.tokenledger.usage;

import dev.tokenledger.text.Texts;
import java.util.Locale;

/** How a call ended. An aborted stream that reported usage is a record too. */
public enum Outcome {
    /** The caller did not say. */
    UNSTATED(""),
    /** The call ended as asked. */
    SUCCESS("success"),
    /** The provider or the network failed. */
    ERROR("error"),
    /** The caller gave up. */
    CANCELED("canceled");

    private final String text;

    Outcome(String text) {
        this.text = text;
    }

    /** The name in JSON and files; empty for {@link #UNSTATED}. */
    public String text() {
        return text;
    }

    /**
     * The outcome of this name; {@code cancelled} is read as {@code canceled}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Outcome parse(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT);
        for (Outcome outcome : values()) {
            if (outcome.text.equals(name)) {
                return outcome;
            }
        }
        if (name.equals("cancelled")) {
            return CANCELED;
        }
        throw new IllegalArgumentException(
                "outcome: expected success, error or canceled, found \"" + Texts.cut(text, 32) + "\"");
    }
}
