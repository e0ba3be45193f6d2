/**
 * The ledger: what a program can do with recorded usage, and what comes back.
 *
 * <p>Start at {@link dev.tokenledger.Ledger}. It owns the promises: append-only, exact, honest, idempotent, durable.
 * Backends implement it; {@link dev.tokenledger.InMemoryLedger} is the plainest one and the yardstick of the others.
 *
 * <p>Dependencies run one way: {@code money}, {@code model} ← {@code usage} ← {@code pricing} ← {@code summary} ← here.
 */
@NullMarked
package dev.tokenledger;

import org.jspecify.annotations.NullMarked;
