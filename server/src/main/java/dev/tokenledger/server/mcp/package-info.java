/**
 * The ledger as a tool of agents, by the Model Context Protocol: over HTTP in the server, and over standard input and output
 * for programs that start it themselves.
 */
@NullMarked
package dev.tokenledger.server.mcp;

import org.jspecify.annotations.NullMarked;
