/**
 * How every part of the server stores records: one batch, one commit, an outcome for each record. It is not a queue: what
 * was answered is durable.
 */
@NullMarked
package dev.tokenledger.server.ingest;

import org.jspecify.annotations.NullMarked;
