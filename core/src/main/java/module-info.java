/**
 * The domain, pricing and the {@link dev.tokenledger.Ledger} API, a ledger in memory, and the bundled prices. Needs nothing
 * beneath it at run time. What only our own modules share, such as how texts are bounded, is not for users.
 */
// The modules that share it are not there when this one is compiled.
@SuppressWarnings("module")
module dev.tokenledger {
    requires static org.jspecify;

    exports dev.tokenledger;
    exports dev.tokenledger.money;
    exports dev.tokenledger.model;
    exports dev.tokenledger.usage;
    exports dev.tokenledger.pricing;
    exports dev.tokenledger.summary;
    exports dev.tokenledger.backend to
            dev.tokenledger.cli,
            dev.tokenledger.clickhouse,
            dev.tokenledger.formats,
            dev.tokenledger.imports,
            dev.tokenledger.postgres,
            dev.tokenledger.sql,
            dev.tokenledger.sqlite,
            dev.tokenledger.testkit;
    exports dev.tokenledger.text to
            dev.tokenledger.cli,
            dev.tokenledger.formats,
            dev.tokenledger.imports,
            dev.tokenledger.langchain4j,
            dev.tokenledger.payloads,
            dev.tokenledger.prices,
            dev.tokenledger.recorder,
            dev.tokenledger.server,
            dev.tokenledger.sql;
}
