/**
 * Records calls of models where a program's HTTP client makes them: one tee of an answer's bytes into the payloads' readers, with
 * a thin entry for each client. It owns which request is a call, and when a call has ended; it holds a few kilobytes of an answer
 * of any size, changes nothing of request or answer, and what fails in it never reaches the call. It is no client, and knows no
 * framework.
 */
@NullMarked
package dev.tokenledger.capture;

import org.jspecify.annotations.NullMarked;
