package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.server.TokenledgerServer;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Every view of the dashboard over HTTP, on a ledger of millions of records, warm. The server runs in this process with its
 * clock stopped on the last afternoon of the data, so that "today" and the cards of this month have something to add up; the
 * client reads the answers to their ends, and its own time is in the figures.
 */
final class PagesBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir", "target/bench",
            "records", "5_000_000",
            "labels", "few",
            "rounds", "20",
            "warm-up", "20",
            "only", "",
            "seed", "42");

    private static final double TARGET_MILLIS = 100;

    /** A Tuesday afternoon, at no round time. */
    private static final Instant NOW = Instant.parse("2026-03-31T15:42:17.250Z");

    /** A view that takes seconds need not be asked twenty times to be known well. */
    private static final long MAX_NANOS = 4_000_000_000L;

    private static final List<String> PERIODS = List.of(
            "today",
            "yesterday",
            "last_7_days",
            "last_30_days",
            "last_90_days",
            "week",
            "month",
            "last_month",
            "year",
            "all");

    private static final List<Dimension> DIMENSIONS = List.of(
            Dimension.MODEL,
            Dimension.UPSTREAM_MODEL,
            Dimension.PROVIDER,
            Dimension.RESOURCE,
            Dimension.ROLE,
            Dimension.TASK,
            Dimension.SOURCE,
            Dimension.PRICING_STATUS,
            Dimension.OUTCOME,
            Dimension.SERVICE_TIER,
            Dimension.attribute("team"),
            Dimension.attribute("project"));

    /** What has no target: what its reader is told may take a while, what no roll-up has, and a download. */
    private static final String WHOLE = ", all of them told apart";

    private static final String FROM_RECORDS = ", from records";

    private static final String DOWNLOAD = ", a download";

    private static final String RARE = "team-of-one-call";

    private static final Pattern NEXT = Pattern.compile("[?&;]after=([^&\"]+)");

    private final Options options;
    private final Report report;
    private final HttpClient client =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

    private PagesBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "pages", options, options.path("dir"));
        new PagesBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Workload.Labels labels = Workload.Labels.valueOf(options.text("labels").toUpperCase(Locale.ROOT));
        Workload workload = new Workload(options.number("seed"), options.number("records"), labels);
        Path file = new Stores(options.path("dir"), report).ledger(workload, labels);
        try (Ledger ledger = Stores.openLedger(file)) {
            // A call early among the others, which is there already if the file has been measured before.
            ledger.append(workload.record(workload.size() / 100).toBuilder()
                    .id("rare")
                    .attribute("team", RARE)
                    .build());
        }
        try (Ledger ledger = Stores.openLedger(file);
                TokenledgerServer server = TokenledgerServer.of(ledger)
                        .port(0)
                        .clock(InstantSource.fixed(NOW))
                        .failures((attempted, failure) -> report.line("%s: %s", attempted, failure))
                        .start()) {
            Map<String, String> views = views(workload, server.address());
            views.keySet().removeIf(name -> !name.contains(options.text("only")));
            for (Map.Entry<String, String> view : views.entrySet()) {
                repeat(options.count("warm-up"), server.address().resolve(view.getValue()));
            }
            for (Map.Entry<String, String> view : views.entrySet()) {
                double[] millis =
                        repeat(options.count("rounds"), server.address().resolve(view.getValue()));
                if (Stream.of(WHOLE, FROM_RECORDS, DOWNLOAD).anyMatch(view.getKey()::endsWith)) {
                    report.figure(view.getKey(), " ms", millis);
                } else {
                    report.atMost(view.getKey(), TARGET_MILLIS, " ms", millis);
                }
                report.line("%-60s %s", view.getValue(), Sample.of(millis).median());
            }
        }
    }

    /** The views by what they show. */
    private Map<String, String> views(Workload workload, URI server) throws IOException, InterruptedException {
        Map<String, String> views = new LinkedHashMap<>();
        for (String period : PERIODS) {
            views.put("overview, " + period, at("/", period));
        }
        for (CalendarBucket bucket : CalendarBucket.values()) {
            String every = "&every=" + bucket.text();
            views.put("overview, last_90_days, every " + bucket.text(), at("/", "last_90_days") + every);
        }
        views.put("overview, today, every quarter_hour", at("/", "today") + "&every=quarter_hour");
        views.put("overview, last_7_days, every hour", at("/", "last_7_days") + "&every=hour");
        views.put("overview, last_90_days, Kathmandu", at("/", "last_90_days") + "&zone=Asia%2FKathmandu");
        views.put("overview, last_90_days, tokens", at("/", "last_90_days") + "&measure=tokens");
        for (Dimension dimension : DIMENSIONS) {
            views.put("overview, last_90_days, by " + dimension, by(at("/", "last_90_days"), dimension));
        }
        for (Dimension dimension : List.of(Dimension.SESSION, Dimension.CONVERSATION)) {
            for (String period : List.of("today", "last_7_days", "last_30_days", "last_90_days", "all")) {
                views.put("overview, " + period + ", by " + dimension, by(at("/", period), dimension));
            }
        }
        views.put(
                "overview, last_7_days, by session" + WHOLE,
                by(at("/", "last_7_days"), Dimension.SESSION) + "&whole=yes");
        views.put(
                "overview, last_90_days, by session" + WHOLE,
                by(at("/", "last_90_days"), Dimension.SESSION) + "&whole=yes");
        long latest = workload.size() - 20_000;
        String session = workload.record(latest).sessionId();
        String model = workload.record(latest).identity().model();
        filtered(views, Dimension.MODEL, model);
        filtered(views, Dimension.PROVIDER, "anthropic");
        filtered(views, Dimension.OUTCOME, "canceled");
        filtered(views, Dimension.PRICING_STATUS, "unpriced");
        filtered(views, Dimension.SESSION, session);
        filtered(views, Dimension.attribute("team"), "team-3");
        filtered(views, Dimension.MODEL, "a-model-that-nobody-called");
        filtered(views, Dimension.attribute("team"), RARE);
        filtered(views, Dimension.attribute("team"), "a-team-that-nobody-has");
        views.put(
                "overview, all, where model and role, by task",
                by(where(where(at("/", "all"), Dimension.MODEL, model), Dimension.ROLE, "delegate"), Dimension.TASK));
        views.put(
                "overview, last_30_days, where model, by session",
                by(where(at("/", "last_30_days"), Dimension.MODEL, model), Dimension.SESSION));
        for (String period : List.of("today", "last_90_days", "all")) {
            views.put("calls, " + period, at("/calls", period));
        }
        for (String period : List.of("today", "last_90_days", "all")) {
            views.put("calls, " + period + ", the dearest", at("/calls", period) + "&order=cost");
            views.put("calls without a price, " + period, at("/unpriced", period));
        }
        for (String measure : List.of("cost", "tokens", "calls")) {
            views.put("calendar, " + measure, with("/calendar", "measure=" + measure));
        }
        for (String period : List.of("today", "month", "last_90_days")) {
            views.put("overview, " + period + ", compared", at("/", period) + "&compare=yes");
            views.put("overview, " + period + ", by model and role", at("/", period) + "&then_by=role");
            views.put(
                    "overview, " + period + ", by team and model, compared",
                    by(at("/", period), Dimension.attribute("team")) + "&then_by=model&compare=yes");
        }
        String calls = at("/calls", "all");
        views.put("calls, all, third page", calls + "&after=" + next(server, calls + "&after=" + next(server, calls)));
        views.put("call", "/call?id=" + workload.record(latest).id().value());
        for (String period : List.of("today", "last_90_days", "all")) {
            views.put("summary as CSV, " + period, at("/summary.csv", period));
        }
        views.put("summary as CSV, last_90_days, every day", at("/summary.csv", "last_90_days") + "&every=day");
        views.put("calls as CSV, today" + DOWNLOAD, at("/calls.csv", "today"));
        Dimension user = Dimension.attribute("user");
        LongStream.range(latest, workload.size())
                .mapToObj(i -> user.valueOf(workload.record(i), ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .ifPresent(one -> {
                    views.put("overview, all, by " + user, by(at("/", "all"), user));
                    views.put("overview, all, by " + user + WHOLE, by(at("/", "all"), user) + "&whole=yes");
                    views.put(
                            "overview, all, where " + user + " is one" + FROM_RECORDS,
                            where(at("/", "all"), user, one));
                    views.put(
                            "calls, all, where " + user + " is one" + FROM_RECORDS,
                            where(at("/calls", "all"), user, one));
                });
        views.put("overview, an empty month", "/?from=2020-01-01&through=2020-01-31");
        views.put("calls, an empty month", "/calls?from=2020-01-01&through=2020-01-31");
        return views;
    }

    private static void filtered(Map<String, String> views, Dimension dimension, String value) {
        String shown = dimension.equals(Dimension.SESSION) ? "one" : value;
        for (String page : List.of("/", "/calls")) {
            String name = page.equals("/") ? "overview" : "calls";
            views.put(name + ", all, where " + dimension + " is " + shown, where(at(page, "all"), dimension, value));
        }
    }

    /** A view's address; that of the usual period does not say so. */
    private static String at(String page, String period) {
        return page + (period.equals("last_30_days") ? "" : "?period=" + period);
    }

    private static String by(String address, Dimension dimension) {
        return dimension.equals(Dimension.MODEL) ? address : with(address, "group_by=" + dimension);
    }

    private static String where(String address, Dimension dimension, String value) {
        return with(address, "where." + dimension + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private static String with(String address, String parameter) {
        return address + (address.contains("?") ? "&" : "?") + parameter;
    }

    /** Where a page of calls goes on. */
    private String next(URI server, String page) throws IOException, InterruptedException {
        Matcher next = NEXT.matcher(get(server.resolve(page)));
        if (!next.find()) {
            throw new IOException(page + " has no next page");
        }
        return next.group(1);
    }

    /** How long each of so many answers took, in milliseconds; fewer of them if they take long. */
    private double[] repeat(int times, URI view) throws IOException, InterruptedException {
        // An address that states a default leads to the one without it.
        URI address = client.send(HttpRequest.newBuilder(view).build(), BodyHandlers.discarding())
                .uri();
        List<Double> millis = new ArrayList<>();
        long begun = System.nanoTime();
        while (millis.size() < times && (millis.size() < 2 || System.nanoTime() - begun < MAX_NANOS)) {
            long started = System.nanoTime();
            get(address);
            millis.add((System.nanoTime() - started) / 1e6);
        }
        return millis.stream().mapToDouble(each -> each).toArray();
    }

    private String get(URI address) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(address + " is answered with " + answer.statusCode());
        }
        return answer.body();
    }
}
