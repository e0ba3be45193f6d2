/**
 * Programs that measure the ledger, beside the design it replaces, on the machine at hand. Owns the made-up workload and
 * the baseline; invariant: what is printed was measured in that run, on stores that give the same totals.
 */
@NullMarked
package dev.tokenledger.benchmarks;

import org.jspecify.annotations.NullMarked;
