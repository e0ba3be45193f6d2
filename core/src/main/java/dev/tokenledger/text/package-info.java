/**
 * Texts from outside in the form that everything else relies on: bounded, decimal numbers exact, names of models and providers by
 * declared rules. Knows nothing of ours; for our own modules alone.
 */
@NullMarked
package dev.tokenledger.text;

import org.jspecify.annotations.NullMarked;
