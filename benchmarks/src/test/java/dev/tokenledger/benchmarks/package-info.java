/** Checks that what is measured is what it is said to be. No test asserts on time. */
@NullMarked
package dev.tokenledger.benchmarks;

import org.jspecify.annotations.NullMarked;
