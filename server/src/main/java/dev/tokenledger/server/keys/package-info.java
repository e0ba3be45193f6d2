/**
 * Who may do what: API keys, their scopes, and the file that holds their digests. A key is shown once, when it is made; what
 * is kept cannot be turned back into it.
 */
@NullMarked
package dev.tokenledger.server.keys;

import org.jspecify.annotations.NullMarked;
