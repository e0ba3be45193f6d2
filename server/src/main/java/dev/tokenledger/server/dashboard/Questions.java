package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The questions of one page, answered by one report: whatever is written meanwhile, no figure of the page knows more than
 * another. Each part of the page adds its questions first, and reads the answers once all have been asked.
 */
final class Questions {

    private final Ledger ledger;
    private ReportQuery query;
    private int further;
    private @Nullable Report report;

    /** Questions beside those of a report. */
    Questions(Ledger ledger, ReportQuery query) {
        this.ledger = ledger;
        this.query = query;
    }

    /** Adds a question; its answer is there after {@link #ask}. */
    Supplier<List<GroupedSummary>> rows(SummaryQuery question) {
        query = query.with(question);
        int place = further++;
        return () -> {
            if (report == null) {
                throw new IllegalStateException("nothing was asked yet");
            }
            return report.further().get(place);
        };
    }

    /** Adds a question without groups and buckets. */
    Supplier<Summary> total(SummaryQuery question) {
        Supplier<List<GroupedSummary>> rows = rows(question);
        return () -> rows.get().get(0).summary();
    }

    /** Asks the ledger, once all questions are added. */
    Report ask() {
        Report answered = ledger.report(query);
        report = answered;
        return answered;
    }
}
