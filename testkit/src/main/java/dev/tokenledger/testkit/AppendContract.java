package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is promised of appending: what is kept, what is the same again, what is a conflict. */
abstract class AppendContract extends LedgerTests {

    @Test
    void append_keepsEveryField() {
        UsageRecord record = Samples.everyField("r1").build();
        append(record);
        LedgerEntry entry = entry("r1");
        assertThat(entry.record()).isEqualTo(record);
        assertThat(entry.record().toBuilder().build()).isEqualTo(record);
        assertThat(entry.id()).isEqualTo(record.id());
        assertThat(entry.kind()).isEqualTo(LedgerEntry.Kind.USAGE);
        assertThat(entry.recorded()).isEqualTo(Samples.NOW);
        assertThat(entry.reversal()).isEmpty();
        assertThat(entry.inForce()).isTrue();
        assertThat(entry.cost()).isEqualTo(new Cost.Given(Usd.parse("0.2"), PricingStatus.PARTIAL));
    }

    @Test
    void append_keepsTheLongestAndOddestTexts() {
        UsageRecord.Builder builder = Samples.builder("i".repeat(128))
                .model("m".repeat(512))
                .taskName("\uD83D\uDCB8".repeat(256))
                .role("' OR 1=1; --")
                .source("%_\\\"İıŞş\u00a0x");
        for (int i = 0; i < UsageRecord.MAX_ENTRIES; i++) {
            builder.attribute("k".repeat(126) + (char) ('a' + i), "v".repeat(511) + i % 10);
            builder.calls("call_" + i, i + 1L);
            builder.note("note_" + i);
        }
        UsageRecord record = builder.build();
        append(record);
        assertThat(entry(record.id().value()).record()).isEqualTo(record);
        assertThat(ledger.append(record)).isEqualTo(new AppendResult.Duplicate(record.id()));
    }

    @Test
    void append_keepsTheEarliestAndTheLatestInstant() {
        Instant latest = Instant.parse("9999-12-31T00:00:00Z");
        append(
                Samples.builder("first").timestamp(Instant.EPOCH).build(),
                Samples.builder("last").timestamp(latest).build());
        assertThat(entry("first").occurred()).isEqualTo(Instant.EPOCH);
        assertThat(entry("last").occurred()).isEqualTo(latest);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void append_fillsInAnAbsentTimestamp_fromTheClockInMicroseconds() {
        clock.set(Instant.parse("2026-03-10T12:00:00.123456789Z"));
        append(UsageRecord.builder().id("r1").model(Samples.BETA).inputTokens(1).build());
        Instant micros = Instant.parse("2026-03-10T12:00:00.123456Z");
        assertThat(entry("r1").record().timestamp()).contains(micros);
        assertThat(entry("r1").recorded()).isEqualTo(micros);
    }

    @Test
    void append_generatesIds_thatAreNeverDuplicates() {
        UsageRecord.Builder same = UsageRecord.builder().model(Samples.BETA).timestamp(Samples.NOW);
        append(same.build(), same.build());
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void sequence_rises() {
        append(Samples.record("r1"), Samples.record("r2"));
        assertThat(entry("r1").sequence()).isPositive();
        assertThat(entry("r2").sequence()).isGreaterThan(entry("r1").sequence());
    }

    @Test
    void sameRecordAgain_isADuplicate() {
        UsageRecord record = Samples.everyField("r1").build();
        append(record);
        clock.advance(Duration.ofDays(400));
        assertThat(ledger.append(record)).isEqualTo(duplicate("r1"));
        assertThat(history()).hasSize(1);
        assertThat(entry("r1").recorded()).isEqualTo(Samples.NOW);
    }

    @ParameterizedTest
    @EnumSource
    void sameIdWithAnotherField_isAConflictThatNamesIt(DeliveredField field) {
        UsageRecord stored = Samples.everyField("r1").build();
        append(stored);
        UsageRecord offered = field.changed("r1");
        assertThat(ledger.append(offered)).isInstanceOfSatisfying(AppendResult.Conflict.class, conflict -> {
            assertThat(conflict.id()).isEqualTo(RecordId.of("r1"));
            assertThat(conflict.field()).isEqualTo(field.json());
            assertThat(conflict.stored()).isNotEqualTo(conflict.offered());
        });
        assertThat(entry("r1").record()).isEqualTo(stored);
        assertThat(history()).hasSize(1);
    }

    @Test
    void conflict_statesBothValues() {
        append(Samples.record("r1"));
        assertThat(ledger.append(Samples.builder("r1").outputTokens(101).build()))
                .isEqualTo(new AppendResult.Conflict(RecordId.of("r1"), "output_tokens", "100", "101"));
    }

    @Test
    void costGivenLater_isAConflict() {
        append(Samples.record("r1"));
        assertThat(ledger.append(Samples.builder("r1").cost(Usd.parse("0.0045")).build()))
                .isInstanceOfSatisfying(
                        AppendResult.Conflict.class,
                        conflict -> assertThat(conflict.field()).isEqualTo("cost_usd"));
    }

    @Test
    void absentTimestamp_matchesAnyStoredOne() {
        UsageRecord absent = UsageRecord.builder()
                .id("r1")
                .model(Samples.ALPHA)
                .inputTokens(1_000)
                .outputTokens(100)
                .build();
        append(Samples.record("r1"));
        clock.advance(Duration.ofHours(1));
        assertThat(ledger.append(absent)).isEqualTo(duplicate("r1"));
        assertThat(entry("r1").occurred()).isEqualTo(Samples.NOW);
    }

    @Test
    void notes_takeNoPartInTheComparison() {
        append(Samples.builder("r1").note("cache_split_missing").build());
        assertThat(ledger.append(Samples.builder("r1").note("output_incomplete").build()))
                .isEqualTo(duplicate("r1"));
        assertThat(entry("r1").record().notes()).containsExactly("cache_split_missing");
    }

    /** Who sends a record again may do so with another key, or after the attributes of the key were changed. */
    @Test
    void stampedAttributes_takeNoPartInTheComparison() {
        UsageRecord stored = stamped("r1", Map.of("team", "search", "key", "a"), List.of("team", "key"));
        append(stored);
        for (UsageRecord again : List.of(
                stored,
                Samples.builder("r1").attribute("user", "ana").build(),
                stamped("r1", Map.of("team", "ads", "key", "b"), List.of("team", "key")),
                stamped("r1", Map.of("team", "its own", "key", "c"), List.of("key")),
                stamped("r1", Map.of("environment", "prod"), List.of("environment")))) {
            assertThat(ledger.append(again)).as("%s", again.attributes()).isEqualTo(duplicate("r1"));
        }
        assertThat(entry("r1").record()).isEqualTo(stored);
        assertThat(ledger.append(stamped("r1", Map.of("environment", "prod"), List.of())))
                .isInstanceOfSatisfying(AppendResult.Conflict.class, conflict -> {
                    assertThat(conflict.field()).isEqualTo("attributes");
                    assertThat(conflict.stored()).isEqualTo("{user=ana}");
                    assertThat(conflict.offered()).isEqualTo("{environment=prod, user=ana}");
                });
        assertThat(history()).hasSize(1);
    }

    private static UsageRecord stamped(String id, Map<String, String> attributes, List<String> keys) {
        return Samples.builder(id)
                .attribute("user", "ana")
                .attributes(attributes)
                .stampedAttributes(keys)
                .build();
    }

    /** Whatever the keys put on two copies of one record, and in whatever commits they come: it is stored once. */
    @Test
    void stampedAttributes_ofAnyKeys_makeNoConflict() {
        Seeds.run(20, random -> {
            String seed = Long.toString(random.nextLong(), 36);
            for (int i = 0; i < 10; i++) {
                UsageRecord delivered = new RecordGenerator(random)
                        .builder("stamp" + seed + i)
                        .stampedAttributes(List.of())
                        .build();
                UsageRecord first = randomlyStamped(delivered, random);
                UsageRecord again = randomlyStamped(delivered, random);
                List<AppendResult> results = random.nextBoolean()
                        ? ledger.appendAll(List.of(first, again))
                        : List.of(ledger.append(first), ledger.append(again));
                assertThat(results)
                        .as("%s, then %s", first.attributes(), again.attributes())
                        .containsExactly(
                                new AppendResult.Appended(delivered.id()), new AppendResult.Duplicate(delivered.id()));
                assertThat(entry(delivered.id().value()).record().attributes()).isEqualTo(first.attributes());
                assertThat(entry(delivered.id().value()).record().stampedAttributes())
                        .isEqualTo(first.stampedAttributes());
                UsageRecord other = randomlyStamped(
                        delivered.toBuilder().attribute("own", "x").build(), random);
                assertThat(ledger.append(other))
                        .isInstanceOfSatisfying(
                                AppendResult.Conflict.class,
                                conflict -> assertThat(conflict.field()).isEqualTo("attributes"));
            }
        });
    }

    /** As a server would: what the key has goes over what the record says. */
    private static UsageRecord randomlyStamped(UsageRecord record, RandomGenerator random) {
        UsageRecord.Builder builder = record.toBuilder();
        List<String> keys = new ArrayList<>();
        for (String key : List.of("team", "user", "key", "environment")) {
            if (random.nextBoolean()) {
                builder.attribute(key, "v" + random.nextInt(3));
                keys.add(key);
            }
        }
        return builder.stampedAttributes(keys).build();
    }

    @Test
    void digitsBeyondMicroseconds_takeNoPartInTheComparison() {
        append(Samples.builder("r1").timestamp(Samples.NOW.plusNanos(1_999)).build());
        assertThat(ledger.append(Samples.builder("r1")
                        .timestamp(Samples.NOW.plusNanos(1_000))
                        .build()))
                .isEqualTo(duplicate("r1"));
    }

    @Test
    void retryUnderANewerPriceBook_isADuplicateAtTheOldCost() throws Exception {
        append(Samples.record("r1"));
        reopen(PriceBook.of(
                List.of(PriceEntry.simple(Samples.ALPHA, new BigDecimal("1000000"), new BigDecimal("1000000")))));
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
        assertThat(entry("r1").cost().amount()).hasToString("0.0045");
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("0.0045");
    }

    @Test
    void retryThatWouldBeTooExpensiveByNow_isADuplicate() throws Exception {
        UsageRecord record = Samples.builder("r1").outputTokens(1_000_000_000).build();
        append(record);
        reopen(PriceBook.of(
                List.of(PriceEntry.simple(Samples.ALPHA, new BigDecimal("1000000"), new BigDecimal("1000000")))));
        assertThat(ledger.append(record)).isEqualTo(duplicate("r1"));
        assertThat(ledger.appendAll(List.of(record))).containsExactly(duplicate("r1"));
    }

    @Test
    void everything_survivesReopen() throws Exception {
        UsageRecord full = Samples.everyField("full").build();
        append(
                full,
                Samples.record("r1"),
                Samples.builder("u").model(Samples.OMEGA).build());
        ledger.reverse(RecordId.of("r1"), "twice");
        ledger.write(Batch.builder().readerState("reader:/a", "17").build());
        List<LedgerEntry> before = history();
        Summary total = ledger.summary(TimeWindow.all());
        reopen(Samples.prices());
        assertThat(history()).isEqualTo(before);
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(total);
        assertThat(ledger.readerState("reader:/a")).contains("17");
        assertThat(ledger.append(full)).isEqualTo(duplicate("full"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    /** So that nobody has to hand the same book to whoever shows prices beside this ledger's records. */
    @Test
    void prices_areTheBookThatPricesWhatArrives() {
        UsageRecord record = Samples.record("r1");
        ledger.append(record);
        assertThat(ledger.prices().price(record, clock.instant()))
                .isEqualTo(entry("r1").cost());
    }
}
