package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
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
        assertThat(program.succeed("verify")).isEqualTo("2 entries checked, all is as it should be\n");
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
