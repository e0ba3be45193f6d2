/**
 * Agents' logs, other programs' ledgers, and files of records. Which there are is told by {@link
 * dev.tokenledger.imports.sources.ImportSources}; how each is read is not for users.
 */
// The library that unpacks compressed logs is no module.
@SuppressWarnings("requires-automatic")
module dev.tokenledger.imports {
    requires transitive dev.tokenledger;
    requires aircompressor;
    requires transitive dev.tokenledger.formats;
    requires dev.tokenledger.payloads;
    requires java.sql;
    requires tools.jackson.core;
    requires static org.jspecify;

    exports dev.tokenledger.imports;
    exports dev.tokenledger.imports.sources;
}
