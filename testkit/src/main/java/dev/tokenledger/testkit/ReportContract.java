package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What is promised of reports: several answers, all of one moment. */
abstract class ReportContract extends AdjustmentContract {

    private static final TimeWindow TODAY = TimeWindow.of(Samples.NOW, Samples.NOW.plus(Duration.ofDays(1)));
    private static final TimeWindow YESTERDAY = TimeWindow.of(Samples.NOW.minus(Duration.ofDays(1)), Samples.NOW);

    private static UsageRecord yesterday(String id) {
        return Samples.builder(id)
                .timestamp(Samples.NOW.minus(Duration.ofHours(1)))
                .build();
    }

    private static SummaryQuery.Builder models() {
        return SummaryQuery.over(TODAY).by(Dimension.MODEL);
    }

    @Test
    void report_answersWhatItsQuestionsAnswerOneByOne() {
        append(
                Samples.record("r1"),
                Samples.builder("r2").model("nobody's").build(),
                Samples.builder("r3").model("nobody's").build(),
                Samples.builder("r4").model("another's").build(),
                yesterday("r5"));

        Report report = ledger.report(ReportQuery.of(models().build())
                .before(YESTERDAY)
                .countingGroups()
                .namingUnpricedModels());

        assertThat(report.rows()).isEqualTo(ledger.summaries(models().build()));
        assertThat(report.total()).isEqualTo(ledger.summary(TODAY));
        assertThat(report.before()).contains(ledger.summary(YESTERDAY));
        assertThat(report.groups()).hasValue(3);
        assertThat(report.leftOut()).isFalse();
        assertThat(report.unpricedModels()).containsExactly(Map.entry("nobody's", 2L), Map.entry("another's", 1L));
    }

    @Test
    void report_withALimit_countsTheGroupsThatAreLeftOut() {
        append(
                Samples.record("r1"),
                Samples.builder("r2").model("a").build(),
                Samples.builder("r3").model("b").build(),
                Samples.builder("r4").model("gone").build());
        ledger.reverse(RecordId.of("r4"), "not ours");
        for (SummaryQuery query : List.of(
                models().limit(1).build(),
                models().limit(1)
                        .every(CalendarBucket.DAY, ZoneId.of("Asia/Colombo"))
                        .build())) {
            Report counted = ledger.report(ReportQuery.of(query).countingGroups());
            assertThat(counted.groups()).hasValue(3);
            assertThat(counted.leftOut()).isTrue();
            assertThat(counted.total().totalRecords()).isEqualTo(3);
            assertThat(ledger.report(ReportQuery.of(query)).groups()).isEmpty();
        }
        Report enough = ledger.report(ReportQuery.of(models().limit(3).build()));
        assertThat(enough.groups()).hasValue(3);
        assertThat(enough.leftOut()).isFalse();
    }

    @Test
    void report_keepsTheFiltersForWhatItComparesWith() {
        append(
                Samples.builder("r1").role("planner").build(),
                Samples.builder("r2").build(),
                yesterday("r3").toBuilder().role("planner").build(),
                yesterday("r4"));
        SummaryQuery planner = models().where(Dimension.ROLE, "planner").build();
        Report report = ledger.report(ReportQuery.of(planner).before(YESTERDAY));
        assertThat(report.total().totalRecords()).isEqualTo(1);
        assertThat(report.before().orElseThrow().totalRecords()).isEqualTo(1);
    }

    @Test
    void report_asksNothingThatItWasNotAsked() {
        append(Samples.builder("r1").model("nobody's").build());
        Report report = ledger.report(ReportQuery.of(models().build()));
        assertThat(report.before()).isEmpty();
        assertThat(report.unpricedModels()).isEmpty();
        Report empty = ledger.report(ReportQuery.of(SummaryQuery.over(YESTERDAY).build()));
        assertThat(empty.total()).isEqualTo(Summary.ZERO);
        assertThat(empty.groups()).hasValue(0);
    }

    @Test
    void report_answersFurtherQuestions_inTheirOrder() {
        append(Samples.record("r1"), Samples.builder("r2").model("a").build(), yesterday("r3"));
        SummaryQuery days = SummaryQuery.over(TimeWindow.all())
                .every(CalendarBucket.DAY, ZoneId.of("Asia/Colombo"))
                .build();
        SummaryQuery none = SummaryQuery.over(YESTERDAY)
                .by(Dimension.ROLE)
                .where(Dimension.MODEL, "a")
                .build();
        Report report = ledger.report(
                ReportQuery.of(models().build()).with(days).before(YESTERDAY).with(none));
        assertThat(report.further()).containsExactly(ledger.summaries(days), ledger.summaries(none));
        assertThat(report.before().orElseThrow().totalRecords()).isEqualTo(1);
    }

    /** Each write adds a call to either day, so that a report of two moments would count more of one than of the other. */
    @Test
    void report_isOfOneMoment_whateverIsWrittenMeanwhile() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing = writer.submit(() -> {
                for (int i = 0; !done.get(); i++) {
                    ledger.appendAll(List.of(
                            Samples.builder("today" + i).model("nobody's").build(), yesterday("yesterday" + i)));
                }
            });
            long last = 0;
            while (last < 100) {
                Report report = ledger.report(ReportQuery.of(models().build())
                        .before(YESTERDAY)
                        .with(SummaryQuery.over(YESTERDAY).by(Dimension.ROLE).build())
                        .namingUnpricedModels());
                last = report.total().totalRecords();
                assertThat(report.before().orElseThrow().totalRecords()).isEqualTo(last);
                assertThat(report.further().get(0).stream()
                                .mapToLong(row -> row.summary().totalRecords())
                                .sum())
                        .isEqualTo(last);
                assertThat(report.unpricedModels().getOrDefault("nobody's", 0L)).isEqualTo(last);
                assertThat(writing.isDone()).isFalse();
            }
            done.set(true);
            writing.get();
        } finally {
            done.set(true);
            writer.shutdown();
        }
    }
}
