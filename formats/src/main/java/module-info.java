/**
 * Records, entries, summaries, prices and budgets as text. What only our own modules share, such as how figures are shown and
 * other projects' price lists, is not for users.
 */
// The modules that share it are not all there when this one is compiled.
@SuppressWarnings("module")
module dev.tokenledger.formats {
    requires transitive dev.tokenledger;
    requires transitive tools.jackson.core;
    requires org.snakeyaml.engine;
    requires tools.jackson.dataformat.yaml;
    requires static org.jspecify;

    exports dev.tokenledger.formats.budgets;
    exports dev.tokenledger.formats.currency;
    exports dev.tokenledger.formats.json;
    exports dev.tokenledger.formats.prices;
    exports dev.tokenledger.formats.query;
    exports dev.tokenledger.formats.text;
    exports dev.tokenledger.formats.present to
            dev.tokenledger.alerts,
            dev.tokenledger.cli,
            dev.tokenledger.server;
    exports dev.tokenledger.formats.reprice to
            dev.tokenledger.cli,
            dev.tokenledger.imports;
    exports dev.tokenledger.formats.bills to
            dev.tokenledger.cli,
            dev.tokenledger.server;
    exports dev.tokenledger.formats.reconcile to
            dev.tokenledger.cli,
            dev.tokenledger.server;
    exports dev.tokenledger.formats.pricelists to
            dev.tokenledger.cli;
    exports dev.tokenledger.formats.statement to
            dev.tokenledger.cli,
            dev.tokenledger.server;
    exports dev.tokenledger.formats.whatif to
            dev.tokenledger.cli,
            dev.tokenledger.server;
}
