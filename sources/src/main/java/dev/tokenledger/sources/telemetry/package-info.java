/**
 * Model calls in what an instrumented program tells of itself: OpenTelemetry's spans and log events, whatever carried them.
 * {@link dev.tokenledger.sources.telemetry.TelemetryReader} is the door; nothing here knows a wire format.
 */
@NullMarked
package dev.tokenledger.sources.telemetry;

import org.jspecify.annotations.NullMarked;
