/**
 * Questions about totals, and their answers. Owns dimensions, windows, calendar buckets and summaries; invariant: every
 * grouping of a window adds up to the same total, digit for digit.
 */
@NullMarked
package dev.tokenledger.summary;

import org.jspecify.annotations.NullMarked;
