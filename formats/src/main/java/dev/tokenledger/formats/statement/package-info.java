/**
 * Statements for charge-back: for each value of a dimension what it used and what that cost, as CSV and as a page to print, and an
 * index of them whose total is the ledger's. Invariants: the statements of a folder are of one moment and add up to its index; a file's
 * name is safe for any value; a folder is there whole or not at all.
 */
@NullMarked
package dev.tokenledger.formats.statement;

import org.jspecify.annotations.NullMarked;
