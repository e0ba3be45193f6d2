package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.testkit.Samples;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestingFileTest {

    @TempDir
    Path folder;

    @Test
    void aFile_restsUntilSomebodyWritesToIt() {
        Path file = ledgerOf("a");
        RestingFile resting = RestingFile.look(file);
        assertThat(resting).isNotNull();
        assertThat(resting.isStirred()).isFalse();

        try (Ledger writer = TestLedgers.open(file)) {
            assertThat(RestingFile.look(file)).isNull();
            assertThat(resting.isStirred()).isTrue();
            for (int i = 0; i < 200; i++) {
                writer.append(Samples.record("more-" + i));
            }
        }
        assertThat(RestingFile.look(file)).isNotNull();
        assertThat(resting.isStirred()).isTrue();
    }

    @Test
    void aFolderThatMayBeWrittenTo_needsNone() {
        assertThat(RestingFile.of(ledgerOf("a"))).isNull();
        assertThat(RestingFile.look(folder.resolve("none.db"))).isNull();
    }

    private Path ledgerOf(String id) {
        Path file = folder.resolve("ledger.db");
        try (Ledger ledger = TestLedgers.open(file)) {
            ledger.append(Samples.record(id));
        }
        return file;
    }
}
