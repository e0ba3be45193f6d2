/**
 * Providers' raw usage objects, converted once, at the edge, to disjoint counts. One class a provider's convention; which
 * one applies is declared by the format's name, never guessed from the figures. {@link
 * dev.tokenledger.payloads.ResponseReader} finds the usage, and what belongs to it, in whole answers and streams.
 *
 * <p>Fields that a convention does not know are read over, for providers add some all the time; {@code null} is as good as
 * absent. Figures that cannot be (negative, fractional, above 10¹², cached tokens above the input that contains them, parts
 * above their whole) are refused by the field's name, and never clamped. An object in which none of the convention's counts
 * occurs is refused too: the format is probably another one.
 */
@NullMarked
package dev.tokenledger.payloads;

import org.jspecify.annotations.NullMarked;
