package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However few groups a ledger may hold, it answers as the model does, or says that there are more. */
class ManyGroupsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final int RECORDS = 5_000;
    private static final List<Dimension> DIMENSIONS = List.of(
            Dimension.SESSION,
            Dimension.CONVERSATION,
            Dimension.MODEL,
            Dimension.ROLE,
            Dimension.attribute("user"),
            Dimension.attribute("team"));

    @TempDir
    private Path folder;

    @Test
    void answers_areThoseOfTheModel_orRefusedForTheirGroups() {
        long seed = TestLedgers.seed();
        SplittableRandom random = new SplittableRandom(seed);
        Path file = folder.resolve("usage.db");
        try (Ledger model = InMemoryLedger.open(Samples.prices())) {
            try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
                List<UsageRecord> records = records(random);
                for (Ledger each : List.of(model, ledger)) {
                    each.appendAll(records);
                    for (int i = 0; i < RECORDS; i += 11) {
                        each.reverse(RecordId.of("call-" + i), "wrong");
                    }
                }
            }
            int refused = 0;
            int answered = 0;
            for (int i = 0; i < 100; i++) {
                SummaryQuery query = query(random);
                int most = 20 + random.nextInt(random.nextBoolean() ? 100 : 1_000);
                List<GroupedSummary> expected = model.summaries(query);
                long groups = expected.stream().filter(row -> !row.other()).count();
                try (Ledger ledger =
                        SqliteLedger.builder().readOnly(true).maxGroups(most).open(file)) {
                    assertThat(ledger.summaries(query))
                            .as("seed %d, query %d, at most %d", seed, i, most)
                            .isEqualTo(expected);
                    answered++;
                } catch (TooManyGroupsException e) {
                    refused++;
                    long buckets = expected.stream()
                            .map(GroupedSummary::bucket)
                            .distinct()
                            .count();
                    // A few groups that are reversed later, or fall out of the first ones, may have been among them.
                    long held =
                            query.limit().isPresent() ? (query.limit().getAsInt() + 1) * buckets : groups + groups / 5;
                    assertThat(held)
                            .as("seed %d, query %d, %s", seed, i, e.getMessage())
                            .isGreaterThan(most);
                    assertThat(e)
                            .hasMessageContaining("more than " + most + " groups")
                            .hasMessageContaining(query.limit().isPresent() ? "smaller limit" : "set a limit");
                    continue;
                }
                if (query.limit().isEmpty()) {
                    assertThat(groups).isLessThanOrEqualTo(most);
                }
            }
            assertThat(refused).as("seed %d", seed).isGreaterThan(10);
            assertThat(answered).as("seed %d", seed).isGreaterThan(10);
        }
    }

    private static List<UsageRecord> records(SplittableRandom random) {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            UsageRecord.Builder record = Samples.builder("call-" + i)
                    .timestamp(NOW.minusSeconds(random.nextInt(86_400 * 3)))
                    .sessionId(random.nextInt(20) == 0 ? "" : "s" + random.nextInt(900))
                    .conversationId("c" + random.nextInt(5))
                    .role(random.nextBoolean() ? "a" : "")
                    .inputTokens(random.nextInt(50));
            if (random.nextInt(10) > 0) {
                record.attribute("user", "u\u00e9" + random.nextInt(1_200));
            }
            records.add(record.attribute("team", "t" + random.nextInt(3)).build());
        }
        return records;
    }

    private static SummaryQuery query(SplittableRandom random) {
        SummaryQuery.Builder query = SummaryQuery.over(
                random.nextBoolean()
                        ? TimeWindow.all()
                        : TimeWindow.of(NOW.minusSeconds(100_007), NOW.minusSeconds(3_333)));
        List<Dimension> by = new ArrayList<>();
        for (Dimension dimension : DIMENSIONS) {
            if (random.nextInt(3) == 0) {
                by.add(dimension);
            }
        }
        query.by(by.toArray(new Dimension[0]));
        query.order(SummaryQuery.Order.values()[random.nextInt(SummaryQuery.Order.values().length)]);
        if (random.nextInt(3) == 0) {
            query.every(random.nextBoolean() ? CalendarBucket.DAY : CalendarBucket.HOUR, ZoneId.of("Asia/Kathmandu"));
        }
        if (!by.isEmpty() && random.nextInt(3) > 0) {
            query.limit(1 + random.nextInt(12));
        }
        switch (random.nextInt(6)) {
            case 0 -> query.where(Dimension.CONVERSATION, "c1");
            case 1 -> query.where(Dimension.attribute("team"), "t1");
            case 2 -> query.where(Dimension.SESSION, "s7");
            default -> {
                // Everything.
            }
        }
        return query.build();
    }

    /** Names of sessions must not be left behind where others look for what they can find. */
    @Test
    void temporaryFile_isGone_afterAnswersAndRefusals() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        List<Path> before = groupFiles(temporary);
        Path file = folder.resolve("usage.db");
        try (Ledger ledger =
                SqliteLedger.builder().prices(PriceBook.empty()).maxGroups(50).open(file)) {
            ledger.appendAll(records(new SplittableRandom(1)));
            SummaryQuery.Builder bySession = SummaryQuery.over(TimeWindow.all()).by(Dimension.SESSION);
            assertThatThrownBy(() -> ledger.summaries(bySession.build()))
                    .isInstanceOf(TooManyGroupsException.class)
                    .hasMessageContaining("more than 50 groups");
            assertThat(ledger.summaries(bySession.limit(5).build())).hasSize(6);
        }
        assertThat(groupFiles(temporary)).isSubsetOf(before);
    }

    private static List<Path> groupFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".groups"))
                    .toList();
        }
    }
}
