/**
 * Model calls in what an instrumented program tells of itself: OpenTelemetry's spans and log events, whatever carried them.
 * {@link dev.tokenledger.payloads.telemetry.TelemetryReader} is the door; nothing here knows a wire format.
 */
@NullMarked
package dev.tokenledger.payloads.telemetry;

import org.jspecify.annotations.NullMarked;
