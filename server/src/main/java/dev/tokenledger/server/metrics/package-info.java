/**
 * What Prometheus reads: the ledger's totals, how long storing takes, and what is asked of the server. Nothing here names a
 * session, a user, or anything else of which there may be any number.
 */
@NullMarked
package dev.tokenledger.server.metrics;

import org.jspecify.annotations.NullMarked;
