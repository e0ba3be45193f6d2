package dev.tokenledger.formats.budgets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.RecordGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetStatusTest {

    /** Half of November is over, and of the day a half too. */
    private static final Instant NOW = Instant.parse("2026-11-16T12:00:00Z");

    private static final ZoneId UTC = ZoneOffset.UTC;

    private final Ledger ledger = InMemoryLedger.open(Samples.prices(), InstantSource.fixed(NOW));
    private int calls;

    private void call(String time, String usd, PricingStatus status, String team) {
        ledger.append(UsageRecord.builder()
                .id("c" + ++calls)
                .timestamp(Instant.parse(time))
                .model("m")
                .attribute("team", team)
                .cost(Usd.parse(usd))
                .pricingStatus(status)
                .build());
    }

    private static Budget budget(Budget.Period period, String usd) {
        return new Budget("b", Map.of(), period, Usd.parse(usd), Optional.empty());
    }

    private BudgetStatus status(Budget budget) {
        return BudgetStatus.of(List.of(budget), ledger, NOW, UTC).get(0);
    }

    @Test
    void calls_countWhereTheFiltersHold() {
        call("2026-11-02T00:00:00Z", "1", PricingStatus.PRICED, "search");
        call("2026-11-02T00:00:00Z", "2", PricingStatus.PRICED, "ads");
        call("2026-11-02T00:00:00Z", "4", PricingStatus.PRICED, "");
        Map<Dimension, String> search = Map.of(Dimension.attribute("team"), "search");
        Map<Dimension, String> none = Map.of(Dimension.attribute("team"), "", Dimension.MODEL, "m");

        assertThat(BudgetStatus.of(
                        List.of(
                                budget(Budget.Period.MONTH, "10"),
                                new Budget("s", search, Budget.Period.MONTH, Usd.parse("10"), Optional.empty()),
                                new Budget("n", none, Budget.Period.MONTH, Usd.parse("10"), Optional.empty())),
                        ledger,
                        NOW,
                        UTC))
                .extracting(status -> status.spent().totalCost().toString())
                .containsExactly("7", "1", "4");
    }

    /** A month and a day begin with their first moment in the budget's zone and end before the next one's. */
    @ParameterizedTest
    @CsvSource({
        // Where the clock is set back, the 25th has 25 hours, and October an hour more.
        "2026-10-25T12:00:00Z, DAY, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "2026-10-25T12:00:00Z, MONTH, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z",
        // Where it is set on, the 29th has 23.
        "2026-03-29T12:00:00Z, DAY, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        // The last and the first moment of a month, and of a year.
        "2026-11-30T22:59:59.999999Z, MONTH, 2026-10-31T23:00:00Z, 2026-11-30T23:00:00Z",
        "2026-11-30T23:00:00Z, MONTH, 2026-11-30T23:00:00Z, 2026-12-31T23:00:00Z",
        "2026-12-31T23:00:00Z, MONTH, 2026-12-31T23:00:00Z, 2027-01-31T23:00:00Z",
        "2028-02-29T12:00:00Z, MONTH, 2028-01-31T23:00:00Z, 2028-02-29T23:00:00Z"
    })
    void period_isThatOfTheBudgetsZone(Instant now, Budget.Period period, Instant start, Instant end) {
        String micro = "0.000001";
        call(start.minusNanos(1_000).toString(), "100", PricingStatus.PRICED, "");
        call(start.toString(), "1", PricingStatus.PRICED, "");
        call(end.minusNanos(1_000).toString(), micro, PricingStatus.PRICED, "");
        call(end.toString(), "100", PricingStatus.PRICED, "");
        Budget ofBerlin = new Budget("b", Map.of(), period, Usd.parse("10"), Optional.of(ZoneId.of("Europe/Berlin")));

        BudgetStatus status =
                BudgetStatus.of(List.of(ofBerlin), ledger, now, UTC).get(0);

        assertThat(status.window()).isEqualTo(TimeWindow.of(start, end));
        assertThat(status.spent().totalCost()).hasToString("1.000001");
        assertThat(status.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    }

    @ParameterizedTest
    @CsvSource({
        // spent, its status, limit, state
        "10.000000000001, PRICED, 10, EXCEEDED",
        "10, PRICED, 10, OVER_PACE",
        "5.2, PRICED, 10, OVER_PACE",
        "5, PRICED, 10, WITHIN",
        "0, PRICED, 10, WITHIN",
        "11, PARTIAL, 10, EXCEEDED",
        "6, PARTIAL, 10, OVER_PACE",
        "5, PARTIAL, 10, UNCERTAIN",
        "0, UNPRICED, 10, UNCERTAIN"
    })
    void state_saysTheWorstThatIsKnown(String spent, PricingStatus pricing, String limit, BudgetStatus.State state) {
        call("2026-11-16T00:00:00Z", spent, pricing, "");

        BudgetStatus ofTheMonth = status(budget(Budget.Period.MONTH, limit));
        BudgetStatus ofTheDay = status(budget(Budget.Period.DAY, limit));

        assertThat(ofTheMonth.state()).isEqualTo(state);
        assertThat(ofTheDay.state()).isEqualTo(state);
        assertThat(ofTheMonth.exceeded()).isEqualTo(state == BudgetStatus.State.EXCEEDED);
    }

    @Test
    void json_isExact() {
        call("2026-11-16T00:00:00Z", "0.1", PricingStatus.PRICED, "search");
        call("2026-11-16T00:00:00Z", "0.200000000001", PricingStatus.PARTIAL, "search");
        Budget search = new Budget(
                "Search \"team\"",
                Map.of(Dimension.attribute("team"), "search"),
                Budget.Period.MONTH,
                Usd.parse("1000000"),
                Optional.of(ZoneId.of("Europe/Berlin")));
        Budget day = budget(Budget.Period.DAY, "0.3");

        assertThat(BudgetJson.write(NOW, BudgetStatus.of(List.of(search, day), ledger, NOW, UTC)))
                .isEqualTo("""
                        {"at":"2026-11-16T12:00:00Z","exceeded":1,"budgets":[\
                        {"name":"Search \\"team\\"","where":{"attribute.team":"search"},"period":"month",\
                        "zone":"Europe/Berlin","start":"2026-10-31T23:00:00Z","end":"2026-11-30T23:00:00Z",\
                        "state":"uncertain","limit_usd":1000000,"spent_usd":0.300000000001,"used":0,\
                        "projected_usd":0.579088471852,"total_records":2,"partial_records":1,"unpriced_records":0},\
                        {"name":"b","where":{},"period":"day","zone":"Z","start":"2026-11-16T00:00:00Z",\
                        "end":"2026-11-17T00:00:00Z","state":"exceeded","limit_usd":0.3,"spent_usd":0.300000000001,\
                        "used":1,"projected_usd":0.600000000002,"total_records":2,"partial_records":1,\
                        "unpriced_records":0}]}""");
    }

    @Test
    void json_tooEarlyForAProjection_hasNull() {
        Instant early = Instant.parse("2026-11-01T00:30:00Z");

        assertThat(BudgetJson.write(
                        early, BudgetStatus.of(List.of(budget(Budget.Period.MONTH, "1")), ledger, early, UTC)))
                .contains("\"projected_usd\":null", "\"state\":\"within\"");
    }

    /** Whatever was recorded, a budget's spending is the row that a summary in its calendar has for that period. */
    @Test
    void spent_isWhatASummaryOfTheSamePeriodAndFiltersSays() {
        Seeds.run(300, random -> {
            RecordGenerator records = new RecordGenerator(random);
            try (Ledger drawn = InMemoryLedger.open(Samples.prices(), InstantSource.fixed(NOW))) {
                List<UsageRecord> all = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    all.add(records.next());
                }
                drawn.appendAll(all);
                Instant now = records.instant();
                // In two zones at most, so that some budgets are asked for together.
                List<ZoneId> zones = List.of(records.zone(), records.zone());
                List<Budget> budgets = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    budgets.add(new Budget(
                            "budget " + i,
                            filters(random, all.get(random.nextInt(all.size()))),
                            Budget.Period.values()[random.nextInt(2)],
                            Usd.parse("1"),
                            Optional.of(zones.get(random.nextInt(2)))));
                }

                List<BudgetStatus> statuses = BudgetStatus.of(budgets, drawn, now, UTC);

                assertThat(statuses).extracting(BudgetStatus::budget).isEqualTo(budgets);
                assertThat(statuses).allSatisfy(status -> {
                    assertThat(status.window().contains(now)).isTrue();
                    assertThat(status.spent()).isEqualTo(row(drawn, status.budget(), now));
                });
            }
        });
    }

    private static Map<Dimension, String> filters(RandomGenerator random, UsageRecord like) {
        Map<Dimension, String> filters = new LinkedHashMap<>();
        for (Dimension dimension :
                List.of(Dimension.attribute("team"), Dimension.attribute("user"), Dimension.SESSION, Dimension.ROLE)) {
            if (random.nextInt(4) == 0) {
                filters.put(dimension, dimension.valueOf(like, "priced"));
            }
        }
        return filters;
    }

    private static Summary row(Ledger ledger, Budget budget, Instant now) {
        TimeWindow around = TimeWindow.of(now.minus(Duration.ofDays(40)), now.plus(Duration.ofDays(40)));
        CalendarBucket bucket = CalendarBucket.parse(budget.period().text());
        SummaryQuery.Builder query =
                SummaryQuery.over(around).every(bucket, budget.zone().orElseThrow());
        budget.filters().forEach(query::where);
        Instant start = bucket.startOf(now, budget.zone().orElseThrow());
        return ledger.summaries(query.build()).stream()
                .filter(row -> row.bucket().orElseThrow().toInstant().equals(start))
                .map(GroupedSummary::summary)
                .findFirst()
                .orElse(Summary.ZERO);
    }
}
