/** The {@code tokenledger} program, which wires the other modules together. */
@NullMarked
package dev.tokenledger.cli;

import org.jspecify.annotations.NullMarked;
