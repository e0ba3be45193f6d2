package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in the middle of an import, in a process of its own. */
@Tag("once")
@EnabledOnOs(value = OS.LINUX, disabledReason = "needs the env and kill of GNU/Linux")
class InterruptedImportTest {

    private static final long PATIENCE_SECONDS = 120;

    /** Three commits, which an interpreted program takes seconds for. */
    private static final int CALLS = 15_000;

    @TempDir
    Path folder;

    @Test
    void ctrlC_leavesWhatWasCommitted_andTheNextImportFinishes() throws Exception {
        TestProgram program = new TestProgram(folder);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < CALLS; i++) {
            rows.append(row(i));
        }
        String log = program.file("projects/p/s.jsonl", rows.toString());
        Path file = program.path("ledger.db");
        program.succeed("import", "claude-code", program.file("empty.jsonl", ""));

        Process child = start(file, log);
        try {
            awaitRecords(file, child);
            new ProcessBuilder("kill", "-INT", Long.toString(child.pid()))
                    .start()
                    .waitFor();
            assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.exitValue()).as("128 + SIGINT").isEqualTo(130);
        long told = records(file);
        assertThat(folder.resolve("child.txt"))
                .content()
                .as("what was stored is reported")
                .contains(String.format(Locale.ROOT, "appended    %,d\n", told))
                .as("nothing speaks but the program")
                .doesNotContain("SLF4J");

        program.succeed("verify");
        long stored = records(file);
        assertThat(stored).isPositive().isLessThan(CALLS);
        assertThat(stored % 5_000).as("%d records are whole batches", stored).isZero();
        assertThat(program.succeed("import", "claude-code", log))
                .contains(String.format(Locale.ROOT, "appended    %,d\nduplicates  %,d\n", CALLS - stored, stored));
        program.succeed("verify");
        assertThat(program.succeed("summary", "--format", "json"))
                .contains("\"total_records\":" + CALLS + ",")
                .contains("\"total_output_tokens\":" + (long) CALLS * (CALLS - 1) / 2 + ",");
        assertThat(program.succeed("import", "claude-code", log)).contains("1 unchanged since the last import");
    }

    /** As beside a rebuild: longer than a lock is waited for, and then on. */
    @Test
    void anotherWriterThatWorks_isWaitedFor() throws Exception {
        TestProgram program = new TestProgram(folder);
        program.succeed("import", "claude-code", program.file("empty.jsonl", ""));
        String log = program.file("projects/p/s.jsonl", row(1) + row(2));
        Path file = program.path("ledger.db");
        Process child;
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            child = start(file, log);
            Path output = folder.resolve("child.txt");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!Files.readString(output).contains("waiting: another process is writing")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                assertThat(child.waitFor(50, TimeUnit.MILLISECONDS))
                        .as("gave up: %s", Files.readString(output))
                        .isFalse();
            }
            statement.execute("ROLLBACK");
        }
        assertThat(child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
        assertThat(records(file)).isEqualTo(2);
    }

    private static String row(int number) {
        String time = Instant.parse("2026-03-01T12:00:00Z").plusSeconds(number).toString();
        return "{\"type\":\"assistant\",\"timestamp\":\"" + time + "\",\"requestId\":\"req_" + number
                + "\",\"sessionId\":\"s\",\"message\":{\"id\":\"msg_" + number
                + "\",\"model\":\"claude-sonnet-4-5\",\"stop_reason\":\"end_turn\","
                + "\"usage\":{\"input_tokens\":1,\"output_tokens\":" + number + "}}}\n";
    }

    /** A test that runs in the background may have been told to ignore SIGINT, which its children would inherit. */
    private Process start(Path file, String log) throws IOException {
        List<String> command = List.of(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xint",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--ledger",
                file.toString(),
                "import",
                "claude-code",
                log);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.txt").toFile())
                .start();
    }

    private static void awaitRecords(Path file, Process child) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            while (ledger.summary(TimeWindow.all()).totalRecords() == 0) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                assertThat(child.waitFor(10, TimeUnit.MILLISECONDS))
                        .as("ended before it had stored anything")
                        .isFalse();
            }
        }
    }

    private static long records(Path file) {
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            return ledger.summary(TimeWindow.all()).totalRecords();
        }
    }
}
