/**
 * OTLP over HTTP: an OpenTelemetry exporter is pointed here, and the model calls among what it sends become records. What is a
 * call, and what it used, is decided in {@code sources}; here are the two wire formats and the protocol's answers.
 *
 * <p>Neither format is read into objects of its own: of a body of 8 MB, hundreds of times as much could be made. Both readers
 * walk over the bytes and keep the few attributes that calls have.
 */
@NullMarked
package dev.tokenledger.server.otlp;

import org.jspecify.annotations.NullMarked;
