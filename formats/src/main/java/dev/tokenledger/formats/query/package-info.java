/**
 * Questions about the ledger as people and programs write them: periods, times, zones, and the parameters of a summary. The
 * command line and the server read them with the same words, and refuse them with the same reasons.
 */
@NullMarked
package dev.tokenledger.formats.query;

import org.jspecify.annotations.NullMarked;
