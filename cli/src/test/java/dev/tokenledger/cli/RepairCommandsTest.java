package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.sqlite.SqliteLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** restore, recover, migrate, and what says which schema a ledger has. */
class RepairCommandsTest {

    private static final int NEWEST = SqliteLedger.newestSchema();

    @TempDir
    private Path folder;

    private TestProgram program;
    private Path ledger;
    private Path copy;

    @BeforeEach
    void record() {
        program = new TestProgram(folder);
        ledger = folder.resolve("ledger.db");
        copy = folder.resolve("copy.db");
        program.succeed("record", "--id", "a", "--model", "house", "--input-tokens", "1");
        program.succeed("backup", copy.toString());
        program.succeed("record", "--id", "b", "--model", "house", "--input-tokens", "1");
    }

    @Test
    void restore_putsTheBackupInTheLedgersPlace_andSaysWhereTheOldFileIs() {
        Path aside = folder.resolve("ledger.db.before-restore-20261122T120000Z");

        String out = program.succeed("restore", copy.toString());

        assertThat(out).isEqualTo("restored " + ledger + " from " + copy + ": 1 entry\nset aside: " + aside + "\n");
        assertThat(program.succeed("records", "--format", "csv")).contains("a,").doesNotContain("\nb,");
        assertThat(program.succeed("--ledger", aside.toString(), "records", "--format", "csv"))
                .contains("\nb,");
    }

    @Test
    void restoreOfWhatIsNotThere_fails_andChangesNothing() {
        Result result = program.run("restore", folder.resolve("none.db").toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("there is no such file");
        assertThat(program.succeed("verify")).startsWith("2 entries checked, all is as it should be");
    }

    @Test
    void restoreWithoutABackup_isMisuse() {
        assertThat(program.run("restore").code()).isEqualTo(2);
    }

    @Test
    void recover_ofASoundLedger_changesNothing() {
        assertThat(program.succeed("recover")).isEqualTo("nothing is wrong with " + ledger + "; nothing was changed\n");
    }

    @Test
    void recover_ofADamagedLedger_saysWhatIsLost_andFailsIfSomethingIs() throws IOException {
        byte[] content = Files.readAllBytes(ledger);
        Arrays.fill(content, 0, 100, (byte) 0);
        Files.write(ledger, content);

        String out = program.succeed("recover");

        assertThat(out)
                .isEqualTo("recovered " + ledger + ": 2 entries\nset aside: "
                        + folder.resolve("ledger.db.before-recovery-20261122T120000Z") + "\nnothing was lost\n");
        assertThat(program.succeed("verify")).startsWith("2 entries checked, all is as it should be");
    }

    @Test
    void migrate_backsUpFirst() throws SQLException {
        makeVersionOne();
        Path backup = folder.resolve("ledger.db.schema-1-20261122T120000Z");
        assertThat(program.succeed("verify"))
                .isEqualTo(
                        "2 entries checked, all is as it should be; schema version 1 ('tokenledger migrate' brings it"
                                + " to " + NEWEST + ")\n");

        assertThat(program.succeed("migrate"))
                .isEqualTo("migrated from schema version 1 to " + NEWEST + "; the backup is " + backup + "\n");

        assertThat(program.succeed("verify")).contains("schema version " + NEWEST + "\n");
        assertThat(program.succeed("--ledger", backup.toString(), "verify")).contains("schema version 1 ");
        assertThat(program.succeed("migrate"))
                .isEqualTo("schema version " + NEWEST + " is the newest; nothing was changed\n");
    }

    @Test
    void version_withMore_saysWhatAProblemReportNeeds() throws SQLException {
        makeVersionOne();

        assertThat(program.succeed("--version", "--verbose"))
                .startsWith("tokenledger ")
                .contains("\nschema version " + NEWEST + ", reads versions from 1 on\nSQLite 3.")
                .contains("\nJava " + Runtime.version())
                .endsWith("\n" + ledger + ": schema version 1\n");
        assertThat(program.defaultLedger().succeed("--version", "--verbose")).endsWith(": there is no ledger yet\n");
    }

    private void makeVersionOne() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP VIEW usage_records");
            for (String table : List.of("revaluations", "revaluation_runs", "adjustments", "period_marks")) {
                statement.execute("DROP TABLE " + table);
            }
            statement.execute("CREATE VIEW usage_records AS SELECT * FROM records WHERE kind = 0");
            statement.execute("ALTER TABLE records DROP COLUMN checksum");
            statement.execute("DROP TABLE busy_quarters");
            statement.execute("DROP TABLE entries_by_time");
            statement.execute(
                    "CREATE TABLE old (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, cells BLOB NOT NULL) STRICT");
            statement.execute("INSERT INTO old SELECT id, count, totals FROM deltas");
            statement.execute("DROP TABLE deltas");
            statement.execute("ALTER TABLE old RENAME TO deltas");
            statement.execute("ALTER TABLE pages RENAME COLUMN totals TO cells");
            statement.execute("PRAGMA user_version = 1");
        }
    }
}
