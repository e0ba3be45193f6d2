package dev.tokenledger.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every log has from the engine, shown by the simplest log there is: {@code key output-tokens} on each line. Long because each
 * way that a file can grow, shrink, move or fail between two imports is one.
 */
class LogImportTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty());
    private final PairSource source = new PairSource();

    @FunctionalInterface
    private interface IoAction {
        void run() throws IOException;
    }

    /** Remembers which files it was asked to read, and from where. */
    private static final class PairSource implements LogSource {

        private static final Merge LARGEST_OUTPUT = (inForce, offered) ->
                inForce.tokens().output() >= offered.tokens().output() ? inForce : offered;

        private final Set<String> reads = new ConcurrentSkipListSet<>();
        private Growth growth = Growth.APPENDED;

        /** What somebody does to a file that was just read. */
        private IoAction afterReading = () -> {};

        @Override
        public String name() {
            return "pairs";
        }

        @Override
        public List<Path> defaultFolders(Map<String, String> environment, Path home) {
            return List.of(home.resolve("pairs"));
        }

        @Override
        public List<Path> foldersOf(Path folder) {
            Path below = folder.resolve("pairs");
            return Files.isDirectory(below) ? List.of(below) : List.of(folder);
        }

        @Override
        public boolean reads(Path file) {
            return file.getFileName().toString().endsWith(".pairs");
        }

        @Override
        public Growth growth(Path file) {
            return growth;
        }

        @Override
        public void read(ImportFile file, ImportSink sink) throws IOException {
            reads.add(file.path().getFileName() + "@" + file.offset() + ":" + file.line() + file.carry());
            long line = file.line();
            String carry = file.carry();
            try (Lines lines = new Lines(file.open(), 1_000)) {
                while (lines.next()) {
                    line++;
                    String text =
                            new String(lines.bytes(), lines.offset(), lines.length(), StandardCharsets.UTF_8).strip();
                    String[] pair = text.split(" ");
                    if (text.isEmpty()) {
                        sink.ignore(line);
                    } else if (pair.length != 2) {
                        sink.skip(line, "no_pair", "two words are expected, found " + pair.length);
                    } else {
                        sink.call(line, new RecordCall("pairs:" + pair[0], record(pair), LARGEST_OUTPUT));
                        carry = " last " + pair[0];
                    }
                    sink.reached(file.offset() + lines.position(), line, carry);
                }
            }
            afterReading.run();
        }

        private static UsageRecord record(String[] pair) {
            return UsageRecord.builder()
                    .model("house")
                    .timestamp(NOON)
                    .outputTokens(Long.parseLong(pair[1]))
                    .build();
        }
    }

    @Test
    void copiesOfACall_areOneRecordWithoutACorrection() throws IOException {
        write("a.pairs", "one 1\ntwo 2\none 10\n");
        write("b/c.pairs", "one 100\n\nthree 3\nbad\n");
        write("b/other.txt", "one 1000\n");
        ImportReport report = run(folder);
        assertThat(report.files()).isEqualTo(2);
        assertThat(report.lines()).isEqualTo(7);
        assertThat(report.used()).isEqualTo(5);
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("no_pair", 1L));
        assertThat(report.appended()).isEqualTo(3);
        assertThat(report.calls()).isEqualTo(3);
        assertThat(report.problems())
                .extracting(ImportProblem::toString)
                .containsExactly(folder.resolve("b/c.pairs").toRealPath() + ":4: two words are expected, found 1");
        assertThat(outputs()).isEqualTo(105);
    }

    @Test
    void unchangedFiles_areNotOpened() throws IOException {
        write("a.pairs", "one 1\n");
        write("b.pairs", "two 2\nbad\n");
        run(folder);
        source.reads.clear();
        ImportReport again = run(folder);
        assertThat(source.reads).isEmpty();
        assertThat(again.files()).isEqualTo(2);
        assertThat(again.unchangedFiles()).isEqualTo(2);
        assertThat(again.lines()).isZero();
        assertThat(again.clean()).isTrue();
    }

    @Test
    void grownFile_isReadOnAndACallThatGrewIsCorrected() throws IOException {
        Path file = write("a.pairs", "one 1\ntwo 2\n");
        run(folder);
        source.reads.clear();
        Files.writeString(file, "one 5\nthree 3\ntwo 1\n", StandardOpenOption.APPEND);
        ImportReport report = run(file);
        assertThat(source.reads).containsExactly("a.pairs@12:2 last two");
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(outputs()).isEqualTo(10);
    }

    @Test
    void shortenedFile_isReadAgain() throws IOException {
        Path file = write("a.pairs", "one 1\ntwo 2\nthree 3\n");
        run(folder);
        source.reads.clear();
        Files.writeString(file, "one 1\nfour 4\n");
        ImportReport report = run(folder);
        assertThat(source.reads).containsExactly("a.pairs@0:0");
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(outputs()).isEqualTo(10);
    }

    @Test
    void rewrittenFile_isReadAgainThoughItIsLonger() throws IOException {
        Path file = write("a.pairs", "one 1\ntwo 2\n");
        run(folder);
        source.reads.clear();
        Files.writeString(file, "two 2\none 1\nsix 6\n");
        assertThat(run(folder).appended()).isEqualTo(1);
        assertThat(source.reads).containsExactly("a.pairs@0:0");
    }

    @Test
    void fileRewrittenWhileItWasRead_isReadFromItsBeginningNextTime() throws IOException {
        Path file = write("a.pairs", "one 1\ntwo 2\n");
        source.afterReading = () -> Files.writeString(file, "six 6\nten 10\nfour 4\n");
        run(folder);
        source.afterReading = () -> {};
        source.reads.clear();
        assertThat(run(folder).appended()).isEqualTo(3);
        assertThat(source.reads).containsExactly("a.pairs@0:0");
        assertThat(outputs()).isEqualTo(23);
    }

    @Test
    void fileThatGrewWhileItWasRead_isReadOn() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        source.afterReading = () -> Files.writeString(file, "two 2\n", StandardOpenOption.APPEND);
        run(folder);
        source.afterReading = () -> {};
        source.reads.clear();
        assertThat(run(folder).appended()).isEqualTo(1);
        assertThat(source.reads).containsExactly("a.pairs@6:1 last one");
    }

    @Test
    void anotherFileUnderTheName_isReadFromItsBeginning() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        run(folder);
        source.reads.clear();
        Path other = folder.resolve("new");
        Files.writeString(other, "one 1\ntwo 2\n");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(run(folder).appended()).isEqualTo(1);
        assertThat(source.reads).containsExactly("a.pairs@0:0");
    }

    @Test
    void touchedFile_isOpenedOnceAndHasNothingNew() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        run(folder);
        source.reads.clear();
        Files.setLastModifiedTime(file, FileTime.from(NOON));
        assertThat(run(folder).lines()).isZero();
        assertThat(run(folder).unchangedFiles()).isEqualTo(1);
        assertThat(source.reads).containsExactly("a.pairs@6:1 last one");
    }

    @Test
    void wholeDocuments_areReadAgainWhenTheyChange() throws IOException {
        source.growth = LogSource.Growth.REWRITTEN;
        Path file = write("a.pairs", "one 1\n");
        run(folder);
        assertThat(run(folder).unchangedFiles()).isEqualTo(1);
        Files.writeString(file, "one 1\ntwo 2\n");
        run(folder);
        assertThat(source.reads).containsExactly("a.pairs@0:0");
        assertThat(outputs()).isEqualTo(3);
    }

    @Test
    void filesThatHideTheirChanges_areAlwaysReadAndCarryWhatWasSeen() throws IOException {
        source.growth = LogSource.Growth.UNDETECTABLE;
        write("a.pairs", "one 1\n");
        run(folder);
        run(folder);
        assertThat(source.reads).containsExactly("a.pairs@0:0", "a.pairs@0:0 last one");
    }

    @Test
    void rootFolder_isNarrowedToWhatMatters() throws IOException {
        write("pairs/a.pairs", "one 1\n");
        write("elsewhere/b.pairs", "two 2\n");
        assertThat(run(folder).files()).isEqualTo(1);
        assertThat(run(folder.resolve("elsewhere")).appended()).isEqualTo(1);
    }

    @Test
    void namedFile_isReadWhateverItIsCalled() throws IOException {
        assertThat(run(write("log.txt", "one 1\n")).appended()).isEqualTo(1);
    }

    @Test
    void samePathTwice_isReadOnce() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        ImportReport report = Importer.into(ledger).build().run(source, List.of(file, folder, file));
        assertThat(report.files()).isEqualTo(1);
        assertThat(report.lines()).isEqualTo(1);
    }

    @Test
    void linkedFolders_areFollowedAndLoopsAreNot() throws IOException {
        write("real/a.pairs", "one 1\n");
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.createSymbolicLink(root.resolve("link"), folder.resolve("real"));
        Files.createSymbolicLink(root.resolve("loop"), root);
        Files.createSymbolicLink(root.resolve("dangling.pairs"), folder.resolve("none"));
        ImportReport report = run(root);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.clean()).isTrue();
    }

    @Test
    void fileThatSeveralPathsLeadTo_isReadOnce_byItsOwn() throws IOException {
        Path file = write("root/b/a.pairs", "one 1\n");
        write("elsewhere/z.pairs", "two 2\n");
        Path root = folder.resolve("root");
        Files.createSymbolicLink(root.resolve("a"), root.resolve("b"));
        Files.createSymbolicLink(root.resolve("b/c.pairs"), file);
        Files.createSymbolicLink(root.resolve("y"), folder.resolve("elsewhere"));
        Files.createSymbolicLink(root.resolve("x"), folder.resolve("elsewhere"));

        ImportReport report = run(root);

        assertThat(report.files()).isEqualTo(2);
        assertThat(report.lines()).isEqualTo(2);
        assertThat(ledger.readerStates(source.name() + ":"))
                .containsOnlyKeys(
                        source.name() + ":" + file.toRealPath(),
                        source.name() + ":" + root.toRealPath().resolve("x/z.pairs"));
        assertThat(run(root).unchangedFiles()).isEqualTo(2);
    }

    @Test
    void missingPath_isReportedAndTheOthersAreRead() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        Path none = folder.resolve("none");
        ImportReport report = Importer.into(ledger).build().run(source, List.of(none, file));
        assertThat(report.files()).isEqualTo(2);
        assertThat(report.unreadableFiles()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.problems())
                .extracting(ImportProblem::toString)
                .containsExactly(none + ": there is no such file");
    }

    @Test
    void dryRun_storesNeitherRecordsNorStates() throws IOException {
        write("a.pairs", "one 1\none 2\ntwo 2\n");
        ImportReport dry =
                Importer.into(ledger).dryRun(PriceBook.empty()).build().run(source, List.of(folder));
        assertThat(dry.appended()).isEqualTo(2);
        assertThat(ledger.readerStates("")).isEmpty();
        assertThat(outputs()).isZero();
        assertThat(run(folder).appended()).isEqualTo(2);
    }

    @Test
    void refusedCall_takesItsLinesOutOfTheUsedOnes() throws IOException {
        write("a.pairs", "one 1\ndear 999999999999\none 2\ndear 1\n");
        PriceBook prices = PriceBook.of(List.of(PriceEntry.simple("house", BigDecimal.ONE, BigDecimal.TEN)));
        Ledger priced = InMemoryLedger.open(prices);
        ImportReport report = Importer.into(priced).build().run(source, List.of(folder));
        assertThat(report.lines()).isEqualTo(4);
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("refused", 2L));
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.problems()).extracting(ImportProblem::line).containsExactly(2L);
    }

    @Test
    void reversedByHand_staysReversed() throws IOException {
        Path file = write("a.pairs", "one 1\n");
        run(folder);
        ledger.reverse(RecordId.of("pairs:one"), "not ours");
        Files.writeString(file, "one 7\n", StandardOpenOption.APPEND);
        assertThat(run(folder).duplicates()).isEqualTo(1);
        assertThat(outputs()).isZero();
    }

    @Test
    void statesNeverRunAheadOfTheirRecords() throws IOException {
        // Every prefix of the commits is what a program that died there would leave.
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            text.append("call").append(i).append(" 1\n");
        }
        write("a.pairs", text.toString());
        write("b.pairs", "call3 9\nlast 1\n");
        for (int commits = 0; commits < 12; commits++) {
            Ledger dying = InMemoryLedger.open(PriceBook.empty());
            int left = commits;
            int[] count = {0};
            ImportRun first = new ImportRun(
                    new LedgerWriter(batch -> {
                        if (count[0]++ == left) {
                            throw new IllegalStateException("died");
                        }
                        return dying.write(batch);
                    }),
                    dying,
                    7,
                    2,
                    20,
                    ImportListener.NONE);
            try {
                first.run(source, List.of(folder));
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("died");
            }
            Importer.into(dying).build().run(source, List.of(folder));
            assertThat(dying.summary(TimeWindow.all()).totalOutputTokens())
                    .as("after %d commits", commits)
                    .isEqualTo(49);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void ledgerIsTheSame_whateverTheThreadsAndTheMemory(long seed) throws IOException {
        Random random = new Random(seed);
        for (int file = 0; file < 40; file++) {
            StringBuilder text = new StringBuilder();
            for (int line = random.nextInt(30); line > 0; line--) {
                text.append(random.nextInt(60))
                        .append(' ')
                        .append(random.nextInt(1_000))
                        .append('\n');
            }
            write(file % 5 + "/" + file + ".pairs", text.toString());
        }
        List<String> expected = null;
        for (int threads : List.of(1, 2, 7)) {
            for (int pending : List.of(1, 13, 1_000)) {
                Ledger one = InMemoryLedger.open(PriceBook.empty());
                List<Path> paths = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    paths.add(folder.resolve(Integer.toString(i)));
                }
                Collections.shuffle(paths, random);
                ImportReport report = Importer.into(one)
                        .threads(threads)
                        .pendingCalls(pending)
                        .build()
                        .run(source, paths);
                assertThat(report.used()).as("seed %d", seed).isEqualTo(report.lines());
                List<String> found = inForce(one);
                expected = expected == null ? found : expected;
                assertThat(found)
                        .as("seed %d, %d threads, %d pending", seed, threads, pending)
                        .isEqualTo(expected);
                if (pending == 1_000) {
                    assertThat(report.corrected()).as("seed %d", seed).isZero();
                }
                assertThat(Importer.into(one).build().run(source, paths).lines())
                        .isZero();
            }
        }
    }

    private static List<String> inForce(Ledger ledger) {
        return ledger.records(RecordQuery.over(TimeWindow.all()).limit(1_000).build()).entries().stream()
                .map(entry -> entry.id().value().replaceAll("~.*", "") + "="
                        + entry.record().tokens().output())
                .sorted()
                .toList();
    }

    private long outputs() {
        return ledger.summary(TimeWindow.all()).totalOutputTokens();
    }

    private ImportReport run(Path path) {
        return Importer.into(ledger).build().run(source, List.of(path));
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
