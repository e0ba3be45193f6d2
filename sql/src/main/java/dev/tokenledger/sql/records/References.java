package dev.tokenledger.sql.records;

import org.jspecify.annotations.Nullable;

/**
 * The numbers that a database gave to what a record shares with others.
 *
 * @param combination of the values of all rolled-up dimensions
 * @param thread of session and conversation; null for neither
 * @param attributes of its attributes together, and which of them are rolled up; null for none
 * @param rareFields of what few records state; null for none
 * @param price of the price it was priced at; null for none
 */
public record References(
        int combination,
        @Nullable Long thread,
        @Nullable AttributeSet attributes,
        @Nullable Long rareFields,
        @Nullable Long price) {

    /** The number of its attributes together; null for none. */
    public @Nullable Long attributesNumber() {
        return attributes == null ? null : (Long) attributes.id;
    }
}
