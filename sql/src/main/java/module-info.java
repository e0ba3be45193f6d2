/**
 * What a ledger over SQL is made of that no database is the owner of. For our own backends alone: every package of it is
 * exported to them, and to nobody else.
 */
// The backends are not there when this is compiled.
@SuppressWarnings("module")
module dev.tokenledger.sql {
    requires transitive dev.tokenledger;
    requires transitive java.sql;
    requires static org.jspecify;

    exports dev.tokenledger.sql to
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
    exports dev.tokenledger.sql.engine to
            dev.tokenledger.clickhouse,
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
    exports dev.tokenledger.sql.questions to
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
    exports dev.tokenledger.sql.records to
            dev.tokenledger.clickhouse,
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
    exports dev.tokenledger.sql.rollups to
            dev.tokenledger.clickhouse,
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
    exports dev.tokenledger.sql.writing to
            dev.tokenledger.postgres,
            dev.tokenledger.sqlite;
}
