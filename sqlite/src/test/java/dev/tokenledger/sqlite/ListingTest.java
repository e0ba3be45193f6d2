package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are found by way of roll-ups are those of the plain list. */
class ListingTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final int SECONDS = 400 * 86_400;
    private static final Dimension TEAM = Dimension.attribute("team");
    private static final Dimension USER = Dimension.attribute("user");

    @TempDir
    private Path folder;

    @Test
    void pages_areThoseOfTheModel() {
        long seed = TestLedgers.seed();
        SplittableRandom random = new SplittableRandom(seed);
        try (Ledger model = InMemoryLedger.open(PriceBook.empty());
                Ledger ledger = open(folder.resolve("usage.db"), random.nextInt(100))) {
            List<UsageRecord> records = new ArrayList<>();
            for (int i = 0; i < 1_500; i++) {
                // In clusters, many at the same moment, some of them rare, and of more users than are rolled up.
                long cluster = random.nextInt(12) * (SECONDS / 12L);
                records.add(UsageRecord.builder()
                        .id("call-" + i)
                        .model(random.nextInt(500) == 0 ? "rare" : "model-" + random.nextInt(3))
                        .role(random.nextBoolean() ? "a" : "")
                        .timestamp(NOW.minusSeconds(cluster + (long) random.nextInt(5) * random.nextInt(900)))
                        .sessionId(random.nextInt(9) == 0 ? "" : "s" + random.nextInt(9))
                        .attribute("team", random.nextInt(500) == 0 ? "few" : "t" + random.nextInt(3))
                        .attribute("user", "u" + random.nextInt(2_000))
                        .inputTokens(1)
                        .build());
            }
            for (Ledger each : List.of(model, ledger)) {
                each.appendAll(records);
                for (int i = 0; i < 1_500; i += 7) {
                    each.reverse(RecordId.of("call-" + i), "wrong");
                }
            }
            for (Map<Dimension, String> filters : List.of(
                    Map.of(Dimension.MODEL, "rare"),
                    Map.of(Dimension.MODEL, "model-1"),
                    Map.of(Dimension.MODEL, "nobody"),
                    Map.of(Dimension.ROLE, ""),
                    Map.of(Dimension.MODEL, "model-2", Dimension.ROLE, "a"),
                    Map.of(Dimension.SESSION, ""),
                    Map.of(Dimension.SESSION, "s3"),
                    Map.of(TEAM, "few"),
                    Map.of(TEAM, ""),
                    Map.of(TEAM, "t1", Dimension.MODEL, "rare"),
                    Map.of(TEAM, "t1", USER, "u7"),
                    Map.of(USER, "u7"))) {
                for (TimeWindow window : List.of(
                        TimeWindow.all(), TimeWindow.of(NOW.minus(Duration.ofDays(101)), NOW.minusSeconds(1_000)))) {
                    for (int limit : new int[] {9, 1_000}) {
                        for (boolean history : new boolean[] {false, true}) {
                            RecordQuery.Builder query =
                                    RecordQuery.over(window).history(history).limit(limit);
                            filters.forEach(query::where);
                            assertThat(pages(ledger, query.build()))
                                    .as("seed %d, %s, %s, %d, %s", seed, filters, window, limit, history)
                                    .isEqualTo(pages(model, query.build()));
                        }
                    }
                }
            }
        }
    }

    /** What lies between is not read: here it would be found. */
    @Test
    void recordsOfHoursWithoutMatches_areNotRead() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (Ledger ledger = open(file, 0)) {
            ledger.append(call("first", "few", NOW));
            for (int day = 1; day <= 60; day++) {
                ledger.append(call("between-" + day, "many", NOW.plus(Duration.ofDays(day))));
            }
            ledger.append(call("last", "few", NOW.plus(Duration.ofDays(61))));
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            // The records say now that they match, which their roll-ups do not.
            statement.execute("INSERT INTO attribute_sets (id, attributes)"
                    + " VALUES (1000, '{\"new\":\"1\",\"team\":\"few\"}')");
            statement.execute("UPDATE records SET attributes = 1000 WHERE id LIKE 'between-%'");
        }
        try (Ledger ledger = open(file, 0)) {
            assertThat(pages(
                            ledger,
                            RecordQuery.over(TimeWindow.all())
                                    .where(TEAM, "few")
                                    .build()))
                    .containsExactly("last", "first");
        }
        try (Ledger ledger = open(file, Integer.MAX_VALUE)) {
            assertThat(pages(
                            ledger,
                            RecordQuery.over(TimeWindow.all())
                                    .where(TEAM, "few")
                                    .build()))
                    .hasSize(62);
        }
    }

    /** Sets are searched as texts, in which every key and value must be found, and nothing else be taken for one. */
    @Test
    void keysAndValuesThatLookLikeOthers_areToldApart() {
        List<String> keys = List.of("team", "eam", "tea", "team.x", "a-team");
        List<String> values = List.of(
                "a",
                "b",
                "ab",
                "a\"",
                "\\",
                "a\\",
                "\"",
                "team",
                "\"team\":\"a\"",
                ",\"team\":\"a",
                "\\\"team\\\":\\\"a",
                "%",
                "É");
        try (Ledger model = InMemoryLedger.open(PriceBook.empty());
                Ledger ledger = open(folder.resolve("usage.db"), 10)) {
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < 300; i++) {
                UsageRecord.Builder record = UsageRecord.builder()
                        .id("call-" + i)
                        .model("model")
                        .timestamp(NOW.minusSeconds(i * 1_000L))
                        .inputTokens(i);
                for (String key : keys) {
                    if (random.nextInt(3) > 0) {
                        record.attribute(key, values.get(random.nextInt(values.size())));
                    }
                }
                model.append(record.build());
                ledger.append(record.build());
            }
            List<String> asked = new ArrayList<>(values);
            asked.addAll(List.of("", "A", "é", "nobody"));
            for (String value : asked) {
                for (Map<Dimension, String> filters : List.of(
                        Map.of(TEAM, value),
                        Map.of(TEAM, value, Dimension.attribute("eam"), "a"),
                        Map.of(Dimension.attribute("not a key\""), value))) {
                    RecordQuery.Builder query =
                            RecordQuery.over(TimeWindow.all()).limit(50);
                    SummaryQuery.Builder totals =
                            SummaryQuery.over(TimeWindow.all()).by(TEAM).order(SummaryQuery.Order.KEY);
                    filters.forEach(query::where);
                    filters.forEach(totals::where);
                    assertThat(pages(ledger, query.build())).as("%s", filters).isEqualTo(pages(model, query.build()));
                    assertThat(ledger.summaries(totals.build()))
                            .as("%s", filters)
                            .isEqualTo(model.summaries(totals.build()));
                }
            }
        }
    }

    private static Ledger open(Path file, int mostPassed) {
        return SqliteLedger.builder()
                .prices(PriceBook.empty())
                .mostDeltas(3)
                .mostPassed(mostPassed)
                .open(file);
    }

    private static UsageRecord call(String id, String team, Instant instant) {
        return UsageRecord.builder()
                .id(id)
                .model("model")
                .timestamp(instant)
                .attribute("team", team)
                .inputTokens(1)
                .build();
    }

    /** All pages of a question, one after the other. */
    private static List<String> pages(Ledger ledger, RecordQuery query) {
        List<String> found = new ArrayList<>();
        Optional<RecordQuery.Cursor> next = Optional.empty();
        do {
            RecordQuery.Builder page =
                    RecordQuery.over(query.window()).history(query.history()).limit(query.limit());
            query.filters().forEach(page::where);
            next.ifPresent(page::after);
            RecordPage entries = ledger.records(page.build());
            assertThat(entries.entries()).hasSizeLessThanOrEqualTo(query.limit());
            // A reversal has an id that no two ledgers share.
            entries.entries().forEach(entry -> found.add(name(entry)));
            next = entries.next();
        } while (next.isPresent());
        return found;
    }

    private static String name(LedgerEntry entry) {
        return entry.reversal()
                .filter(reversal -> entry.kind() == LedgerEntry.Kind.REVERSAL)
                .map(reversal -> "not " + reversal.reverses().value())
                .orElse(entry.id().value());
    }
}
