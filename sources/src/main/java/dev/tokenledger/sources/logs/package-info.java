/**
 * What other programs wrote down of their calls: one class a program. Owns their rules of counting, of which {@code
 * docs/sources.md} has the list; invariants: a call is counted once, however many rows, files and forks repeat it; a figure
 * that cannot be is refused by its name; nothing of theirs is ever written to.
 *
 * <p>{@link dev.tokenledger.sources.logs.JsonLines} and {@link dev.tokenledger.sources.logs.Fields} read, and {@link
 * dev.tokenledger.sources.logs.CopiedCall} says what becomes of copies; a new source is one class beside them.
 */
@NullMarked
package dev.tokenledger.sources.logs;

import org.jspecify.annotations.NullMarked;
