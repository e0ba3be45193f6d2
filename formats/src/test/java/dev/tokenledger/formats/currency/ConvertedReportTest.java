package dev.tokenledger.formats.currency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertedReportTest {

    private static final ZoneId UTC = ZoneId.of("UTC");

    /** A Friday, the Monday after it, and a Tuesday on which one of the currencies has no rate. */
    private static final String ECB = """
            Date,USD,JPY,GBP,
            2026-11-10,1.25,160,N/A,
            2026-11-09,1.2,150,0.9,
            2026-11-06,1.6,N/A,0.8,
            """;

    private static final SummaryQuery ALL = SummaryQuery.over(TimeWindow.all()).build();

    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void setUp() {
        ledger = InMemoryLedger.open(PriceBook.empty(), InstantSource.fixed(Instant.parse("2026-11-22T00:00:00Z")));
    }

    private void call(String time, String model, String usd) {
        ledger.append(UsageRecord.builder()
                .timestamp(Instant.parse(time))
                .model(model)
                .cost(Usd.parse(usd))
                .build());
    }

    private ExchangeRates rates(String currency, String content) throws IOException {
        return ExchangeRates.read(Files.writeString(folder.resolve("rates.csv"), content), currency);
    }

    private ConvertedReport ask(SummaryQuery query, String zone, ExchangeRates rates) {
        return ConvertedReport.ask(ledger, query, ZoneId.of(zone), rates, false);
    }

    @Test
    void eachDay_hasItsRate_andAWeekendThatOfFriday() throws IOException {
        call("2026-11-06T10:00:00Z", "a", "1.6");
        call("2026-11-08T23:59:59Z", "a", "3.2");
        call("2026-11-09T00:00:00Z", "b", "2.4");
        call("2026-11-10T10:00:00Z", "b", "0.000000000001");

        ConvertedReport report = ask(ALL, "UTC", rates("EUR", ECB));

        // 1.6 / 1.6 + 3.2 / 1.6 + 2.4 / 1.2 + 0.000000000001 / 1.25, the last rounded to the same amount.
        assertThat(report.total()).isEqualByComparingTo("5.000000000001");
        assertThat(report.carried()).containsExactly(LocalDate.parse("2026-11-08"));
        assertThat(report.old()).isEmpty();
    }

    @Test
    void quotients_areAddedBeforeTheyAreRounded() throws IOException {
        // Each third of a picodollar by itself would be rounded away.
        ExchangeRates rates =
                rates("CHF", "date,currency,in_usd\n2026-11-01,CHF,3\n2026-11-02,CHF,3.0\n2026-11-03,CHF,1.5\n");
        call("2026-11-01T10:00:00Z", "a", "0.000000000001");
        call("2026-11-02T10:00:00Z", "a", "0.000000000001");
        call("2026-11-03T10:00:00Z", "b", "0.000000000002");

        // 1/3 + 1/3 + 2/1.5 = 2
        assertThat(ask(ALL, "UTC", rates).total()).isEqualByComparingTo("0.000000000002");
        ConvertedReport byModel =
                ask(SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).build(), "UTC", rates);
        assertThat(byModel.rows()).extracting(GroupedSummary::key).containsExactly("a", "b");
        assertThat(byModel.costs()).containsExactly(new BigDecimal("0.000000000001"), new BigDecimal("0.000000000001"));
    }

    @Test
    void halves_areRoundedToTheEvenDigit() throws IOException {
        ExchangeRates rates = rates("XXX", "date,currency,per_usd\n2026-11-01,XXX,0.5\n2026-11-02,XXX,1.5\n");
        call("2026-11-01T10:00:00Z", "a", "0.000000000001");
        assertThat(ask(ALL, "UTC", rates).total()).isEqualByComparingTo("0");
        call("2026-11-02T10:00:00Z", "a", "0.000000000002");
        assertThat(ask(ALL, "UTC", rates).total()).isEqualByComparingTo("0.000000000004");
    }

    @Test
    void otherCurrency_isTheQuotientOfTwo_andADayWithoutOneOfThemHasTheLastBefore() throws IOException {
        call("2026-11-09T10:00:00Z", "a", "2");
        call("2026-11-10T10:00:00Z", "a", "4");

        // 2 × 0.9 / 1.2 + 4 × 0.9 / 1.2
        ConvertedReport report = ask(ALL, "UTC", rates("GBP", ECB));
        assertThat(report.total()).isEqualByComparingTo("4.5");
        assertThat(report.carried()).containsExactly(LocalDate.parse("2026-11-10"));
        assertThat(ask(ALL, "UTC", rates("USD", ECB)).total()).isEqualByComparingTo("6");
    }

    @Test
    void days_areThoseOfTheZone() throws IOException {
        call("2026-11-09T23:30:00Z", "a", "3");

        assertThat(ask(ALL, "UTC", rates("EUR", ECB)).total()).isEqualByComparingTo("2.5");
        assertThat(ask(ALL, "Europe/Berlin", rates("EUR", ECB)).total()).isEqualByComparingTo("2.4");
        SummaryQuery hours = SummaryQuery.over(TimeWindow.all())
                .every(CalendarBucket.HOUR, ZoneId.of("Asia/Kathmandu"))
                .build();
        assertThat(ask(hours, "UTC", rates("EUR", ECB)).costs()).containsExactly(new BigDecimal("2.4"));
    }

    @Test
    void everyGrouping_isWhatTheLedgerAnswers_andEachRowIsConverted() throws IOException {
        call("2026-11-06T10:00:00Z", "a", "1.6");
        call("2026-11-09T10:00:00Z", "a", "1.2");
        call("2026-11-09T11:00:00Z", "b", "2.4");
        call("2026-11-10T11:00:00Z", "c", "1.25");
        ExchangeRates rates = rates("EUR", ECB);
        for (CalendarBucket bucket : CalendarBucket.values()) {
            SummaryQuery query = SummaryQuery.over(TimeWindow.all())
                    .by(Dimension.MODEL)
                    .every(bucket, UTC)
                    .limit(2)
                    .build();
            ConvertedReport report = ask(query, "UTC", rates);
            assertThat(report.rows()).isEqualTo(ledger.summaries(query));
            assertThat(report.costs().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                    .isEqualByComparingTo("5");
        }
        ConvertedReport limited = ask(
                SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).limit(1).build(), "UTC", rates);
        // The first one by cost in dollars: a with 2.8; the others are 2 + 1 euros.
        assertThat(limited.rows().get(1).other()).isTrue();
        assertThat(limited.costs()).containsExactly(new BigDecimal("2"), new BigDecimal("3"));
    }

    @Test
    void dayBeforeTheFirstRate_isNamed_unlessItCostNothing() throws IOException {
        call("2026-11-01T10:00:00Z", "a", "0");
        assertThat(ask(ALL, "UTC", rates("EUR", ECB)).total()).isZero();
        call("2026-11-05T10:00:00Z", "a", "1");

        assertThatThrownBy(() -> ask(ALL, "UTC", rates("EUR", ECB)))
                .isInstanceOf(ConvertedReport.NoRateException.class)
                .hasMessage("there is no rate of EUR for 2026-11-05; the first one is of 2026-11-06."
                        + " Name a file that has these days, or ask for calls from then on");
    }

    @Test
    void oldRate_isUsed_andNamed() throws IOException {
        call("2026-11-17T10:00:00Z", "a", "1.25");
        assertThat(ask(ALL, "UTC", rates("EUR", ECB)).old()).isEmpty();
        call("2026-11-18T10:00:00Z", "a", "1.25");

        ConvertedReport report = ask(ALL, "UTC", rates("EUR", ECB));
        assertThat(report.old()).containsExactly(LocalDate.parse("2026-11-18"));
        assertThat(SummaryJson.write(ALL, report))
                .startsWith(
                        "{\"start\":null,\"end\":null,\"currency\":{\"code\":\"EUR\",\"zone\":\"UTC\",\"rounding\":\"half_even\","
                                + "\"digits\":12,\"days_at_earlier_rate\":[\"2026-11-17\",\"2026-11-18\"],"
                                + "\"days_at_old_rate\":[\"2026-11-18\"]},\"summary\":{")
                .contains("\"total_cost_usd\":2.5,\"total_cost\":2,");
    }

    @Test
    void files_withMistakes_areRefusedByLine() {
        assertThatThrownBy(() -> rates("EUR", "Date,USD\n2026-11-02,1.1\n2026-11-03,abc\n"))
                .hasMessageContaining("rates.csv:3:1: usd: expected a decimal number");
        assertThatThrownBy(() -> rates("EUR", "Date,USD\n2026-11-02,0\n"))
                .hasMessageContaining("expected a rate above 0");
        assertThatThrownBy(() -> rates("EUR", "Date,USD\n02.11.2026,1\n"))
                .hasMessageContaining("expected a day such as");
        assertThatThrownBy(() -> rates("EUR", "Date,USD\n2026-11-02,1\n2026-11-02,2\n"))
                .hasMessageContaining("there are two rates of EUR for 2026-11-02");
        assertThatThrownBy(() -> rates("SEK", ECB))
                .hasMessageContaining("it has no rate of SEK; it has EUR, GBP, JPY, USD");
        assertThatThrownBy(() -> rates("EUR", "a,b\n1,2\n")).hasMessageContaining("there is no column \"date\"");
        assertThatThrownBy(() -> rates("EUR", "date,currency,per_usd,in_usd\n2026-11-02,EUR,0.9,1.1\n"))
                .hasMessageContaining("expected a rate in one of the columns");
        assertThatThrownBy(() -> ExchangeRates.read(folder.resolve("none.csv"), "EUR"))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void theBanksDailyFile_isReadToo() throws IOException {
        assertThat(rates("EUR", "Date, USD, JPY, \n27 November 2026, 1.0541, 155.3, \n")
                        .at(LocalDate.parse("2026-11-28")))
                .get()
                .extracting(ExchangeRates.Rate::usd)
                .hasToString("1.0541");
    }
}
