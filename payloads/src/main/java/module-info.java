/** Providers' answers, streams and usage objects, and what telemetry says of calls, as records. */
module dev.tokenledger.payloads {
    requires transitive dev.tokenledger;
    requires transitive dev.tokenledger.formats;
    requires tools.jackson.core;
    requires static org.jspecify;

    exports dev.tokenledger.payloads;
    exports dev.tokenledger.payloads.telemetry;
}
