/**
 * PostgreSQL servers that tests and benchmarks start, on this machine alone: {@link
 * dev.tokenledger.postgres.testing.PostgresServer}.
 *
 * <p>Owns the binaries, which Maven fetches, and each server's folder. It is not a way to run a ledger.
 */
@NullMarked
package dev.tokenledger.postgres.testing;

import org.jspecify.annotations.NullMarked;
