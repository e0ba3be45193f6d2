package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {

    private static final LedgerOpener USUAL = new OpenerAsUsual();

    @TempDir
    private Path folder;

    private Path copy;

    @BeforeEach
    void record() {
        copy = folder.resolve("copy.db");
        new TestProgram(folder).succeed("record", "--model", "house", "--input-tokens", "1");
    }

    /** A second backup to the same file begins when the first one is about to give its copy the name, and fails halfway. */
    @Test
    void backupThatAnotherOneOverlaps_isWhole() throws IOException {
        TestProgram second = new TestProgram(folder).ledgers(backingUp((file, part) -> {
            write(part, "half of a ledger");
            throw new CommandException("no room left");
        }));
        TestProgram first = new TestProgram(folder).ledgers(backingUp((file, part) -> {
            USUAL.backUp(file, part);
            assertThat(second.run("backup", copy.toString()).code()).isEqualTo(1);
        }));

        TestProgram.Result result = first.run("backup", copy.toString());

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(new TestProgram(folder).succeed("--ledger", copy.toString(), "records"))
                .contains("house");
        try (var files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).noneMatch(name -> name.contains("part"));
        }
    }

    /** A kill leaves a part of full size behind: the next backup removes it, whatever name that one has. */
    @Test
    void partOfABackupThatWasKilled_isRemovedByTheNextOne() throws IOException {
        Path left = Files.writeString(folder.resolve("older.db.1.tokenledger-part"), "half of a ledger");
        Path others = Files.writeString(folder.resolve("film.part"), "not ours");

        new TestProgram(folder).succeed("backup", copy.toString());

        assertThat(left).doesNotExist();
        assertThat(others).exists();
        assertThat(copy).exists();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens ledgers as usual, but backs them up in another way. */
    private static LedgerOpener backingUp(BiConsumer<Path, Path> way) {
        return new OpenerAsUsual() {
            @Override
            public void backUp(Path file, Path part) {
                way.accept(file, part);
            }
        };
    }
}
