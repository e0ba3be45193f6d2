/**
 * What one call used. Owns {@link dev.tokenledger.usage.UsageRecord} and its parts; invariant: token classes are
 * disjoint, parts never exceed their whole, every string and count is bounded. Knows nothing of prices.
 */
@NullMarked
package dev.tokenledger.usage;

import org.jspecify.annotations.NullMarked;
