/**
 * Providers' own usage and cost reports, brought to one form: {@link dev.tokenledger.formats.bills.Bill}. Owns what their columns and
 * words mean. Invariants: amounts are exact; what a line does not state is empty and never guessed; what is not understood stays
 * as a line of its own. What it is not: a comparison, which is that of the package {@code reconcile}.
 */
@NullMarked
package dev.tokenledger.formats.bills;

import org.jspecify.annotations.NullMarked;
