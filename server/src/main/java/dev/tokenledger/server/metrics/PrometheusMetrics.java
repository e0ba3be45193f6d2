package dev.tokenledger.server.metrics;

import dev.tokenledger.AppendResult;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.payloads.telemetry.MetricProgram;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.ingest.Ingest;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import io.javalin.http.Context;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Answers Prometheus. The ledger's totals are the ledger's; what is counted here is this process's own and begins at zero with
 * it. Its counters and histograms may be updated by many threads at once.
 */
public final class PrometheusMetrics implements Part {

    /** From a commit on a fast disk to a client's patience, in seconds. */
    private static final double[] SECONDS = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

    private static final double NANOS = 1e9;
    private static final String REJECTED = "rejected";

    private static final String PRICE = "price";
    private static final String PERHAPS = "perhaps";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final Counter results;
    private final Counter ignored;
    private final Counter metricPoints;
    private final Counter unknown;
    private final Histogram commits;
    private final Histogram requests;

    /**
     * The metrics of these services.
     *
     * @param told how often channels were told of budgets
     * @param copy what became of questions that a copy of the ledger was for; nothing without one
     * @param copyAnswers whether the copy answers
     */
    public PrometheusMetrics(
            Services services,
            Supplier<Map<BudgetAlerts.Count, Long>> told,
            Supplier<Map<String, Long>> copy,
            BooleanSupplier copyAnswers) {
        registry.register(new LedgerTotals(services.ledger()));
        registry.register(new BudgetGauges(services));
        registry.register(new Notifications(told));
        registry.register(new CopyOutcomes(copy, copyAnswers));
        results = Counter.builder()
                .name("tokenledger_ingest_records_total")
                .help(
                        "Records that this process was sent, but those of requests that were refused whole, by what became of them")
                .labelNames("result")
                .register(registry);
        // From the start, so that the first of a kind shows as a rise.
        for (String result : List.of("appended", "corrected", "duplicate", "conflict", REJECTED)) {
            results.initLabelValues(result);
        }
        ignored = Counter.builder()
                .name("tokenledger_otlp_ignored_total")
                .help("Spans and events that count tokens but were not understood, so that no record was made of them")
                .labelNames("signal", "reason")
                .register(registry);
        for (String signal : List.of("traces", "logs")) {
            TelemetryReader.REASONS.forEach(reason -> ignored.initLabelValues(signal, reason));
        }
        metricPoints = Counter.builder()
                .name("tokenledger_otlp_metric_points_total")
                .help(
                        "Data points of metrics that were acknowledged, by the program that sent them; records are made of them only if"
                                + " the server was told to")
                .labelNames("program")
                .register(registry);
        for (MetricProgram program : MetricProgram.values()) {
            metricPoints.initLabelValues(program.text());
        }
        unknown = Counter.builder()
                .name("tokenledger_unknown_members_total")
                .help(
                        "Stored records that state a member which no reader knows: one that bears on the price, so that the record is"
                                + " partial, or one that may")
                .labelNames("bearing")
                .register(registry);
        unknown.initLabelValues(PRICE);
        unknown.initLabelValues(PERHAPS);
        commits = Histogram.builder()
                .name("tokenledger_ingest_commit_seconds")
                .help("Time from handing over a batch of records until it is on disk")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        requests = Histogram.builder()
                .name("tokenledger_http_request_seconds")
                .help("Time from a request's complete body until its answer is made")
                .labelNames("method", "route", "status")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .register(registry);
        GaugeWithCallback.builder()
                .name("tokenledger_ingest_waiting_records")
                .help("Records that were handed over and are not on disk yet")
                .callback(point -> point.call(services.ingest().waiting()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("tokenledger_ledger_bytes")
                .help("Bytes of the ledger's files; left out where they are not known")
                .callback(point -> services.ledgerBytes().get().ifPresent(point::call))
                .register(registry);
        Info.builder()
                .name("tokenledger_build_info")
                .help("The version of this program")
                .labelNames("version")
                .register(registry)
                .setLabelValues(services.version());
        JvmMetrics.builder().register(registry);
        services.ingest().addListener(new Counting());
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get(
                "/metrics",
                Access.READ_ALL,
                Operation.of("metrics", "Figures for Prometheus")
                        .describedAs(
                                "The ledger's totals by provider and model, and how this process fares. A key that is limited to some calls is"
                                        + " refused.")
                        .answer(200, "The figures, in Prometheus' text format or as OpenMetrics.", "text/plain", ""),
                this::scrape));
    }

    @Override
    public void answered(String method, String route, int status, Duration duration) {
        requests.labelValues(method, route, Integer.toString(status)).observe(duration.toNanos() / NANOS);
    }

    private final class Counting implements Ingest.Listener {

        @Override
        public void stored(List<Outcome> outcomes, Duration duration) {
            commits.observe(duration.toNanos() / NANOS);
            outcomes.forEach(outcome -> results.labelValues(word(outcome)).inc());
        }

        @Override
        public void refused(int records) {
            results.labelValues(REJECTED).inc(records);
        }

        @Override
        public void unknownMember(boolean bearing, long records) {
            unknown.labelValues(bearing ? PRICE : PERHAPS).inc(records);
        }

        @Override
        public void ignored(String signal, String reason) {
            ignored.labelValues(signal, reason).inc();
        }

        @Override
        public void metricPoints(String program, long points) {
            metricPoints.labelValues(program).inc(points);
        }
    }

    private static String word(Outcome outcome) {
        if (!(outcome instanceof Outcome.Answered answered)) {
            return outcome instanceof Outcome.Corrected ? "corrected" : REJECTED;
        }
        AppendResult result = answered.result();
        if (result instanceof AppendResult.Appended) {
            return "appended";
        }
        return result instanceof AppendResult.Duplicate ? "duplicate" : "conflict";
    }

    private void scrape(Context context) throws IOException {
        // Not findWriter(), which offers the binary format too, and fails when it is taken: its library is not here.
        ExpositionFormatWriter writer = formats.getOpenMetricsTextFormatWriter().accepts(context.header("Accept"))
                ? formats.getOpenMetricsTextFormatWriter()
                : formats.getPrometheusTextFormatWriter();
        ByteArrayOutputStream text = new ByteArrayOutputStream(16 << 10);
        writer.write(text, registry.scrape());
        context.contentType(writer.getContentType()).result(text.toByteArray());
    }
}
