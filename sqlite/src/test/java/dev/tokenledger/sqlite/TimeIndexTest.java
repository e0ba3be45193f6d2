package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries of busy quarter hours are listed and added up as the model does, whoever wrote them and however they came. */
class TimeIndexTest {

    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final int MANY = TimeIndex.BUSY * 2;

    @TempDir
    private Path folder;

    @Test
    void busyQuarterHours_answerAsTheModel() {
        long seed = TestLedgers.seed();
        SplittableRandom random = new SplittableRandom(seed);
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            // One quarter hour without order, one of equal instants, and some calls before, between and after.
            long millis = switch (random.nextInt(10)) {
                case 0 -> random.nextLong(-7_200_000, 7_200_000);
                case 1, 2, 3, 4 -> 1_800_000 + 7;
                default -> random.nextLong(0, 900_000);
            };
            records.add(record(i, START.plusMillis(millis), random));
        }
        Path file = folder.resolve("usage.db");
        try (Ledger model = InMemoryLedger.open(PriceBook.empty());
                Ledger one = SqliteLedger.open(file, PriceBook.empty());
                Ledger other = SqliteLedger.open(file, PriceBook.empty())) {
            model.appendAll(records);
            int next = 0;
            while (next < MANY) {
                int end = Math.min(MANY, next + 1 + random.nextInt(2_000));
                (random.nextBoolean() ? one : other).appendAll(records.subList(next, end));
                next = end;
            }
            for (int i = 0; i < MANY; i += 97) {
                model.reverse(RecordId.of("call-" + i), "wrong");
                (random.nextBoolean() ? one : other).reverse(RecordId.of("call-" + i), "wrong");
            }
            assertThat(one.verify().differences()).isEmpty();
            assertAlike(model, one, seed);
            one.rebuild();
            assertThat(one.verify().differences()).isEmpty();
            assertAlike(model, other, seed);
        }
    }

    private static UsageRecord record(int number, Instant instant, SplittableRandom random) {
        return UsageRecord.builder()
                .id("call-" + number)
                .model("model-" + random.nextInt(3))
                .timestamp(instant)
                .inputTokens(number)
                .build();
    }

    private static void assertAlike(Ledger model, Ledger ledger, long seed) {
        for (TimeWindow window : List.of(
                TimeWindow.all(),
                TimeWindow.of(START.plusSeconds(100), START.plusSeconds(250)),
                TimeWindow.of(START.plusSeconds(100), START.plusSeconds(880)),
                TimeWindow.of(START.minusSeconds(600), START.plusSeconds(1_801)))) {
            for (boolean history : new boolean[] {false, true}) {
                RecordQuery query = RecordQuery.over(window)
                        .history(history)
                        .where(Dimension.MODEL, "model-1")
                        .limit(700)
                        .build();
                assertThat(ids(ledger, query))
                        .as("seed %d, %s, %s", seed, window, history)
                        .isEqualTo(ids(model, query));
            }
            assertThat(ledger.summary(window)).as("seed %d, %s", seed, window).isEqualTo(model.summary(window));
        }
    }

    private static List<String> ids(Ledger ledger, RecordQuery query) {
        List<String> ids = new ArrayList<>();
        RecordQuery next = query;
        while (true) {
            RecordPage page = ledger.records(next);
            for (LedgerEntry entry : page.entries()) {
                // A reversal's id is random, so what it negates stands for it.
                ids.add(entry.kind() + " " + entry.record().id() + " " + entry.occurred());
            }
            Optional<RecordQuery.Cursor> after = page.next();
            if (after.isEmpty()) {
                return ids;
            }
            RecordQuery.Builder builder = RecordQuery.over(query.window())
                    .history(query.history())
                    .limit(query.limit())
                    .after(after.get());
            query.filters().forEach(builder::where);
            next = builder.build();
        }
    }

    @Test
    void indexThatLostAnEntry_isFound_andMended() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            SplittableRandom random = new SplittableRandom(1);
            List<UsageRecord> records = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                records.add(record(i, START.plusMillis(i), random));
            }
            ledger.appendAll(records);
            for (String damage : List.of(
                    "DELETE FROM entries_by_time WHERE seq = 7",
                    "INSERT INTO entries_by_time VALUES (8, 8)",
                    "UPDATE entries_by_time SET occurred = occurred + 1 WHERE seq = 9",
                    "INSERT INTO busy_quarters VALUES (0); DELETE FROM busy_quarters WHERE quarter > 0")) {
                try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                        Statement statement = connection.createStatement()) {
                    statement.executeUpdate(damage);
                }
                assertThat(ledger.verify().differences()).as(damage).isNotEmpty();
                ledger.rebuild();
                assertThat(ledger.verify().differences()).as(damage).isEmpty();
            }
        }
    }
}
