package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.CopyState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What the table {@code copies} says of one copy of the records elsewhere.
 *
 * @param state how far it has come
 * @param former a table that is to be dropped; empty for none
 * @param trusted whether it is a copy of this very ledger: a dump that was restored elsewhere has the table too, and its transactions
 *     are numbered anew
 */
record Copies(CopyState state, String former, boolean trusted) {

    private static final String CLUSTER = "(SELECT system_identifier FROM pg_control_system())::text || '/'"
            + " || (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' || ";

    /**
     * What tells this ledger from its dump in another cluster or database: the numbers of all three. The parameter is the name of
     * {@code copies}.
     */
    static final String ORIGIN = CLUSTER + "to_regclass(?)::oid::text";

    private static final String SELECT =
            "SELECT c.relation, c.written, c.term, c.term_from, c.entries, c.checksum, c.former,"
                    + " c.origin = " + CLUSTER
                    + "c.tableoid::text AND c.written <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                    + " FROM {copies} c WHERE c.name = ?";

    /** What is known of a copy in the transaction under way; empty if nobody has begun it. */
    static Optional<Copies> read(Database database, String name) throws SQLException {
        return database.query(SELECT, statement -> statement.setString(1, name), Copies::read);
    }

    private static Optional<Copies> read(ResultSet row) throws SQLException {
        if (!row.next()) {
            return Optional.empty();
        }
        CopyState state = new CopyState(
                row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
        return Optional.of(new Copies(state, row.getString(7), row.getBoolean(8)));
    }
}
