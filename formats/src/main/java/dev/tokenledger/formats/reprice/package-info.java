/**
 * Pricing records again and keeping it: which would change, the run that changes them, and how it is taken back. Over the
 * {@link dev.tokenledger.Ledger} alone, so that every backend reprices alike. Not for users yet.
 */
@NullMarked
package dev.tokenledger.formats.reprice;

import org.jspecify.annotations.NullMarked;
