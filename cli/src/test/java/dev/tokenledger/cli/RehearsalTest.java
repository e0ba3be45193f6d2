package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {

    /** The launcher lives with a rehearsal that fails; only starts grow slower, and nobody would notice. */
    @Test
    void rehearsal_everyCommandSucceeds(@TempDir Path folder) throws IOException {
        assertThat(Rehearsal.run(folder)).isEmpty();
    }

    @Test
    void rehearsal_namesEveryCommandButHelp() {
        assertThat(Commands.NAMES.stream().filter(name -> !name.equals("help")))
                .allSatisfy(name -> assertThat(Rehearsal.COMMANDS)
                        .anyMatch(command -> command.matches("(.* )?" + name + "( .*)?")));
    }
}
