package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is promised of totals and their groups. */
abstract class SummaryContract extends ListingContract {

    @Test
    void emptyWindow_isAllZero() {
        append(Samples.record("r1"));
        TimeWindow before = TimeWindow.of(Samples.NOW.minusSeconds(9), Samples.NOW);
        assertThat(ledger.summary(before)).isEqualTo(Summary.ZERO);
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, Samples.NOW))).isEqualTo(Summary.ZERO);
        assertThat(ledger.summaryBy(Dimension.MODEL, before)).isEmpty();
        assertThat(ledger.summaries(SummaryQuery.over(before)
                        .every(CalendarBucket.DAY, ZoneId.of("UTC"))
                        .build()))
                .isEmpty();
        assertThat(ledger.sessionTotal("nobody's")).isEqualTo(Summary.ZERO);
        assertThat(ledger.conversationTotal("nobody's")).isEqualTo(Summary.ZERO);
    }

    @Test
    void summary_addsUpEveryFigure() {
        append(
                Samples.everyField("r1").build(),
                Samples.builder("r2")
                        .cacheCreation5mInputTokens(10)
                        .cacheCreation1hInputTokens(20)
                        .cacheReadInputTokens(30)
                        .reasoningTokens(40)
                        .build(),
                Samples.builder("r3").model(Samples.OMEGA).build());
        assertThat(ledger.summary(TimeWindow.all()))
                .isEqualTo(Summary.builder()
                        .totalRecords(3)
                        .totalInputTokens(3_001)
                        .totalOutputTokens(2_202)
                        .totalCacheCreationInputTokens(3_033)
                        .totalCacheCreation5mInputTokens(1_013)
                        .totalCacheCreation1hInputTokens(1_520)
                        .totalCacheReadInputTokens(4_034)
                        .totalReasoningTokens(545)
                        .totalCost(Usd.parse("0.2046665"))
                        .partialRecords(1)
                        .unpricedRecords(1)
                        .doubts(new Doubts(1, 1, 0))
                        .build());
    }

    /** By roll-ups, by an attribute's, from the records of a session, and from all records. */
    @Test
    void doubts_areCountedInEveryGroupBucketAndWindow() {
        append(
                doubted("r1", 0, "search", "output_incomplete", "cache_split_missing"),
                doubted("r2", 60, "search", "output_incomplete"),
                doubted("r3", 3_600, "ads", "unknown_member_x"),
                doubted("r4", 3_600, "ads"),
                doubted("r5", 90_000, "", "cache_split_missing", "compaction_included"));
        for (TimeWindow window :
                List.of(TimeWindow.all(), TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(90_001)))) {
            assertThat(ledger.summary(window).doubts()).isEqualTo(new Doubts(4, 2, 2));
            assertThat(ledger.summaryBy("attribute.team", window))
                    .extracting(GroupedSummary::key, row -> row.summary().doubts())
                    .containsExactlyInAnyOrder(
                            tuple("search", new Doubts(2, 2, 1)),
                            tuple("ads", new Doubts(1, 0, 0)),
                            tuple("", new Doubts(1, 0, 1)));
            assertThat(ledger.summaryBy(Dimension.SESSION, window))
                    .extracting(GroupedSummary::key, row -> row.summary().doubts())
                    .containsExactlyInAnyOrder(
                            tuple("s-search", new Doubts(2, 2, 1)),
                            tuple("s-ads", new Doubts(1, 0, 0)),
                            tuple("s-", new Doubts(1, 0, 1)));
            assertThat(ledger.summaries(SummaryQuery.over(window)
                            .every(CalendarBucket.HOUR, ZoneId.of("UTC"))
                            .build()))
                    .extracting(row -> row.summary().doubts())
                    .containsExactly(new Doubts(2, 2, 1), new Doubts(1, 0, 0), new Doubts(1, 0, 1));
        }
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW.plusSeconds(1), Samples.NOW.plusSeconds(3_600)))
                        .doubts())
                .isEqualTo(new Doubts(1, 1, 0));
        assertThat(ledger.sessionTotal("s-search").doubts()).isEqualTo(new Doubts(2, 2, 1));
    }

    private static UsageRecord doubted(String id, long seconds, String team, String... notes) {
        UsageRecord.Builder record =
                Samples.builder(id).timestamp(Samples.NOW.plusSeconds(seconds)).sessionId("s-" + team);
        if (!team.isEmpty()) {
            record.attribute("team", team);
        }
        return record.notes(Set.of(notes)).build();
    }

    @Test
    void everyDimension_groupsByItsValue_withAnEmptyKeyForNone() {
        UsageRecord full = Samples.everyField("full").build();
        append(
                full,
                UsageRecord.builder()
                        .id("plain")
                        .timestamp(Samples.NOW)
                        .identity(new ModelIdentity("", Samples.ALPHA, "", ""))
                        .build());
        for (Dimension dimension : dimensions()) {
            List<GroupedSummary> rows = ledger.summaryBy(dimension, TimeWindow.all());
            List<String> keys = rows.stream().map(GroupedSummary::key).toList();
            if (dimension.equals(Dimension.UPSTREAM_MODEL)) {
                assertThat(keys).containsExactly(Samples.ALPHA);
            } else if (dimension.equals(Dimension.PRICING_STATUS)) {
                assertThat(keys).containsExactly("partial", "unpriced");
            } else {
                assertThat(keys).as(dimension.name()).containsExactly(dimension.valueOf(full, ""), "");
            }
            assertThat(rows).allSatisfy(row -> {
                assertThat(row.keys()).containsOnlyKeys(dimension);
                assertThat(row.bucket()).isEmpty();
                assertThat(row.other()).isFalse();
            });
            assertThat(rows.get(0).summary().totalCost()).hasToString("0.2");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "deployment, mirror/claude-alpha",
        "' model ', mirror/claude-alpha",
        "upstream_model, claude-alpha",
        "provider, anthropic",
        "resource, mirror",
        "role, delegate",
        "task, email_poll",
        "attribute.project, apollo"
    })
    void summaryBy_takesADimensionsName(String name, String key) {
        append(Samples.everyField("r1").build());
        assertThat(ledger.summaryBy(name, TimeWindow.all()))
                .extracting(GroupedSummary::key)
                .containsExactly(key);
    }

    @Test
    void summaryBy_anUnknownName_listsTheNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.summaryBy("colour", TimeWindow.all()))
                .withMessageContaining("\"colour\"")
                .withMessageContaining("deployment, model, upstream_model, provider, resource, role, task");
    }

    @Test
    void groups_comeHighestCostFirst_andTiesByKey() {
        append(
                cost("r1", "b", "1"),
                cost("r2", "\uFF5E", "1"),
                cost("r3", "\uD83D\uDCB8", "1"),
                cost("r4", "a", "1"),
                cost("r5", "B", "1"),
                cost("r6", "z", "1.000000000001"),
                cost("r7", "", "1"));
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK)))
                .containsExactly("z", "", "B", "a", "b", "\uFF5E", "\uD83D\uDCB8");
    }

    @Test
    void otherOrders_goByTokensRecordsAndKeys() {
        append(
                cost("r1", "cheap", "0"),
                cost("r2", "cheap", "0"),
                Samples.builder("r3")
                        .taskName("cached")
                        .cacheReadInputTokens(5_000)
                        .cost(Usd.parse("1"))
                        .build(),
                cost("r4", "dear", "9"));
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK)))
                .containsExactly("dear", "cached", "cheap");
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).order(SummaryQuery.Order.TOKENS)))
                .containsExactly("cached", "cheap", "dear");
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).order(SummaryQuery.Order.RECORDS)))
                .containsExactly("cheap", "cached", "dear");
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).order(SummaryQuery.Order.KEY)))
                .containsExactly("cached", "cheap", "dear");
    }

    @Test
    void severalDimensions_giveARowForEachCombination() {
        append(
                dimensioned("r1", "m1", "t1", "x"),
                dimensioned("r2", "m1", "t2", "x"),
                dimensioned("r3", "m1", "t1", "y"),
                dimensioned("r4", "m2", "t1", ""),
                dimensioned("r5", "m1", "t1", "x"));
        List<GroupedSummary> rows = ledger.summaries(SummaryQuery.over(TimeWindow.all())
                .by(Dimension.TASK, Dimension.attribute("team"), Dimension.MODEL)
                .order(SummaryQuery.Order.KEY)
                .build());
        assertThat(rows)
                .extracting(GroupedSummary::key)
                .containsExactly("t1 /  / m2", "t1 / x / m1", "t1 / y / m1", "t2 / x / m1");
        assertThat(rows.get(1).keys())
                .isEqualTo(Map.of(Dimension.TASK, "t1", Dimension.attribute("team"), "x", Dimension.MODEL, "m1"));
        assertThat(List.copyOf(rows.get(1).keys().keySet()))
                .containsExactly(Dimension.TASK, Dimension.attribute("team"), Dimension.MODEL);
        assertThat(rows.get(1).summary().totalRecords()).isEqualTo(2);
    }

    @Test
    void twoAttributes_canBeCrossedWithEachOther() {
        append(
                Samples.builder("r1")
                        .attribute("team", "a")
                        .attribute("project", "p")
                        .build(),
                Samples.builder("r2").attribute("team", "a").build(),
                Samples.builder("r3").attribute("project", "p").build(),
                Samples.record("r4"),
                Samples.builder("r5")
                        .attribute("team", "a")
                        .attribute("project", "p")
                        .build());
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                        .by(Dimension.attribute("team"), Dimension.attribute("project"))
                        .build()))
                .extracting(row -> row.key() + "=" + row.summary().totalRecords())
                .containsExactly("a / p=2", " / =1", " / p=1", "a / =1");
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                        .by(Dimension.attribute("team"))
                        .where(Dimension.attribute("project"), "p")
                        .build()))
                .extracting(row -> row.key() + "=" + row.summary().totalRecords())
                .containsExactly("a=2", "=1");
    }

    @Test
    void recordsWithoutTheAttribute_areUnderTheEmptyKey() {
        append(Samples.builder("r1").attribute("team", "a").build(), Samples.record("r2"), Samples.record("r3"));
        ledger.reverse(RecordId.of("r3"), "");
        assertThat(ledger.summaryBy("attribute.team", TimeWindow.all()))
                .extracting(row -> row.key() + "=" + row.summary().totalRecords())
                .containsExactly("=1", "a=1");
        assertThat(ledger.summaryBy("attribute.nobody", TimeWindow.all()))
                .extracting(row -> row.key() + "=" + row.summary().totalRecords())
                .containsExactly("=2");
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                                .where(Dimension.attribute("team"), "")
                                .build())
                        .get(0)
                        .summary()
                        .totalRecords())
                .isEqualTo(1);
    }

    @Test
    void filters_cutTotalsInEveryDimension() {
        UsageRecord full = Samples.everyField("full").build();
        append(full, Samples.builder("plain").outputTokens(1).build());
        Summary expected = Summary.of(full, entry("full").cost());
        for (Dimension dimension : dimensions()) {
            if (!dimension.equals(Dimension.UPSTREAM_MODEL) && !dimension.equals(Dimension.PROVIDER)) {
                String value = dimension.valueOf(full, "partial");
                assertThat(total(SummaryQuery.over(TimeWindow.all()).where(dimension, value)))
                        .as("%s = %s", dimension, value)
                        .isEqualTo(expected);
            }
            assertThat(total(SummaryQuery.over(TimeWindow.all()).where(dimension, "nobody has this")))
                    .isEqualTo(Summary.ZERO);
        }
        assertThat(total(SummaryQuery.over(TimeWindow.all())
                        .where(Dimension.PROVIDER, "anthropic")
                        .where(Dimension.ROLE, "")))
                .isEqualTo(Summary.of(entry("plain").record(), entry("plain").cost()));
    }

    @Test
    void filteredDimension_canBeGroupedByToo() {
        append(cost("r1", "a", "1"), cost("r2", "b", "2"));
        assertThat(keys(SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).where(Dimension.TASK, "a")))
                .containsExactly("a");
    }

    @Test
    void limit_leavesTheRestToOneRow() {
        append(
                cost("r1", "a", "1"),
                cost("r2", "b", "2"),
                cost("r3", "c", "3"),
                cost("r4", "d", "4"),
                cost("r5", "d", "4"));
        List<GroupedSummary> rows = ledger.summaries(
                SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).limit(2).build());
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).key()).isEqualTo("d");
        assertThat(rows.get(1).key()).isEqualTo("c");
        GroupedSummary other = rows.get(2);
        assertThat(other.other()).isTrue();
        assertThat(other.keys()).isEmpty();
        assertThat(other.summary().totalRecords()).isEqualTo(2);
        assertThat(other.summary().totalCost()).hasToString("3");
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                        .by(Dimension.TASK)
                        .limit(4)
                        .build()))
                .noneMatch(GroupedSummary::other);
    }

    @Test
    void sessionsAndConversations_haveTotals() {
        append(
                Samples.builder("r1").sessionId("s1").conversationId("c1").build(),
                Samples.builder("r2")
                        .sessionId("s1")
                        .conversationId("c2")
                        .timestamp(Instant.EPOCH)
                        .build(),
                Samples.builder("r3").sessionId("s2").conversationId("c1").build(),
                Samples.record("r4"));
        assertThat(ledger.sessionTotal("s1").totalRecords()).isEqualTo(2);
        assertThat(ledger.conversationTotal("c1").totalRecords()).isEqualTo(2);
        assertThat(ledger.sessionTotal("").totalRecords()).isEqualTo(1);
        ledger.reverse(RecordId.of("r1"), "");
        assertThat(ledger.sessionTotal("s1").totalRecords()).isEqualTo(1);
        assertThat(ledger.conversationTotal("c1").totalRecords()).isEqualTo(1);
        assertThat(keys(SummaryQuery.over(TimeWindow.all())
                        .by(Dimension.SESSION)
                        .order(SummaryQuery.Order.KEY)))
                .containsExactly("", "s1", "s2");
    }

    @Test
    void sessionsToldApart_areReadFromRecords_andOneThatIsChosenIsNot() {
        append(Samples.builder("r1").sessionId("s1").conversationId("c1").build());
        assertThat(readsRecords(all().by(Dimension.SESSION))).isTrue();
        assertThat(readsRecords(all().by(Dimension.CONVERSATION).where(Dimension.MODEL, Samples.ALPHA)))
                .isTrue();
        assertThat(readsRecords(all().by(Dimension.SESSION).where(Dimension.CONVERSATION, "")))
                .isTrue();
        assertThat(readsRecords(all().by(Dimension.SESSION).where(Dimension.CONVERSATION, "c1")))
                .isFalse();
        assertThat(readsRecords(all().by(Dimension.MODEL).where(Dimension.SESSION, "s1")))
                .isFalse();
        assertThat(readsRecords(all().by(Dimension.MODEL))).isFalse();
    }

    private static SummaryQuery.Builder all() {
        return SummaryQuery.over(TimeWindow.all());
    }

    private boolean readsRecords(SummaryQuery.Builder query) {
        return ledger.readsRecords(query.build());
    }

    @Test
    void totals_beyondALongOfPicodollars_doNotOverflow() {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            records.add(Samples.builder("r" + i)
                    .taskName("t")
                    .cost(Usd.RECORD_LIMIT)
                    .build());
        }
        records.add(cost("dust", "t", "0.000000000001"));
        ledger.appendAll(records);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("45000000.000000000001");
        assertThat(ledger.summaryBy("task", TimeWindow.all()).get(0).summary().totalCost())
                .hasToString("45000000.000000000001");
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(1)))
                        .totalCost())
                .hasToString("45000000.000000000001");
        records.subList(0, 5).forEach(record -> ledger.reverse(record.id(), ""));
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("0.000000000001");
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void tenMillionTokensAtATenMillionth_areExactlyOne() {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            records.add(UsageRecord.builder()
                    .model(Samples.EPSILON)
                    .timestamp(Samples.NOW.plusSeconds(i * 97L))
                    .inputTokens(1)
                    .build());
        }
        records.add(UsageRecord.builder()
                .model(Samples.EPSILON)
                .timestamp(Samples.NOW)
                .outputTokens(9_999_000)
                .build());
        ledger.appendAll(records);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("1");
    }

    @Test
    void rebuild_changesNoAnswer() {
        append(
                Samples.everyField("r1").build(),
                Samples.record("r2"),
                Samples.builder("r3")
                        .model(Samples.OMEGA)
                        .attribute("team", "a")
                        .build());
        ledger.reverse(RecordId.of("r2"), "");
        List<GroupedSummary> before = ledger.summaryBy("attribute.team", TimeWindow.all());
        assertThat(ledger.verify().clean()).isTrue();
        assertThat(ledger.verify().entries()).isEqualTo(4);
        ledger.rebuild();
        assertThat(ledger.verify().clean()).isTrue();
        assertThat(ledger.summaryBy("attribute.team", TimeWindow.all())).isEqualTo(before);
    }

    private List<String> keys(SummaryQuery.Builder query) {
        return ledger.summaries(query.build()).stream().map(GroupedSummary::key).toList();
    }

    private Summary total(SummaryQuery.Builder query) {
        List<GroupedSummary> rows = ledger.summaries(query.build());
        assertThat(rows).hasSize(1);
        return rows.get(0).summary();
    }

    static UsageRecord cost(String id, String task, String usd) {
        return Samples.builder(id).taskName(task).cost(Usd.parse(usd)).build();
    }

    private static UsageRecord dimensioned(String id, String model, String task, String team) {
        return Samples.builder(id)
                .model(model)
                .taskName(task)
                .attribute("team", team)
                .build();
    }
}
