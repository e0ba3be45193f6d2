/**
 * ClickHouse servers that tests and benchmarks start, on this machine alone: {@link
 * dev.tokenledger.clickhouse.testing.ClickHouseServers}.
 *
 * <p>Owns what is fetched to run them, and each server's folder. It is not a way to run a copy.
 */
@NullMarked
package dev.tokenledger.clickhouse.testing;

import org.jspecify.annotations.NullMarked;
