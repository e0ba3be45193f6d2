package dev.tokenledger.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.RecordGenerator;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class RecorderTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path temp;

    private Path folder;
    private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void name() {
        folder = temp.resolve("spool");
    }

    private Recorder.Builder to(Ledger ledger) {
        return tuned(Recorder.builder(ledger, folder));
    }

    private Recorder.Builder tuned(Recorder.Builder builder) {
        return builder.problems(problems::add)
                .pauses(Duration.ofMillis(1), Duration.ofMillis(20))
                .maxDelay(LONG);
    }

    private static UsageRecord call(int number) {
        return UsageRecord.builder()
                .id("openai:resp-" + number)
                .timestamp(Instant.parse("2026-11-01T00:00:00Z").plusSeconds(number))
                .upstreamModel("gpt-4.1")
                .provider("openai")
                .inputTokens(100 + number)
                .outputTokens(10)
                .build();
    }

    private static List<LedgerEntry> entries(Ledger ledger) {
        List<LedgerEntry> entries = new ArrayList<>(
                ledger.records(RecordQuery.over(TimeWindow.all()).limit(1000).build())
                        .entries());
        entries.sort(Comparator.comparingLong(LedgerEntry::sequence));
        return entries;
    }

    @ParameterizedTest
    @EnumSource(Acknowledgement.class)
    void record_isAcknowledgedAndInTheLedger(Acknowledgement wanted) throws Exception {
        try (Ledger ledger = SqliteLedger.open(temp.resolve("l.db"), PriceBook.bundled());
                Recorder recorder = to(ledger).acknowledgement(wanted).build()) {
            Receipt receipt = recorder.record(call(1));

            assertThat(receipt).isEqualTo(wanted == Acknowledgement.COMMITTED ? Receipt.COMMITTED : Receipt.SPOOLED);
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactly(call(1));
            assertThat(recorder.statistics().committed()).isEqualTo(1);
            assertThat(problems).isEmpty();
        }
    }

    @Test
    void spooledRecords_keepEveryField() throws Exception {
        Seeds.run(1, random -> {
            RecordGenerator generator = new RecordGenerator(random);
            for (int i = 0; i < 300; i++) {
                UsageRecord record = generator.next();
                byte[] line = SpoolLine.write(new Outgoing(record, ""));

                UsageRecord read =
                        SpoolLine.read(line, 0, line.length - 1).orElseThrow().record();

                assertThat(record.firstDifference(read)).isEmpty();
                assertThat(read).isEqualTo(record);
                assertThat(read.identity()).isEqualTo(record.identity());
            }
        });
    }

    @Test
    void identityWithoutProviderOrResource_isNotInferredByTheSpool() {
        UsageRecord record = UsageRecord.builder()
                .id("x")
                .identity(new ModelIdentity("mirror/gpt-oss:20b", "gpt-oss:20b", "", ""))
                .build();
        byte[] line = SpoolLine.write(new Outgoing(record, ""));

        assertThat(SpoolLine.read(line, 0, line.length - 1)
                        .orElseThrow()
                        .record()
                        .identity())
                .isEqualTo(record.identity());
    }

    @Test
    void ledgerThatCannotBeOpened_getsAllInOrderOnceItCan() throws Exception {
        Path database = temp.resolve("missing").resolve("l.db");
        AtomicBoolean there = new AtomicBoolean();
        try (Recorder recorder = tuned(Recorder.builder(
                        () -> {
                            if (!there.get()) {
                                throw new LedgerUnavailableException("the database is away", null);
                            }
                            return SqliteLedger.open(database, PriceBook.bundled());
                        },
                        folder))
                .acknowledgement(Acknowledgement.COMMITTED)
                .build()) {
            for (int i = 0; i < 50; i++) {
                assertThat(recorder.record(call(i))).isEqualTo(Receipt.SPOOLED);
            }
            assertThat(recorder.statistics().pending()).isEqualTo(50);
            assertThat(recorder.statistics().ledgerAwaySince()).isPresent();
            assertThat(problems).anyMatch(problem -> problem.contains("the database is away"));

            Files.createDirectories(database.getParent());
            there.set(true);
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(recorder.statistics().ledgerAwaySince()).isEmpty();
        }
        try (Ledger ledger = SqliteLedger.open(database, PriceBook.bundled())) {
            assertThat(entries(ledger))
                    .extracting(entry -> entry.record().tokens().input())
                    .containsExactlyElementsOf(
                            Stream.iterate(100L, n -> n + 1).limit(50).toList());
        }
    }

    @Test
    void fullLedger_failsNoCall_andLosesNothing() throws Exception {
        Faults ledger = new Faults();
        ledger.before = () -> new LedgerFullException("the disk is full", null);
        try (Recorder recorder = to(ledger).build()) {
            for (int i = 0; i < 20; i++) {
                assertThat(recorder.record(call(i)).acknowledged()).isTrue();
            }
        }
        assertThat(entries(ledger)).isEmpty();

        ledger.before = null;
        try (Recorder next = to(ledger).build()) {
            assertThat(next.flush(LONG)).isTrue();
        }
        assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactlyElementsOf(calls(20));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    private static List<UsageRecord> calls(int count) {
        return Stream.iterate(0, n -> n + 1)
                .limit(count)
                .map(RecorderTest::call)
                .toList();
    }

    @Test
    void commitWhoseAnswerWasLost_isNotCountedTwice() throws Exception {
        Faults ledger = new Faults();
        ledger.after = () -> new LedgerUnavailableException("the connection broke", null);
        try (Recorder recorder = to(ledger).build()) {
            recorder.record(call(1));
            recorder.record(call(2));
            while (ledger.writes() < 3) {
                Thread.onSpinWait();
            }
            ledger.after = null;
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(recorder.statistics().duplicates()).isPositive();
        }
        assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactly(call(1), call(2));
    }

    @Test
    void twoTellingsOfOneCall_areOneRecordWithTheBetterFiguresAndBothLabels() throws Exception {
        UsageRecord typed = UsageRecord.builder()
                .id("anthropic:msg_1")
                .timestamp(Instant.parse("2026-11-01T00:00:00.5Z"))
                .upstreamModel("claude-sonnet-4-5-20250929")
                .provider("anthropic")
                .inputTokens(25)
                .outputTokens(15)
                .conversationId("c-1")
                .attribute("team", "search")
                .build();
        UsageRecord raw = UsageRecord.builder()
                .id("anthropic:msg_1")
                .timestamp(Instant.parse("2026-11-01T00:00:00Z"))
                .upstreamModel("claude-sonnet-4-5-20250929")
                .provider("anthropic")
                .inputTokens(25)
                .outputTokens(15)
                .cacheReadInputTokens(4000)
                .serviceTier("priority")
                .outcome(Outcome.SUCCESS)
                .attribute("user", "u-1")
                .build();
        for (List<UsageRecord> order : List.of(List.of(typed, raw), List.of(raw, typed))) {
            Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
            try (Recorder recorder =
                    Recorder.builder(ledger, folder).problems(problems::add).build()) {
                // Again, as after a crash: nothing changes.
                for (int i = 0; i < 3; i++) {
                    order.forEach(recorder::record);
                    assertThat(recorder.flush(LONG)).isTrue();
                }
            }
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
            UsageRecord one = entries(ledger).get(0).record();
            assertThat(one.tokens()).isEqualTo(raw.tokens());
            assertThat(one.serviceTier()).isEqualTo("priority");
            assertThat(one.conversationId()).isEqualTo("c-1");
            assertThat(one.attributes()).containsEntry("team", "search").containsEntry("user", "u-1");
            assertThat(ledger.revisions("anthropic:msg_1")).hasSize(2);
            assertThat(problems).isEmpty();
        }
    }

    @Test
    void spanOfTheSameCall_isTheSameRecord() throws Exception {
        String response = "chatcmpl-0123456789abcdef";
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        UsageRecord span = call(1).toBuilder()
                .id(RecordId.generate())
                .upstreamRequestId(response)
                .source(SameCall.TELEMETRY)
                .attribute("otel.scope.name", "spring-ai")
                .build();
        ledger.revise(SameCall.telemetryKey(response), span, Merge.LATEST);
        UsageRecord answer = call(1).toBuilder()
                .id(RecordId.ofResponse("openai", response).orElseThrow())
                .upstreamRequestId(response)
                .reasoningTokens(5)
                .build();
        try (Recorder recorder = to(ledger).build()) {
            recorder.record(answer);
            assertThat(recorder.flush(LONG)).isTrue();
        }
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ledger.find(answer.id()).orElseThrow().record().attributes()).containsKey("otel.scope.name");
        assertThat(ledger.find(answer.id()).orElseThrow().record().tokens()).isEqualTo(answer.tokens());
    }

    @Test
    void attribution_isThatOfTheScope_whereTheRecordStatesNone() throws Exception {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        Attribution outer =
                Attribution.builder().session("s-1").attribute("team", "search").build();
        Attribution inner = Attribution.builder()
                .conversation("c-1")
                .attribute("team", "other")
                .build();
        try (Recorder recorder = to(ledger).build()) {
            outer.run(() -> inner.run(() ->
                    recorder.record(call(1).toBuilder().attribute("user", "u-1").build())));
            recorder.record(call(2));
            assertThat(recorder.flush(LONG)).isTrue();
        }
        UsageRecord first = entries(ledger).get(0).record();
        assertThat(first.sessionId()).isEqualTo("s-1");
        assertThat(first.conversationId()).isEqualTo("c-1");
        assertThat(first.attributes()).containsEntry("team", "other").containsEntry("user", "u-1");
        assertThat(entries(ledger).get(1).record()).isEqualTo(call(2));
        assertThat(Attribution.current()).isEqualTo(Attribution.NONE);
    }

    @Test
    void faultyRecord_isCountedAndReported_andThrowsNothing() throws Exception {
        try (Recorder recorder = to(InMemoryLedger.open(PriceBook.empty())).build()) {
            Receipt receipt = recorder.record(
                    () -> UsageRecord.builder().model("m").inputTokens(-1).build(), Attribution.NONE);

            assertThat(receipt).isEqualTo(Receipt.DROPPED);
            assertThat(recorder.statistics().dropped()).isEqualTo(1);
            assertThat(problems).singleElement().asString().contains("input_tokens");
        }
    }

    @Test
    void recordThatTheLedgerRejects_isSetAside_andHoldsUpNothing() throws Exception {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        UsageRecord tooDear = call(1).toBuilder()
                .inputTokens(1_000_000_000_000L)
                .outputTokens(1_000_000_000_000L)
                .build();
        UsageRecord more = call(3).toBuilder().id("y".repeat(120)).build();
        try (Recorder recorder = to(ledger).build()) {
            recorder.record(tooDear);
            recorder.record(call(2));
            recorder.record(more);
            recorder.record(more.toBuilder().outputTokens(11).build());
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(recorder.statistics().rejected()).isEqualTo(2);
        }
        assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactly(call(2), more);
        assertThat(Files.readAllLines(folder.resolve("rejected.ndjson"))).hasSize(2);
    }

    @Test
    void fullSpool_keepsRecordsInMemory_untilTheLedgerTakesThem() throws Exception {
        Faults ledger = new Faults();
        ledger.before = () -> new LedgerBusyException("somebody writes", null);
        String label = "v".repeat(500);
        List<UsageRecord> acknowledged = new ArrayList<>();
        List<UsageRecord> others = new ArrayList<>();
        try (Recorder recorder = to(ledger)
                .maxSpoolBytes(1 << 20)
                .maxDelay(Duration.ofMillis(50))
                .build()) {
            for (int i = 0; others.size() < 10; i++) {
                UsageRecord.Builder builder = call(i).toBuilder();
                for (int k = 0; k < 16; k++) {
                    builder.attribute("a" + k, label);
                }
                UsageRecord record = builder.build();
                (recorder.record(record).acknowledged() ? acknowledged : others).add(record);
            }
            assertThat(acknowledged).hasSizeGreaterThan(100);
            assertThat(recorder.statistics().failedSpoolWrites()).isPositive();
            ledger.before = null;
            assertThat(recorder.flush(LONG)).isTrue();
        }
        List<UsageRecord> all = new ArrayList<>(acknowledged);
        all.addAll(others);
        assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void ledgerThatHangs_delaysNoCallBeyondTheBound() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        Duration bound = Duration.ofMillis(40);
        try (Recorder recorder = Recorder.builder(
                        () -> {
                            awaitQuietly(release);
                            return ledger;
                        },
                        folder)
                .maxDelay(bound)
                .acknowledgement(Acknowledgement.COMMITTED)
                .build()) {
            long start = System.nanoTime();
            Receipt receipt = recorder.record(call(1));
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(receipt).isEqualTo(Receipt.SPOOLED);
            assertThat(took).isLessThan(bound.plusSeconds(2));
            release.countDown();
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(entries(ledger)).hasSize(1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void interruptedCaller_recordsAndStaysInterrupted() throws Exception {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        try (Recorder recorder =
                to(ledger).acknowledgement(Acknowledgement.COMMITTED).build()) {
            Thread.currentThread().interrupt();
            Receipt receipt = recorder.record(call(1));

            assertThat(Thread.interrupted()).isTrue();
            assertThat(receipt).isEqualTo(Receipt.COMMITTED);
        }
    }

    @Test
    void closedRecorder_dropsAndSaysSo() throws Exception {
        Recorder recorder = to(InMemoryLedger.open(PriceBook.empty())).build();
        recorder.close();

        assertThat(recorder.record(call(1))).isEqualTo(Receipt.DROPPED);
        assertThat(problems).singleElement().asString().contains("closed");
        recorder.close();
    }

    @Test
    void damagedLine_isPassedOverAndCounted_andTheOthersAreCarriedOn() throws Exception {
        Faults away = new Faults();
        away.before = () -> new LedgerUnavailableException("away", null);
        try (Recorder recorder = to(away).build()) {
            calls(3).forEach(recorder::record);
        }
        Path segment = onlySegment();
        byte[] bytes = Files.readAllBytes(segment);
        String text = new String(bytes, StandardCharsets.UTF_8);
        bytes[text.indexOf("openai:resp-1")] ^= 1;
        Files.write(segment, bytes);
        Files.write(segment, "0123".getBytes(StandardCharsets.US_ASCII), StandardOpenOption.APPEND);
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        try (Recorder recorder = to(ledger).build()) {
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(recorder.statistics().corruptLines()).isEqualTo(2);
        }
        assertThat(entries(ledger)).extracting(LedgerEntry::record).containsExactly(call(0), call(2));
    }

    private Path onlySegment() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".spool"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A program that records as fast as it can and prints what was acknowledged. */
    static final class Child {
        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            Path database = Path.of(args[1]);
            Recorder recorder = Recorder.builder(() -> SqliteLedger.open(database, PriceBook.bundled()), folder)
                    .acknowledgement(Acknowledgement.valueOf(args[2]))
                    .build();
            for (int i = 0; ; i++) {
                UsageRecord record =
                        call(i % 80_000).toBuilder().id(RecordId.generate()).build();
                if (recorder.record(record).acknowledged()) {
                    System.out.println(record.id());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Acknowledgement.class)
    void killedProcess_losesNothingAcknowledged(Acknowledgement wanted) throws Exception {
        Path database = temp.resolve("l.db");
        Set<String> acknowledged = new HashSet<>();
        for (int round = 0; round < 3; round++) {
            int before = acknowledged.size();
            Process child = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName(),
                            folder.toString(),
                            database.toString(),
                            wanted.name())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var lines = child.inputReader(StandardCharsets.UTF_8)) {
                String line = lines.readLine();
                while (line != null) {
                    if (line.length() == 36) {
                        acknowledged.add(line);
                    }
                    if (acknowledged.size() == before + 150 * (round + 1)) {
                        child.toHandle().destroyForcibly();
                    }
                    line = lines.readLine();
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
        }
        try (Ledger ledger = SqliteLedger.open(database, PriceBook.bundled());
                Recorder recorder = to(ledger).build()) {
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(acknowledged).hasSizeGreaterThan(800);
            assertThat(acknowledged).allMatch(id -> ledger.find(RecordId.of(id)).isPresent());
            assertThat(ledger.verify().clean()).isTrue();
        }
    }

    @Test
    void costThatACallerGave_isKept() throws Exception {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        try (Recorder recorder = to(ledger).build()) {
            recorder.record(call(1).toBuilder().cost(Usd.parse("0.25")).build());
            assertThat(recorder.flush(LONG)).isTrue();
        }
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("0.25"));
    }
}
