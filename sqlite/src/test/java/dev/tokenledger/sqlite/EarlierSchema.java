package dev.tokenledger.sqlite;

import java.util.List;

/** Makes of a file of the newest version one of an earlier version, as far as it holds nothing that this one had not. */
final class EarlierSchema {

    /** Statements that take away what version 5 brought. */
    static final List<String> VERSION_4 = List.of(
            "DROP VIEW usage_records",
            "DROP TABLE revaluations",
            "DROP TABLE revaluation_runs",
            "DROP TABLE adjustments",
            "DROP TABLE period_marks",
            "CREATE VIEW usage_records AS SELECT * FROM records WHERE kind = 0",
            "ALTER TABLE pages RENAME COLUMN totals TO packed",
            "ALTER TABLE deltas RENAME COLUMN totals TO packed",
            "PRAGMA user_version = 4");

    /** Statements that then take away what version 4 brought, but for the counts of doubts. */
    static final List<String> VERSION_3 = List.of(
            "ALTER TABLE pages RENAME COLUMN packed TO cells",
            "ALTER TABLE deltas RENAME COLUMN packed TO cells",
            "PRAGMA user_version = 3");

    private EarlierSchema() {}
}
