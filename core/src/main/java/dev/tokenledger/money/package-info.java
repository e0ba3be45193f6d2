/**
 * Exact money. Owns {@link dev.tokenledger.money.Usd}; invariant: no binary floating point touches an amount, and
 * rounding happens in one place, {@link dev.tokenledger.money.Usd#rounded}.
 */
@NullMarked
package dev.tokenledger.money;

import org.jspecify.annotations.NullMarked;
