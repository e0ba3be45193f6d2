package dev.tokenledger.usage;

import dev.tokenledger.text.Texts;
import java.util.Locale;

/** How much of a record's usage its cost covers. Unpriced is not free: totals count the records they leave out. */
public enum PricingStatus {
    /** Every class of tokens had a rate; an explicit zero rate counts. */
    PRICED,
    /** Some classes had no rate; the cost covers the others. */
    PARTIAL,
    /** No price was in force; the cost is 0 because nothing is known. */
    UNPRICED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name in JSON and files. */
    public String text() {
        return text;
    }

    /**
     * The status of this name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static PricingStatus parse(String text) {
        for (PricingStatus status : values()) {
            if (status.text.equals(text.strip())) {
                return status;
            }
        }
        throw new IllegalArgumentException(
                "pricing_status: expected priced, partial or unpriced, found \"" + Texts.cut(text, 32) + "\"");
    }
}
