/** The API under {@code /v1}, the probes of the process, and the document that describes every route. */
@NullMarked
package dev.tokenledger.server.api;

import org.jspecify.annotations.NullMarked;
