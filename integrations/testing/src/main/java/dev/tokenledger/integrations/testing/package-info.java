/**
 * What the tests of integrations share: a server on the loopback address that answers in the shapes of several providers, and what
 * is true of each of its answers. It is no simulator: it says what it is told to by the model's name.
 */
@NullMarked
package dev.tokenledger.integrations.testing;

import org.jspecify.annotations.NullMarked;
