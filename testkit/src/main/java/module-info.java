/** The contract that every ledger keeps, for those who write one, and a clock that tests set. */
module dev.tokenledger.testkit {
    requires transitive dev.tokenledger;
    requires transitive org.assertj.core;
    requires transitive org.junit.jupiter.api;
    requires transitive org.junit.jupiter.params;
    requires static org.jspecify;

    exports dev.tokenledger.testkit;
}
