package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The write-ahead log after a crash. Commits stand in it one behind the other, each synced before the next one began: so
 * at most the last one can rightly be broken. SQLite by itself takes whatever stands before the first broken frame for
 * the whole, without a word; the ledger must not.
 */
class WriteAheadLogTest {

    private static final int STEPS = 25;
    private static final int HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final String WRITER = "r.t1";

    @TempDir
    private Path folder;

    private Ledger crashed;
    private byte[] database;
    private byte[] log;
    private int number;

    /** One commit a step, all of them in the log alone; then the files as a crash leaves them. */
    @BeforeEach
    void crash() throws IOException {
        Path file = folder.resolve("usage.db");
        crashed = TestLedgers.open(file);
        for (int step = 1; step <= STEPS; step++) {
            Workload.step(Mix.APPEND, WRITER, step).writeTo(crashed);
        }
        database = Files.readAllBytes(file);
        log = Files.readAllBytes(folder.resolve("usage.db-wal"));
        // What the log was pre-allocated or used for before is no part of it.
        log = Arrays.copyOf(log, frames().get(frames().size() - 1).end());
    }

    @AfterEach
    void close() {
        crashed.close();
    }

    @Test
    void intactLog_opensWithEverything() throws IOException, SQLException {
        assertThat(commits()).hasSize(STEPS);
        assertHolds(image(log), STEPS);
    }

    @Test
    void logCutShort_opensWithTheCommitsThatAreWhole() throws IOException, SQLException {
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        List<Frame> commits = commits();
        for (int i = 0; i < 30; i++) {
            int length = random.nextInt(log.length + 1);
            int whole = (int)
                    commits.stream().filter(commit -> commit.end() <= length).count();
            assertHolds(image(Arrays.copyOf(log, length)), whole);
        }
    }

    @Test
    void missingLog_opensWithWhatHadReachedTheFile() throws IOException, SQLException {
        crashed.close();
        database = Files.readAllBytes(folder.resolve("usage.db"));

        Path file = image(null);

        assertHolds(file, STEPS);
    }

    @Test
    void flippedBit_isNoticed_exceptInTheLastCommit() throws IOException, SQLException {
        long seed = TestLedgers.seed();
        Random random = new Random(seed);
        List<Frame> commits = commits();
        int last = commits.get(commits.size() - 2).end();
        for (int i = 0; i < 120; i++) {
            int position = i < HEADER ? i : random.nextInt(log.length);
            byte[] flipped = log.clone();
            flipped[position] ^= (byte) (1 << random.nextInt(8));
            Path file = image(flipped);
            String where = "a bit of byte " + position + " of " + log.length + " flipped, seed " + seed;
            if (position < last) {
                assertThatThrownBy(() -> TestLedgers.open(file))
                        .as(where)
                        .isInstanceOf(LedgerCorruptException.class)
                        .hasMessageContaining(file.toString());
                // Nothing may have been thrown away: the log is evidence.
                assertThat(file.resolveSibling("usage.db-wal")).hasBinaryContent(flipped);
            } else {
                assertHolds(file, STEPS - 1);
            }
        }
    }

    /** A disk may write a transaction's last frame before those in front of it, where an older log's still stand. */
    @Test
    void lastTransactionBehindFramesOfAnOlderLog_isLeftOut() throws IOException, SQLException {
        List<Frame> frames = frames();
        Frame committing = frames.get(frames.size() - 1);
        Frame torn = frames.get(frames.size() - 2);
        Frame older = frames.get(frames.size() - 3);
        assertThat(List.of(older, torn)).noneMatch(Frame::commit);
        byte[] mixed = log.clone();
        System.arraycopy(log, committing.start(), mixed, older.start(), committing.end() - committing.start());
        ByteBuffer bytes = ByteBuffer.wrap(mixed);
        bytes.putInt(older.start() + 8, bytes.getInt(older.start() + 8) - 1);
        Arrays.fill(mixed, torn.end() - 512, torn.end(), (byte) 1);

        assertHolds(image(mixed), STEPS - 1);
    }

    private record Frame(int start, int end, boolean commit) {}

    private List<Frame> commits() {
        return frames().stream().filter(Frame::commit).toList();
    }

    /** The frames that belong to the log's present use: those with the header's salt. */
    private List<Frame> frames() {
        ByteBuffer bytes = ByteBuffer.wrap(log);
        int page = bytes.getInt(8);
        long salt = bytes.getLong(16);
        List<Frame> frames = new ArrayList<>();
        for (int start = HEADER; start + FRAME_HEADER + page <= log.length; start += FRAME_HEADER + page) {
            if (bytes.getLong(start + 8) != salt) {
                break;
            }
            frames.add(new Frame(start, start + FRAME_HEADER + page, bytes.getInt(start + 4) != 0));
        }
        return frames;
    }

    private Path image(byte[] writeAheadLog) throws IOException {
        Path target = Files.createDirectory(folder.resolve("image-" + ++number));
        Path file = target.resolve("usage.db");
        Files.write(file, database);
        if (writeAheadLog != null) {
            Files.write(target.resolve("usage.db-wal"), writeAheadLog);
        }
        return file;
    }

    private static void assertHolds(Path file, int steps) throws SQLException {
        try (Ledger ledger = TestLedgers.open(file)) {
            Audit audit = new Audit(Mix.APPEND).acknowledge(List.of(Audit.line(WRITER, steps)));
            audit.check(ledger);
            assertThat(audit.steps()).isEqualTo(steps);
        }
        Audit.checkIntegrity(file);
    }
}
