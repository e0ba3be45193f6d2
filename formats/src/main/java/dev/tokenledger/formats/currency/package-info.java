/**
 * Totals in another currency. The ledger keeps USD alone; this converts what a day came to by that day's rate, from a file of
 * rates. Invariants: amounts stay exact decimals, and every figure is rounded once, at its end. What it is not: a source of rates.
 */
@NullMarked
package dev.tokenledger.formats.currency;

import org.jspecify.annotations.NullMarked;
