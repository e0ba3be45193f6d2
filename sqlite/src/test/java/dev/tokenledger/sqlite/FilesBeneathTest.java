package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What happens to the files of an open ledger from outside. SQLite goes on writing into a file that is no longer at its
 * path; nothing of that may be acknowledged, and what was acknowledged before is saved from what is still open.
 */
class FilesBeneathTest {

    private static final Pattern SAVED = Pattern.compile("saved to (\\S+) ");

    @TempDir
    private Path folder;

    private Path home;
    private Path file;

    /** Something done to a file; the open ledger's descriptors keep what it held. */
    enum Mischief {
        REMOVED {
            @Override
            void happen(Path path) throws IOException {
                Files.delete(path);
            }
        },
        MOVED {
            @Override
            void happen(Path path) throws IOException {
                Files.move(path, path.resolveSibling("elsewhere"));
            }
        },
        REPLACED_BY_A_COPY {
            @Override
            void happen(Path path) throws IOException {
                Path copy = Files.copy(path, path.resolveSibling("copy"));
                Files.move(copy, path, StandardCopyOption.REPLACE_EXISTING);
            }
        };

        abstract void happen(Path path) throws IOException;
    }

    @BeforeEach
    void makeFolder() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        file = home.resolve("usage.db");
    }

    @ParameterizedTest
    @EnumSource(Mischief.class)
    void file_nothingMoreIsAcknowledged_andAllThatWasIsSaved(Mischief mischief) throws IOException {
        refusesAndSaves("", mischief);
    }

    @ParameterizedTest
    @EnumSource(Mischief.class)
    void log_nothingMoreIsAcknowledged_andAllThatWasIsSaved(Mischief mischief) throws IOException {
        refusesAndSaves("-wal", mischief);
    }

    @ParameterizedTest
    @EnumSource(Mischief.class)
    void index_nothingMoreIsAcknowledged_andAllThatWasIsSaved(Mischief mischief) throws IOException {
        refusesAndSaves("-shm", mischief);
    }

    private void refusesAndSaves(String suffix, Mischief mischief) throws IOException {
        try (Ledger ledger = TestLedgers.open(file)) {
            List<RecordId> acknowledged = append(ledger, 30);
            mischief.happen(Path.of(file + suffix));

            Throwable failure = catchThrowable(() -> append(ledger, 1));
            assertThat(failure)
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(file + suffix + " was re")
                    .hasMessageContaining("restore");
            assertSaved(failure, acknowledged);
            assertThatThrownBy(() -> append(ledger, 1))
                    .as("the second write is refused as the first was, and saves nothing again")
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(saved(failure).toString());
        }
        if (suffix.isEmpty() && mischief == Mischief.REPLACED_BY_A_COPY) {
            assertThat(Path.of(file + "-wal"))
                    .as("closing must not delete a log that may be the other file's")
                    .exists();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"removed", "moved"})
    void folder_nothingMoreIsAcknowledged_andAllThatWasIsSaved(String what) throws IOException {
        try (Ledger ledger = TestLedgers.open(file)) {
            List<RecordId> acknowledged = append(ledger, 30);
            if (what.equals("moved")) {
                Files.move(home, folder.resolve("away"));
            } else {
                for (String suffix : List.of("", "-wal", "-shm")) {
                    Files.delete(Path.of(file + suffix));
                }
                Files.delete(home);
            }

            Throwable failure = catchThrowable(() -> append(ledger, 1));
            assertThat(failure).isInstanceOf(LedgerUnavailableException.class);
            Path copy = assertSaved(failure, acknowledged);
            if (what.equals("moved")) {
                assertThat(failure)
                        .hasMessageContaining(folder.resolve("away/usage.db").toString());
                assertThat(copy).hasParent(folder.resolve("away"));
            }
            Files.delete(copy);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-wal"})
    void cutFile_nothingMoreIsAcknowledged(String suffix) throws IOException {
        // Both of some size, the file by what was copied into it, the log by what was not.
        try (Ledger ledger = SqliteLedger.builder()
                .prices(PriceBook.empty())
                .checkpointPages(20)
                .open(file)) {
            append(ledger, 30);
            try (FileChannel channel = FileChannel.open(Path.of(file + suffix), StandardOpenOption.WRITE)) {
                channel.truncate(suffix.isEmpty() ? 0 : 32);
            }

            assertThatThrownBy(() -> append(ledger, 1))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(file + suffix + " was cut short");
        }
    }

    /** The commit writes on behind the cut, so that the log is no shorter than before. */
    @ParameterizedTest
    @ValueSource(longs = {0, 32, 20_000})
    void logThatIsCutDuringATransaction_isNotTakenForWhole(long size) throws IOException {
        AtomicBoolean cuts = new AtomicBoolean();
        InstantSource clock = () -> {
            if (cuts.get()) {
                cutLog(size);
            }
            return Instant.parse("2026-01-02T03:04:05Z");
        };
        try (Ledger ledger =
                SqliteLedger.builder().prices(PriceBook.empty()).clock(clock).open(file)) {
            List<RecordId> ids = append(ledger, 30);
            cuts.set(true);

            // The instant of a reversal is asked for in its transaction.
            assertThatThrownBy(() -> ledger.reverse(ids.get(0), "a mistake"))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(file + "-wal was cut short");
        }
    }

    private void cutLog(long size) {
        try (FileChannel channel = FileChannel.open(Path.of(file + "-wal"), StandardOpenOption.WRITE)) {
            channel.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void fileOverwrittenInPlaceByAnOlderCopy_nothingMoreIsAcknowledged() throws IOException {
        Path copy = folder.resolve("backup.db");
        try (SqliteLedger ledger = SqliteLedger.builder()
                .prices(PriceBook.empty())
                .checkpointPages(1)
                .open(file)) {
            append(ledger, 3);
            ledger.backUpTo(copy);
            append(ledger, 30);
            overwrite(Files.readAllBytes(copy));

            assertThatThrownBy(() -> append(ledger, 1)).isInstanceOf(LedgerUnavailableException.class);
        }
    }

    /** Times alone decide nothing: what touches files, such as a tool that restores their times, does no harm. */
    @Test
    void fileThatWasOnlyTouched_isWrittenOn() throws IOException {
        try (Ledger ledger = TestLedgers.open(file)) {
            append(ledger, 3);
            Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));

            assertThat(append(ledger, 1)).hasSize(1);
        }
    }

    /** The other one's checkpoints modify the file, start the log anew and cut it. */
    @Test
    void twoLedgersOnOneFile_takeNoOffenceAtEachOther() {
        try (Ledger one = SqliteLedger.builder()
                        .prices(PriceBook.empty())
                        .checkpointPages(5)
                        .open(file);
                Ledger other = SqliteLedger.builder()
                        .prices(PriceBook.empty())
                        .checkpointPages(3)
                        .open(file)) {
            for (int round = 0; round < 40; round++) {
                append(one, 3);
                append(other, 5);
            }
            assertThat(one.verify().differences()).isEmpty();
        }
    }

    @Test
    void logThatAnotherProgramCopiedIntoTheFileAndCut_isWrittenOn() throws SQLException {
        try (Ledger ledger = TestLedgers.open(file)) {
            append(ledger, 20);
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                    Statement statement = other.createStatement()) {
                statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
            assertThat(append(ledger, 20)).hasSize(20);
            assertThat(ledger.verify().entries()).isEqualTo(40);
        }
    }

    @Test
    void loneLedgerWhoseLogStartsAnewAgainAndAgain_isWrittenOn() {
        try (Ledger ledger = SqliteLedger.builder()
                .prices(PriceBook.empty())
                .checkpointPages(2)
                .open(file)) {
            assertThat(append(ledger, 200)).hasSize(200);
        }
    }

    @Test
    void ledgerWhoseFileWent_isNotWritable() throws IOException {
        try (Ledger ledger = TestLedgers.open(file)) {
            append(ledger, 3);
            ledger.checkWritable();
            Files.delete(file);

            assertThatThrownBy(ledger::checkWritable).isInstanceOf(LedgerUnavailableException.class);
        }
    }

    @Test
    void readersOfALostLedger_openNoOtherFileInItsPlace() throws IOException {
        try (Ledger ledger = TestLedgers.open(file)) {
            append(ledger, 3);
            Files.delete(file);

            assertThatThrownBy(() -> ledger.find(RecordId.of("no such")))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining("removed or moved");
            assertThat(file)
                    .as("a reader's connection must not make a new file")
                    .doesNotExist();
        }
    }

    @Test
    void ledgerThatWasIdleWhenItsFileWent_saysSoWhenItIsClosed() throws IOException {
        List<String> warnings = new ArrayList<>();
        List<RecordId> acknowledged;
        try (Ledger ledger = SqliteLedger.builder()
                .prices(PriceBook.empty())
                .onWarning(warnings::add)
                .open(file)) {
            acknowledged = append(ledger, 3);
            Files.delete(file);
        }
        assertThat(warnings).hasSize(1);
        assertSaved(new IllegalStateException(warnings.get(0)), acknowledged);
    }

    private void overwrite(byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        Files.write(file, content, StandardOpenOption.WRITE);
    }

    private static List<RecordId> append(Ledger ledger, int records) {
        List<RecordId> ids = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            ids.add(((AppendResult.Appended)
                            ledger.append(Samples.record(RecordId.generate().value())))
                    .id());
        }
        return ids;
    }

    private static Path saved(Throwable failure) {
        Matcher matcher = SAVED.matcher(String.valueOf(failure.getMessage()));
        assertThat(matcher.find()).as(failure.getMessage()).isTrue();
        return Path.of(matcher.group(1));
    }

    private static Path assertSaved(Throwable failure, List<RecordId> acknowledged) throws IOException {
        Path copy = saved(failure);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("rw-------");
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(copy)) {
            assertThat(acknowledged)
                    .allSatisfy(id -> assertThat(ledger.find(id)).isPresent());
            assertThat(ledger.verify().differences()).isEmpty();
        }
        return copy;
    }
}
