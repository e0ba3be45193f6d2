package dev.tokenledger.benchmarks;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Describes the workload, and shows some of its records. */
final class DataBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "records", "200_000", "labels", "none", "show", "3", "seed", "42");

    private DataBench() {}

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "data", options, options.path("dir"));
        Workload.Labels labels = Workload.Labels.valueOf(options.text("labels").toUpperCase(Locale.ROOT));
        Workload workload = new Workload(options.number("seed"), options.number("records"), labels);
        Set<List<String>> combinations = new HashSet<>();
        Set<String> sessions = new HashSet<>();
        Set<String> conversations = new HashSet<>();
        Map<PricingStatus, Long> statuses = new EnumMap<>(PricingStatus.class);
        long started = System.nanoTime();
        for (long i = 0; i < workload.size(); i++) {
            UsageRecord record = workload.record(i);
            PricingStatus status =
                    PriceBook.bundled().price(record, Workload.START).status();
            combinations.add(combination(record, status));
            sessions.add(record.sessionId());
            conversations.add(record.conversationId());
            statuses.merge(status, 1L, Long::sum);
            if (i < options.number("show")) {
                report.line(
                        "%s %s %s, session %s, %s %s, %s, %s",
                        record.id(),
                        record.timestamp().orElseThrow(),
                        record.identity().model(),
                        record.sessionId(),
                        record.role(),
                        record.taskName(),
                        record.tokens(),
                        record.attributes());
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        report.figure("records made and priced", " records/s", workload.size() / seconds);
        report.figure("combinations of dimensions", "", combinations.size());
        report.figure("sessions", "", sessions.size());
        report.figure("conversations", "", conversations.size());
        statuses.forEach(
                (status, count) -> report.figure(status.text() + " records", " %", 100.0 * count / workload.size()));
        report.end();
    }

    /** What a roll-up tells apart. */
    static List<String> combination(UsageRecord record, PricingStatus status) {
        return List.of(
                record.identity().toString(),
                record.role(),
                record.taskName(),
                record.source(),
                record.serviceTier(),
                record.outcome().text(),
                status.text());
    }
}
