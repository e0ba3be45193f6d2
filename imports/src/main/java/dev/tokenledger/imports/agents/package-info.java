/**
 * What other programs wrote down of their calls: one class a program. Owns their rules of counting, of which {@code
 * docs/sources.md} has the list; invariants: a call is counted once, however many rows, files and forks repeat it; a figure
 * that cannot be is refused by its name; nothing of theirs is ever written to.
 *
 * <p>{@link dev.tokenledger.imports.agents.JsonLines} and {@link dev.tokenledger.imports.agents.Fields} read, and {@link
 * dev.tokenledger.imports.agents.CopiedCall} says what becomes of copies; a new source is one class beside them.
 */
@NullMarked
package dev.tokenledger.imports.agents;

import org.jspecify.annotations.NullMarked;
