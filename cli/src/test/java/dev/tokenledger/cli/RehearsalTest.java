package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {

    private static final List<String> ALL = Stream.of(Rehearsal.COMMANDS, Rehearsal.SERVERS)
            .flatMap(List::stream)
            .toList();

    /** The launcher lives with a rehearsal that fails; only starts grow slower, and nobody would notice. */
    @Test
    void rehearsal_everyCommandSucceeds(@TempDir Path folder) throws IOException {
        assertThat(Rehearsal.run(folder, ALL)).isEmpty();
        assertThat(Rehearsal.QUESTIONS)
                .contains("summary", "records", "explain recorded")
                .doesNotContain("summary --help");
        assertThat(Rehearsal.run(folder, Rehearsal.QUESTIONS)).isEmpty();
    }

    @Test
    void rehearsal_namesEveryCommandButHelp() {
        assertThat(Commands.NAMES.stream().filter(name -> !name.equals("help")))
                .allSatisfy(name -> assertThat(ALL).anyMatch(command -> command.matches("(.* )?" + name + "( .*)?")));
    }
}
