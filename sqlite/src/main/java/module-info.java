/** The embedded ledger: one file, many threads, several processes. */
module dev.tokenledger.sqlite {
    requires transitive dev.tokenledger;
    requires transitive java.sql;
    requires dev.tokenledger.sql;
    requires org.xerial.sqlitejdbc;
    requires static org.jspecify;

    exports dev.tokenledger.sqlite;
}
