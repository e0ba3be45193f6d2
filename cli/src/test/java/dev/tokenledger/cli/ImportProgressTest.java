package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportListener.Progress;
import dev.tokenledger.imports.ImportProblem;
import dev.tokenledger.testkit.SettableClock;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImportProgressTest {

    private static final Progress HALF = new Progress("", 1_234, 2_500, 175_000_000, 350_000_000, 40_000, 5_000);

    private final SettableClock clock = new SettableClock(TestProgram.NOW);
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private ImportProgress progress(Map<String, String> variables, boolean onTerminal) {
        Environment environment = new Environment(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                err,
                variables,
                clock,
                () -> ZoneOffset.UTC,
                Terminal.of(onTerminal, onTerminal, variables),
                new SqliteLedgerOpener(clock),
                TestProgram::startAndStop);
        Session session = new Session(
                environment, new RootCommand(), new Output(environment.out()), new Notices(environment.err()));
        return new ImportProgress(session, 1);
    }

    private ImportProgress onTerminal(int columns) {
        return progress(Map.of("COLUMNS", Integer.toString(columns), "LANG", "C"), true);
    }

    private String shown() {
        String text = err.toString(StandardCharsets.UTF_8);
        err.reset();
        return text;
    }

    @Test
    void progress_saysWhatIsDone_howFast_andHowLongItTakesYet() {
        ImportProgress progress = onTerminal(140);

        progress.progress(HALF);
        assertThat(shown())
                .as("no rate before the first second")
                .isEqualTo("[##########          ]  50%  1,234 of 2,500 files, 175 MB of 350 MB, 5,000 calls");
        clock.advance(Duration.ofSeconds(2));
        progress.progress(HALF);
        assertThat(shown())
                .isEqualTo("\r[##########          ]  50%  1,234 of 2,500 files, 175 MB of 350 MB, 87.5 MB/s, 3 s left,"
                        + " 5,000 calls");
    }

    @Test
    void progress_isDrawnFiveTimesASecondAtMost() {
        ImportProgress progress = onTerminal(140);

        progress.progress(HALF);
        clock.advance(Duration.ofMillis(199));
        progress.progress(HALF);
        assertThat(shown()).doesNotContain("\r");
        clock.advance(Duration.ofMillis(1));
        progress.progress(HALF);
        assertThat(shown()).startsWith("\r[");
    }

    @Test
    void narrowTerminal_getsWhatMattersMost() {
        for (int columns = 20; columns < 140; columns++) {
            ImportProgress progress = onTerminal(columns);
            clock.advance(Duration.ofSeconds(2));
            progress.progress(HALF);
            assertThat(shown()).as("%d columns", columns).hasSizeLessThan(columns);
        }
        ImportProgress progress = onTerminal(45);
        clock.advance(Duration.ofSeconds(2));
        progress.progress(HALF);
        assertThat(shown()).isEqualTo("[##########          ]  50%  3 s left");
    }

    @Test
    void shorterLine_coversTheOneBefore_andTheEndTakesItAway() {
        ImportProgress progress = onTerminal(140);
        progress.progress(HALF);
        int width = shown().length();
        clock.advance(Duration.ofMillis(300));
        progress.progress(new Progress("", 1, 1, 10, 10, 1, 0));
        assertThat(shown())
                .matches("\\r\\[#{20}\\] 100%  1 file, 10 bytes of 10 bytes +")
                .hasSize(width + 1);
        progress.end();
        assertThat(shown()).isEqualTo("\r" + " ".repeat(width) + "\r");
        progress.end();
        assertThat(shown()).isEmpty();
    }

    @Test
    void streamOfUnknownLength_hasNoBar() {
        ImportProgress progress = onTerminal(140);

        progress.progress(new Progress("standard input", 1, 1, 10, 0, 700, 1));

        assertThat(shown()).isEqualTo("standard input, 1 call");
    }

    @Test
    void longName_isCut_andMadeHarmless() {
        ImportProgress progress = onTerminal(30);

        progress.progress(new Progress("/a/\u001b[31m" + "x".repeat(100), 1, 1, 10, 0, 700, 1));

        assertThat(shown()).startsWith("?[31mxxx").hasSize(29);
    }

    @Test
    void noTerminal_orOneThatCannotDrawOver_getsProblemsAlone() {
        for (ImportProgress progress :
                new ImportProgress[] {progress(Map.of(), false), progress(Map.of("TERM", "dumb"), true)}) {
            progress.progress(HALF);
            progress.problem(new ImportProblem("a.jsonl", 3, "malformed", "it is cut"));
            progress.end();
            assertThat(shown())
                    .doesNotContain("\r", "\u001b", "%")
                    .contains("a.jsonl")
                    .endsWith("\n");
        }
    }

    @Test
    void noColour_isNotSteeredBeyondTheBeginningOfTheLine() {
        ImportProgress progress = progress(Map.of("NO_COLOR", "1", "LANG", "C.UTF-8", "TERM", "xterm"), true);

        progress.progress(HALF);
        progress.problem(new ImportProblem("a.jsonl", 3, "malformed", "it is cut"));
        progress.end();

        assertThat(shown()).contains("█", "\r").doesNotContain("\u001b");
    }
}
