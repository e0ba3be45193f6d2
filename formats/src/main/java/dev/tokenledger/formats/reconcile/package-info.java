/**
 * Compares a ledger with a provider's bill: by bucket, model, class of tokens, service tier, region and project, as far as both state
 * them, and names each difference by its cause. Invariants: differences are ledger less bill; the causes of a bucket add up to its
 * difference, digit for digit; nothing is changed in the ledger; a bill's line is never spread over calls. What it is not: a reader
 * of bills, which is the package {@code bills}.
 */
@NullMarked
package dev.tokenledger.formats.reconcile;

import org.jspecify.annotations.NullMarked;
