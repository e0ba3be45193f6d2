package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.sqlite.SqliteLedger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorrectionCommandsTest {

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        program.succeed("record", "--id", "a", "--model", "claude-opus-4-8", "--input-tokens", "1000");
        program.succeed("record", "--id", "b", "--model", "claude-opus-4-8", "--input-tokens", "500");
    }

    @Test
    void reverse_takesARecordOutOfAllTotals() {
        Result result = program.run("reverse", "a", "--reason", "recorded twice");

        assertThat(result.code()).isZero();
        assertThat(result.out()).matches("reversed a  by [0-9a-f-]{36}\n");
        assertThat(program.succeed("summary", "--format", "json"))
                .contains("\"total_records\":1,\"total_input_tokens\":500,");
    }

    @Test
    void reverse_again_isRefused() {
        program.succeed("reverse", "a", "--reason", "recorded twice");

        assertThat(program.run("reverse", "a", "--reason", "once more"))
                .isEqualTo(new Result(1, "", "record \"a\" was reversed before; nothing was stored\n"));
    }

    @Test
    void reverse_unknownRecord_isSaid() {
        assertThat(program.run("reverse", "c", "--reason", "x").err())
                .isEqualTo("there is no record \"c\" in " + folder.resolve("ledger.db")
                        + "; 'tokenledger records' lists ids\n");
    }

    @Test
    void reverse_blankOrEndlessReason_isMisuse() {
        assertThat(program.run("reverse", "a", "--reason", " "))
                .isEqualTo(new Result(
                        2,
                        "",
                        "Invalid value for option '--reason': say why, in a few words\n"
                                + "Try 'tokenledger reverse --help'.\n"));
        assertThat(program.run("reverse", "a", "--reason", "x".repeat(600)).code())
                .isEqualTo(2);
        assertThat(program.succeed("summary", "--format", "json")).contains("\"total_records\":2,");
    }

    @Test
    void record_afterReversal_idStaysTaken() {
        program.succeed("reverse", "a", "--reason", "recorded twice");

        assertThat(program.succeed("record", "--id", "a", "--model", "claude-opus-4-8", "--input-tokens", "1000"))
                .startsWith("duplicate a ");
    }

    @Test
    void verify_soundLedger_saysSo() {
        assertThat(program.succeed("verify"))
                .isEqualTo("2 entries checked, all is as it should be; schema version " + SqliteLedger.newestSchema()
                        + "\n");
    }

    @Test
    void verify_damagedLedger_saysWhatDiffers_thenFails() throws SQLException {
        damage();

        Result result = program.run("verify");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).hasLineCount(4).contains("differs from its records");
        assertThat(result.err())
                .isEqualTo("2 entries checked: 4 differences in " + folder.resolve("ledger.db")
                        + ", schema version " + SqliteLedger.newestSchema()
                        + "; if they are in totals alone, 'tokenledger rebuild' computes those anew from the records;"
                        + " else 'tokenledger restore' a backup, or 'tokenledger recover'\n");
    }

    @Test
    void verify_damagedLedger_withNobodyToRead_stillFails() throws SQLException {
        damage();

        Result unread = program.runInto(new FailingStream("Broken pipe"), "verify");
        Result full = program.runInto(new FailingStream("No space left on device"), "verify");

        assertThat(unread.code()).isEqualTo(1);
        assertThat(unread.err()).startsWith("2 entries checked: 4 differences");
        assertThat(full.code()).isEqualTo(1);
        assertThat(full.err())
                .startsWith(
                        "cannot write to standard output: No space left on device\n2 entries checked: 4 differences");
    }

    private void damage() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM deltas");
        }
    }

    @Test
    void rebuild_keepsTotals() {
        String before = program.succeed("summary", "--by", "model", "--format", "json");

        assertThat(program.succeed("rebuild")).isEqualTo("all totals computed anew from the records\n");
        assertThat(program.succeed("summary", "--by", "model", "--format", "json"))
                .isEqualTo(before);
        assertThat(program.succeed("verify")).contains("all is as it should be");
    }
}
