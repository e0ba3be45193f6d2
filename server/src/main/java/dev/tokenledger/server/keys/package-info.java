/**
 * Who may do what: API keys, their scopes, and the file that holds their digests. A key is shown once, when it is made; what
 * is kept cannot be turned back into it. Also what a key puts on the records that are sent with it ({@code Stamp}), and which
 * calls it may read ({@code ReadLimit}).
 */
@NullMarked
package dev.tokenledger.server.keys;

import org.jspecify.annotations.NullMarked;
