/**
 * The domain, pricing and the {@link dev.tokenledger.Ledger} API, a ledger in memory, and the bundled prices. Needs nothing
 * beneath it at run time.
 */
module dev.tokenledger {
    requires static org.jspecify;

    exports dev.tokenledger;
    exports dev.tokenledger.money;
    exports dev.tokenledger.model;
    exports dev.tokenledger.usage;
    exports dev.tokenledger.pricing;
    exports dev.tokenledger.summary;
}
