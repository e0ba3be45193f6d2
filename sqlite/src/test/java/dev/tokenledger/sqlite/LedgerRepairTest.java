package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.LedgerRepair.Outcome;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ledgers that are restored from a backup, or recovered from what is left of them. */
@Tag("once")
class LedgerRepairTest {

    private static final Instant NOW = Instant.parse("2026-11-28T20:15:30Z");
    private static final String STAMP = "20261128T201530Z";
    private static final int PAGE = 4_096;
    private static final List<String> SUFFIXES = List.of("", "-wal", "-shm");

    @TempDir
    private Path folder;

    private Path file;
    private Path backup;

    @BeforeEach
    void name() throws IOException {
        file = Files.createDirectory(folder.resolve("home")).resolve("usage.db");
        backup = folder.resolve("backup.db");
    }

    /** A ledger as a kill leaves it: with a log that nothing has copied into the file. */
    private List<RecordId> crash(int before, int after) throws IOException {
        try {
            return crash(before, after, "SELECT 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param last what another connection does, before a few more records are written */
    private List<RecordId> crash(int before, int after, String last) throws IOException, SQLException {
        Path living = folder.resolve("living.db");
        List<RecordId> ids = new ArrayList<>();
        try (SqliteLedger ledger = SqliteLedger.open(living, PriceBook.empty())) {
            ids.addAll(append(ledger, before));
            ledger.backUpTo(backup);
            ids.addAll(append(ledger, after));
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + living);
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_autocheckpoint = 0");
                statement.execute(last);
            }
            if (last.startsWith("PRAGMA")) {
                ids.addAll(append(ledger, 3));
            }
            for (String suffix : SUFFIXES) {
                Files.copy(Path.of(living + suffix), Path.of(file + suffix));
            }
        }
        return ids;
    }

    private static List<RecordId> append(Ledger ledger, int count) {
        List<RecordId> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(((AppendResult.Appended)
                            ledger.append(Samples.builder(RecordId.generate().value())
                                    .sessionId("s" + i % 7)
                                    .attribute("team", "t" + i % 5)
                                    .build()))
                    .id());
        }
        return ids;
    }

    @Test
    void restoreAfterACrash_bringsTheBackup_andSetsEverythingElseAside() throws IOException {
        List<RecordId> ids = crash(20, 30);
        Map<String, byte[]> old = content();

        Outcome outcome = LedgerRepair.restore(file, backup, NOW);

        assertThat(outcome.entries()).isEqualTo(20);
        assertHolds(file, ids.subList(0, 20));
        Path aside = Path.of(file + ".before-restore-" + STAMP);
        assertThat(outcome.setAside())
                .containsExactlyElementsOf(
                        SUFFIXES.stream().map(suffix -> Path.of(aside + suffix)).toList());
        for (String suffix : SUFFIXES) {
            assertThat(Path.of(aside + suffix)).hasBinaryContent(old.get("usage.db" + suffix));
        }
        assertHolds(aside, ids);
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            append(ledger, 1);
            assertThat(ledger.verify().entries()).isEqualTo(21);
        }
    }

    @Test
    void restore_again_setsTheFirstOneAsideToo() throws IOException {
        crash(2, 3);
        LedgerRepair.restore(file, backup, NOW);

        Outcome outcome = LedgerRepair.restore(file, backup, NOW);

        assertThat(outcome.setAside()).containsExactly(Path.of(file + ".before-restore-" + STAMP + "-2"));
    }

    @Test
    void restore_whereNothingOrAnEmptyFileIs_bringsTheBackup() throws IOException {
        List<RecordId> ids = crash(5, 1);
        for (String suffix : SUFFIXES) {
            Files.delete(Path.of(file + suffix));
        }
        assertThat(LedgerRepair.restore(file, backup, NOW).setAside()).isEmpty();
        assertHolds(file, ids.subList(0, 5));

        Files.write(file, new byte[0]);
        LedgerRepair.restore(file, backup, NOW);
        assertHolds(file, ids.subList(0, 5));
    }

    @Test
    void restore_whereOnlyTheLogIsLeft_setsThatAside() throws IOException {
        List<RecordId> ids = crash(5, 5);
        byte[] log = Files.readAllBytes(Path.of(file + "-wal"));
        Files.delete(file);

        LedgerRepair.restore(file, backup, NOW);

        assertHolds(file, ids.subList(0, 5));
        assertThat(Path.of(file + ".before-restore-" + STAMP + "-wal")).hasBinaryContent(log);
    }

    @Test
    void restore_whileAnybodyHasTheLedgerOpen_isRefused() throws IOException {
        crash(5, 5);
        try (ChildProcess reader =
                ChildProcess.of(ReadingChild.class, file.toString()).start()) {
            reader.await(line -> line.startsWith("sees "));
            Map<String, byte[]> before = content();

            assertThatThrownBy(() -> LedgerRepair.restore(file, backup, NOW))
                    .isInstanceOf(LedgerBusyException.class)
                    .hasMessageContaining("another program has it open; nothing was changed");
            assertThatThrownBy(() -> LedgerRepair.recover(file, Optional.empty(), NOW))
                    .isInstanceOf(LedgerBusyException.class);
            assertThat(content().keySet()).isEqualTo(before.keySet());
        }
    }

    @Test
    void restoreOfADamagedBackup_isRefused_andTheLedgerStaysAsItWas() throws IOException {
        crash(50, 5);
        Map<String, byte[]> before = content();
        byte[] damaged = Files.readAllBytes(backup);
        Arrays.fill(damaged, 5 * PAGE, 6 * PAGE, (byte) 0x5a);
        Files.write(backup, damaged);

        assertThatThrownBy(() -> LedgerRepair.restore(file, backup, NOW)).isInstanceOf(LedgerCorruptException.class);

        assertUnchanged(before);
    }

    @Test
    void restoreOfWhatIsNoLedger_isRefused_andTheLedgerStaysAsItWas() throws IOException {
        crash(5, 5);
        Map<String, byte[]> before = content();

        assertThatThrownBy(() -> LedgerRepair.restore(file, folder.resolve("no such"), NOW))
                .isInstanceOf(LedgerUnavailableException.class);
        assertThatThrownBy(() -> LedgerRepair.restore(file, folder, NOW))
                .isInstanceOf(LedgerIncompatibleException.class);
        assertThatThrownBy(() -> LedgerRepair.restore(file, file, NOW)).isInstanceOf(LedgerUnavailableException.class);

        assertUnchanged(before);
    }

    @Test
    void logWithoutItsFile_isPutTogetherWithTheFileThatWasMoved() throws IOException {
        List<RecordId> ids = crash(100, 50);
        Files.move(file, file.resolveSibling("elsewhere"));

        Outcome outcome = LedgerRepair.recover(file, Optional.empty(), NOW).orElseThrow();

        assertThat(outcome.lost()).isEmpty();
        assertHolds(file, ids);
        assertThat(Path.of(file + ".before-recovery-" + STAMP + "-wal")).exists();
    }

    @Test
    void logThatHoldsAllPages_isEnough() throws IOException, SQLException {
        List<RecordId> ids = crash(100, 50, "VACUUM");
        Files.delete(file);

        Outcome outcome = LedgerRepair.recover(file, Optional.empty(), NOW).orElseThrow();

        assertThat(outcome.source()).isEqualTo(Path.of(file + "-wal"));
        assertHolds(file, ids);
    }

    @Test
    void logWithoutItsFile_isLeftAsItIs_whenThatIsNowhere() throws IOException, SQLException {
        List<RecordId> ids = crash(300, 5, "PRAGMA wal_checkpoint(TRUNCATE)");
        Path moved = Files.move(file, folder.resolve("moved.db"));
        // A ledger that it does not belong to.
        Files.copy(backup, file.resolveSibling("another.db"));
        Map<String, byte[]> before = content();

        assertThatThrownBy(() -> LedgerRepair.recover(file, Optional.empty(), NOW))
                .isInstanceOf(LedgerCorruptException.class)
                .hasMessageContaining("name that file with --file");
        assertUnchanged(before);

        assertThat(LedgerRepair.recover(file, Optional.of(moved), NOW)
                        .orElseThrow()
                        .lost())
                .isEmpty();
        assertHolds(file, ids);
        assertThat(moved).exists();
    }

    @Test
    void damagedFrameWhosePageWasWrittenAgain_losesNothing() throws IOException {
        List<RecordId> ids = crash(1, 60);
        Path wal = Path.of(file + "-wal");
        byte[] log = Files.readAllBytes(wal);
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        LogFrames frames = LogFrames.of(wal);
        LogFrames.Frame damaged = frames.frames().stream()
                .filter(frame -> frames.frames().stream()
                        .anyMatch(later -> later.position() > frame.position() && later.page() == frame.page()))
                .skip(random.nextInt(20))
                .findFirst()
                .orElseThrow();
        log[(int) damaged.position() + random.nextInt(PAGE)] ^= 1;
        Files.write(wal, log);
        assertThatThrownBy(() -> SqliteLedger.open(file, PriceBook.empty())).isInstanceOf(LedgerCorruptException.class);

        Outcome outcome = LedgerRepair.recover(file, Optional.empty(), NOW).orElseThrow();

        assertThat(outcome.lost()).as("seed %d", seed).isEmpty();
        assertHolds(file, ids);
        assertThat(Path.of(file + ".before-recovery-" + STAMP + "-wal")).hasBinaryContent(log);
    }

    /** Whatever page is damaged: each record is there afterwards, or named. */
    @Test
    void damagedPages_loseWhatTheyHeld_andThatIsNamed() throws IOException {
        List<RecordId> ids = crash(400, 1);
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            ledger.reverse(ids.get(7), "twice");
        }
        byte[] sound = Files.readAllBytes(file);
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        int saved = 0;
        for (int page = 1; page < sound.length / PAGE; page++) {
            byte[] content = sound.clone();
            byte[] garbage = new byte[PAGE];
            random.nextBytes(garbage);
            System.arraycopy(garbage, 0, content, page * PAGE, PAGE);
            Files.write(file, content);
            String where = "garbage in page " + (page + 1) + ", seed " + seed;
            Optional<Outcome> outcome;
            try {
                outcome = LedgerRepair.recover(file, Optional.empty(), NOW);
            } catch (LedgerCorruptException e) {
                assertThat(file).as(where).hasBinaryContent(content);
                continue;
            }
            assertThat(outcome).as(where).isPresent();
            try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
                assertThat(ledger.verify().differences()).as(where).isEmpty();
                String lost = String.join("\n", outcome.get().lost());
                for (RecordId id : ids) {
                    assertThat(ledger.find(id).isPresent()
                                    || lost.contains(id.value())
                                    || lost.contains("not known")
                                    || lost.contains("whose model was lost"))
                            .as("%s: %s, lost: %s", where, id, lost)
                            .isTrue();
                }
            }
            saved++;
        }
        assertThat(saved).isGreaterThan(sound.length / PAGE / 2);
    }

    @Test
    void damagedFirstBytes_loseNothing() throws IOException {
        List<RecordId> ids = crash(30, 1);
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            append(ledger, 1);
        }
        byte[] content = Files.readAllBytes(file);
        Arrays.fill(content, 0, 100, (byte) 0);
        Files.write(file, content);

        Outcome outcome = LedgerRepair.recover(file, Optional.empty(), NOW).orElseThrow();

        assertThat(outcome.lost()).isEmpty();
        assertHolds(file, ids);
    }

    @Test
    void soundLedger_isLeftAsItIs() throws IOException {
        crash(5, 5);
        Map<String, byte[]> before = content();

        assertThat(LedgerRepair.recover(file, Optional.empty(), NOW)).isEmpty();

        assertThat(content().keySet()).isEqualTo(before.keySet());
        assertThat(file).hasBinaryContent(before.get("usage.db"));
    }

    @Test
    void nothingAtAll_isSaid() {
        assertThatThrownBy(() -> LedgerRepair.recover(file, Optional.empty(), NOW))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("restore a backup");
        assertThat(file.getParent()).isEmptyDirectory();
    }

    private Map<String, byte[]> content() throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(file.getParent())) {
            for (Path each : files.toList()) {
                content.put(each.getFileName().toString(), Files.readAllBytes(each));
            }
        }
        return content;
    }

    private void assertUnchanged(Map<String, byte[]> before) throws IOException {
        Map<String, byte[]> now = content();
        assertThat(now.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(now.get(name)).as(name).isEqualTo(bytes));
    }

    private static void assertHolds(Path path, List<RecordId> ids) {
        try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(path)) {
            assertThat(ids).allSatisfy(id -> assertThat(ledger.find(id)).isPresent());
            assertThat(ledger.verify().entries()).isGreaterThanOrEqualTo(ids.size());
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }
}
