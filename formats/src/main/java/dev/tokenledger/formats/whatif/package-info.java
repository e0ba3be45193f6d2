/**
 * What calls would have cost otherwise: on another model, by other prices, in another service tier, without a cache. Reads, and
 * stores nothing. Every price is {@link dev.tokenledger.pricing.PriceBook#price}'s.
 */
@NullMarked
package dev.tokenledger.formats.whatif;

import org.jspecify.annotations.NullMarked;
