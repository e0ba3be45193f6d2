/**
 * How usage becomes cost. Owns the price book and {@link dev.tokenledger.pricing.Cost}; invariants: an entry is chosen
 * by exact id or declared alias and by the instant of the call, entries never merge, a class without a rate is
 * unpriced, and a cost names the entry it came from.
 */
@NullMarked
package dev.tokenledger.pricing;

import org.jspecify.annotations.NullMarked;
