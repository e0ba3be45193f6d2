package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk answers with an error at the first call, at the second, at the third, … until nothing is left to fail. */
@Tag("durability")
class InjectedErrorTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(FaultChild.Recovery.class)
    void errorAtAnyCall_losesNothingAcknowledged(FaultChild.Recovery recovery) throws IOException {
        Path ledgers = Files.createDirectory(folder.resolve("ledgers")).toRealPath();
        List<String> lines;
        try (ChildProcess child = ChildProcess.of(FaultChild.class, ledgers.toString(), recovery.name())
                .environment(Interposer.tracing(ledgers, folder.resolve("log")))
                .start()) {
            lines = child.finish();
        }
        String last = lines.get(lines.size() - 1);
        assertThat(last).startsWith(FaultChild.COMPLETED);
        int calls = Integer.parseInt(last.substring(last.indexOf(' ') + 1));
        List<String> reports = lines.subList(0, lines.size() - 1);
        System.out.println(recovery + ": " + calls + " calls failed in turn, " + reports.size() + " errors reported");
        // A run that hardly touches the disk, or errors that nobody hears of, would show nothing.
        assertThat(calls).isGreaterThan(100);
        assertThat(reports)
                .hasSizeGreaterThan(calls / 3)
                .allSatisfy(report -> assertThat(report)
                        .matches("(open|write|close) \\d+ failed Ledger[A-Za-z]+Exception: .*call-\\d+\\.db.*"));
    }
}
