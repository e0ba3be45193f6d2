/**
 * Price files in YAML or JSON. Owns their form: {@link dev.tokenledger.formats.prices.PriceFile} reads and writes it;
 * invariants: a rate is read digit for digit, nothing in a file is passed over in silence, and every mistake is reported with
 * its line, its path and what was expected.
 */
@NullMarked
package dev.tokenledger.formats.prices;

import org.jspecify.annotations.NullMarked;
