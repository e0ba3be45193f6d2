package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands at a path where a ledger is to be opened, and is not, or no longer, a sound one. */
class LedgerFileTest {

    private static final int STEPS = 80;
    private static final int PAGE_BYTES = 4_096;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("usage.db");
    }

    /** It was a ledger once, or is a mistake in the path; a new one in its place would answer 0. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void emptyFile_isRefused_andStaysAsItWas(boolean readOnly) throws IOException {
        Files.createFile(file);

        assertThatThrownBy(() -> open(readOnly))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessageStartingWith(
                        "cannot open " + file + ": it is an empty file, not a ledger; nothing was changed.")
                .hasMessageContaining("tokenledger restore BACKUP");
        assertThat(file).isEmptyFile();
    }

    /** To open a FIFO would wait for somebody to write to it, for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fifo_isRefused_withoutWaiting(boolean readOnly) throws IOException {
        assertThat(Sandbox.run("mkfifo", file.toString())).isZero();

        assertThatThrownBy(() -> open(readOnly))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessageContaining("it is a FIFO, a socket or a device");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-shm", "-journal"})
    void fifoInPlaceOfALog_isRefused_withoutWaiting(String suffix) throws IOException {
        fill();
        assertThat(Sandbox.run("mkfifo", file + suffix)).isZero();

        assertThatThrownBy(() -> open(true)).isInstanceOf(LedgerIncompatibleException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/dev/zero", "/proc/version", "/proc/self/mem"})
    void whatTheSystemShowsAsAFile_isRefused(String path) {
        assertThatThrownBy(() -> SqliteLedger.builder().readOnly(true).open(Path.of(path)))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessageStartingWith("cannot open " + path + ": it is ");
    }

    /** SQLite would delete the log together with what was acknowledged last. */
    @ParameterizedTest
    @CsvSource({"-wal, true", "-wal, false", "-journal, true", "-journal, false"})
    void logWithoutItsFile_isRefused_andStaysAsItWas(String suffix, boolean readOnly) throws IOException {
        byte[] log = "acknowledged".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        Path path = Files.write(Path.of(file + suffix), log);

        assertThatThrownBy(() -> open(readOnly))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining(path + ", with what was acknowledged last; nothing was changed")
                .hasMessageContaining("recover");
        assertThat(path).hasBinaryContent(log);
        assertThat(file).doesNotExist();
    }

    @Test
    void linkToNowhere_isRefused_andNothingIsMadeThere() throws IOException {
        Path missing = folder.resolve("not mounted.db");
        Files.createSymbolicLink(file, missing);

        assertThatThrownBy(() -> open(false))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("it is a link");
        assertThat(missing).doesNotExist();
    }

    @Test
    void onlyWhatIsProvablyAbsent_isAbsent() throws IOException {
        assertThat(SqliteLedger.isAbsent(file)).isTrue();
        assertThat(SqliteLedger.isAbsent(folder.resolve("no/such/folder.db"))).isTrue();
        fill();
        assertThat(SqliteLedger.isAbsent(file)).isFalse();
        Files.write(file, new byte[0]);
        assertThatThrownBy(() -> SqliteLedger.isAbsent(file)).isInstanceOf(LedgerIncompatibleException.class);
    }

    @Test
    void newLedger_isReadableByItsOwnerAlone_andSoIsAllThatBelongsToIt() throws IOException {
        Path copy = folder.resolve("copy.db");
        try (SqliteLedger ledger = SqliteLedger.open(file, Workload.PRICES)) {
            Workload.step(Mix.CORRECT, "r.t1", 1).writeTo(ledger);
            ledger.backUpTo(copy);
            for (String path : List.of("usage.db", "usage.db-wal", "usage.db-shm", "copy.db")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(path))))
                        .as(path)
                        .isEqualTo("rw-------");
            }
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(file, copy);
        }
    }

    @Test
    void ledgerThatOthersMayRead_isWarnedAboutOnce() throws IOException {
        fill();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SqliteLedger.builder()
                    .prices(Workload.PRICES)
                    .onWarning(warnings::add)
                    .open(file)
                    .close();
        }
        assertThat(warnings).hasSize(1).first().asString().contains("chmod 600 " + file);
    }

    private Ledger open(boolean readOnly) {
        return SqliteLedger.builder().prices(Workload.PRICES).readOnly(readOnly).open(file);
    }

    @Test
    void folder_isRefused() {
        assertThatThrownBy(() -> TestLedgers.open(folder))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessage("cannot open %s: it is a folder; nothing was changed, name a file in it", folder);
    }

    @Test
    void missingFolder_isRefused_andNotCreated() {
        Path missing = folder.resolve("missing");
        Path inMissing = missing.resolve("usage.db");

        assertThatThrownBy(() -> TestLedgers.open(inMissing))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessage(
                        "cannot open %s: its folder does not exist; nothing was created, make the folder first",
                        inMissing);
        assertThat(missing).doesNotExist();
    }

    @Test
    void textFile_isRefused_andStaysAsItWas() throws IOException {
        byte[] text = "model,tokens\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        Files.write(file, text);

        assertThatThrownBy(() -> TestLedgers.open(file))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessage("cannot open %s: it is not a SQLite file; nothing was changed, choose another file", file);
        assertThat(file).hasBinaryContent(text);
        assertThat(folder).isDirectoryNotContaining("glob:**usage.db-*");
    }

    @Test
    void foreignDatabase_isRefused_andStaysAsItWas() throws IOException, SQLException {
        execute("CREATE TABLE usage_records (id TEXT)", "INSERT INTO usage_records VALUES ('x')");
        byte[] content = Files.readAllBytes(file);

        assertThatThrownBy(() -> TestLedgers.open(file))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessage(
                        "cannot open %s: it is a SQLite file, but not a ledger (application id 0); nothing was changed,"
                                + " choose another file",
                        file);
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void newerSchema_isRefused_andStaysAsItWas() throws IOException, SQLException {
        fill();
        execute("PRAGMA user_version = 99");
        byte[] content = Files.readAllBytes(file);

        assertThatThrownBy(() -> TestLedgers.open(file))
                .isInstanceOf(LedgerIncompatibleException.class)
                .hasMessageStartingWith("cannot open " + file + ": its schema has version 99, and this program knows")
                .hasMessageEndingWith("; nothing was changed, upgrade the program");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void damagedHeader_isRefused_andStaysAsItWas() throws IOException {
        fill();
        byte[] content = Files.readAllBytes(file);
        Arrays.fill(content, 0, 16, (byte) 0xa5);
        Files.write(file, content);

        assertThatThrownBy(() -> TestLedgers.open(file))
                .isInstanceOf(LedgerCorruptException.class)
                .hasMessage(
                        "cannot open %s: its first bytes are damaged; nothing was changed, keep a copy of it and of its"
                                + " -wal file, and restore a backup",
                        file);
        assertThat(file).hasBinaryContent(content);
    }

    /** Damage in pages that no append touches is found when they are read: by a check, at the latest. */
    @Test
    void damagedPages_areFoundByVerify() throws IOException {
        fill();
        byte[] sound = Files.readAllBytes(file);
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        for (int page = 1; page < sound.length / PAGE_BYTES; page++) {
            byte[] damaged = sound.clone();
            byte[] garbage = new byte[PAGE_BYTES];
            random.nextBytes(garbage);
            System.arraycopy(garbage, 0, damaged, page * PAGE_BYTES, PAGE_BYTES);
            Files.write(file, damaged);
            assertThat(found())
                    .as("garbage in page %d of %d, seed %d", page + 1, sound.length / PAGE_BYTES, seed)
                    .isTrue();
        }
    }

    @Test
    void fileCutShort_isFound() throws IOException {
        fill();
        byte[] sound = Files.readAllBytes(file);
        for (int pages = 1; pages < sound.length / PAGE_BYTES; pages++) {
            Files.write(file, Arrays.copyOf(sound, pages * PAGE_BYTES));
            assertThat(found()).as("cut after %d pages", pages).isTrue();
        }
    }

    private boolean found() {
        try (Ledger ledger = TestLedgers.open(file)) {
            VerifyReport report = ledger.verify();
            return !report.clean();
        } catch (LedgerCorruptException e) {
            assertThat(e).hasMessageContaining(file.toString());
            return true;
        } catch (LedgerException e) {
            throw new AssertionError("damage was taken for something else", e);
        }
    }

    private void fill() {
        try (Ledger ledger = TestLedgers.open(file)) {
            for (int number = 1; number <= STEPS; number++) {
                Workload.step(Mix.CORRECT, "r.t1", number).writeTo(ledger);
            }
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
