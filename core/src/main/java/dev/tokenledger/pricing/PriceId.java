package dev.tokenledger.pricing;

import java.util.Objects;

/**
 * Names the price entry a cost came from: {@code provider/model@from#12345678}, the last part a digest of the entry,
 * {@code *} where it has no first day; or {@link #GIVEN}.
 *
 * @param text the id's text
 */
public record PriceId(String text) {

    /** The caller brought the cost along. */
    public static final PriceId GIVEN = new PriceId("given");

    /** Checks that there is a text. */
    public PriceId {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a price id is not empty");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
