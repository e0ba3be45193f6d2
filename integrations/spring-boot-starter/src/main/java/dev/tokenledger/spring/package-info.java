/**
 * Records the model calls that a Spring Boot program makes through Spring AI, without code. It owns the wiring (ledger, prices,
 * recorder, meters, endpoint) and the joining of two views of one call: the provider's own answer, which alone has every count,
 * and Spring AI's observation, which alone knows the conversation. What an answer means is {@code payloads}' business, that a
 * record is not lost {@code recorder}'s. A guest in the host's program: nothing that fails here fails a call.
 */
@NullMarked
package dev.tokenledger.spring;

import org.jspecify.annotations.NullMarked;
