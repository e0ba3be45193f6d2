/**
 * Model calls from OpenTelemetry's spans to a ledger in the same process, without a collector. It owns the way from the SDK's
 * spans to {@link dev.tokenledger.payloads.telemetry.Signal}; what a span means is {@code payloads}' business, so that a call
 * becomes the same record whether it is exported here or sent to the server by OTLP. A guest in the host's program: a ledger
 * that fails never throws into it.
 */
@NullMarked
package dev.tokenledger.opentelemetry;

import org.jspecify.annotations.NullMarked;
