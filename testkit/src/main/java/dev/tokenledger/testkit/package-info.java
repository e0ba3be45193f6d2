/**
 * The contract that every ledger keeps, as tests to extend.
 *
 * <p>A backend's author extends {@link dev.tokenledger.testkit.LedgerContract} and says how to make an empty {@link
 * dev.tokenledger.testkit.TestStore}. Random tests draw from {@link dev.tokenledger.testkit.Seeds}, which names the seed of a
 * failure; {@link dev.tokenledger.testkit.LedgerComparison} finds the first difference between two ledgers.
 *
 * <p>It is no test framework: it knows nothing of any backend, and nothing here runs by itself.
 */
@NullMarked
package dev.tokenledger.testkit;

import org.jspecify.annotations.NullMarked;
