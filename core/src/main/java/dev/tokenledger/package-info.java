/** The ledger: what can be done with it, and what comes of it. */
@NullMarked
package dev.tokenledger;

import org.jspecify.annotations.NullMarked;
