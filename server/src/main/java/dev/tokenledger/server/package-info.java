/**
 * The ledger over HTTP: one process on one ledger. {@link dev.tokenledger.server.TokenledgerServer} puts the parts together;
 * {@link dev.tokenledger.server.http} is what they are made of, and says how another one plugs in.
 */
@NullMarked
package dev.tokenledger.server;

import org.jspecify.annotations.NullMarked;
