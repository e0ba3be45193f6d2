package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Enough records for several threads, which together must answer as one would. */
class ParallelScanTest {

    private static final int RECORDS = 20_000;
    private static final int SESSIONS = 700;
    private static final Duration APART = Duration.ofSeconds(2);
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Instant END = START.plus(APART.multipliedBy(RECORDS));

    @TempDir
    private Path folder;

    private Path file;
    private Ledger ledger;
    private List<UsageRecord> records;

    @BeforeEach
    void write() {
        file = folder.resolve("usage.db");
        ledger = SqliteLedger.open(file, Samples.prices());
        records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(Samples.builder("r" + i)
                    .timestamp(START.plus(APART.multipliedBy(i)))
                    .sessionId("session-" + (i * 31 + i / 1_000) % SESSIONS)
                    .inputTokens(i)
                    .build());
        }
        ledger.appendAll(records);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void windowOfManyRecords_isReadByAsManyThreadsAsAreOfUse() throws SQLException {
        int processors = Math.min(RECORDS / 8_192, Runtime.getRuntime().availableProcessors());
        assertThat(parts(START, END)).hasSize(processors).containsOnlyOnce(micros(START));
        assertThat(parts(START, START.plus(APART.multipliedBy(5_000)))).hasSize(1);
    }

    /** Where each part begins; that it ends where the next begins. */
    private List<Long> parts(Instant from, Instant to) throws SQLException {
        try (Connections connections = Connections.to(file, true, Duration.ofSeconds(1), 0);
                Handle handle = connections.reader()) {
            handle.run("BEGIN");
            List<long[]> parts = ParallelScan.inParts(
                    handle,
                    connections,
                    ParallelScan.threadsFor(handle, micros(from), micros(to)),
                    micros(from),
                    micros(to),
                    (connection, start, end) -> new long[] {start, end});
            for (int i = 1; i < parts.size(); i++) {
                assertThat(parts.get(i)[0]).isEqualTo(parts.get(i - 1)[1]);
            }
            assertThat(parts.get(parts.size() - 1)[1]).isEqualTo(micros(to));
            return parts.stream().map(part -> part[0]).toList();
        }
    }

    private static long micros(Instant instant) {
        return Values.micros(instant);
    }

    @Test
    void sessionsOfAnyWindow_addUpAsAPlainListDoes() {
        ledger.reverse(RecordId.of("r10000"), "a mistake");
        records.remove(10_000);
        for (TimeWindow window : List.of(
                TimeWindow.all(),
                new TimeWindow(START.plusMillis(3), END.minusMillis(7)),
                new TimeWindow(START.plus(Duration.ofMinutes(7)), START.plus(Duration.ofHours(10))))) {
            List<GroupedSummary> sessions = ledger.summaries(
                    SummaryQuery.over(window).by(Dimension.SESSION).build());

            assertThat(inputBySession(sessions)).isEqualTo(expected(window));
        }
    }

    @Test
    void bucketsOfSessions_areWholeAcrossTheParts() {
        List<GroupedSummary> hours = ledger.summaries(SummaryQuery.over(TimeWindow.all())
                .by(Dimension.SESSION)
                .every(CalendarBucket.HOUR, ZoneOffset.UTC)
                .build());

        assertThat(inputBySession(hours)).isEqualTo(expected(TimeWindow.all()));
        assertThat(hours.stream().map(hour -> hour.bucket() + hour.key()).distinct())
                .hasSameSizeAs(hours);
    }

    private Map<String, Long> expected(TimeWindow window) {
        Map<String, Long> input = new TreeMap<>();
        for (UsageRecord record : records) {
            if (window.contains(record.timestamp().orElseThrow())) {
                input.merge(record.sessionId(), record.tokens().input(), Long::sum);
            }
        }
        return input;
    }

    private static Map<String, Long> inputBySession(Collection<GroupedSummary> sessions) {
        Map<String, Long> input = new TreeMap<>();
        sessions.forEach(session -> input.merge(session.key(), session.summary().totalInputTokens(), Long::sum));
        return input;
    }

    /** Every commit adds a record to the first and to the last part of the window, so no answer may hold more of one. */
    @Test
    void recordsOfOneCommit_areSeenTogetherOrNotAtAll() throws InterruptedException {
        BackgroundWriter.during(
                () -> {
                    for (int round = 0; round < 30; round++) {
                        Map<String, Long> counts = new TreeMap<>();
                        ledger.summaries(SummaryQuery.over(TimeWindow.all())
                                        .by(Dimension.SESSION)
                                        .build())
                                .forEach(session -> counts.put(
                                        session.key(), session.summary().totalRecords()));
                        assertThat(counts.get("early")).isEqualTo(counts.get("late"));
                    }
                },
                i -> ledger.appendAll(List.of(late("early-" + i, START), late("late-" + i, END.minusSeconds(1)))));
        assertThat(ledger.sessionTotal("late").totalRecords()).isPositive();
    }

    private static UsageRecord late(String id, Instant at) {
        return Samples.builder(id)
                .timestamp(at)
                .sessionId(id.substring(0, id.indexOf('-')))
                .build();
    }

    @Test
    void threadInterruptedWhileItReads_stopsTheOthersToo_andTheLedgerAnswersOn() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread reader = new Thread(() -> {
                try {
                    while (true) {
                        ledger.summaryBy(Dimension.SESSION, TimeWindow.all());
                    }
                } catch (RuntimeException e) {
                    failure.set(e);
                    flag.set(Thread.interrupted());
                }
            });
            reader.start();
            Thread.sleep(round);
            reader.interrupt();
            reader.join();

            assertThat(failure.get()).isInstanceOf(LedgerInterruptedException.class);
            assertThat(flag).isTrue();
        }
        assertThat(ledger.summaryBy(Dimension.SESSION, TimeWindow.all())).hasSize(SESSIONS);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("tokenledger-scan"));
    }

    @Test
    void failureOfAPart_isTheCallers() throws SQLException {
        try (Connections connections = Connections.to(file, true, Duration.ofSeconds(1), 0);
                Handle handle = connections.reader()) {
            handle.run("BEGIN");
            assertThatThrownBy(() -> ParallelScan.inParts(
                            handle, connections, 2, micros(START), micros(END), (connection, start, end) -> {
                                if (end == micros(END)) {
                                    throw new SQLException("of the last part");
                                }
                                return 0;
                            }))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("of the last part");
        }
    }
}
