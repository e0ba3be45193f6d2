package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Projection;
import dev.tokenledger.formats.present.DoubtText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.present.PriceAge;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.dashboard.OverviewPage.Card;
import dev.tokenledger.server.dashboard.OverviewPage.Difference;
import dev.tokenledger.server.dashboard.OverviewPage.Heading;
import dev.tokenledger.server.dashboard.OverviewPage.Part;
import dev.tokenledger.server.dashboard.OverviewPage.Row;
import dev.tokenledger.server.dashboard.OverviewPage.Warning;
import dev.tokenledger.server.http.AgentLogs;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Asks the ledger what the overview shows. However many records there are, that is a dozen questions, all answered
 * from one moment, and each from roll-ups but for the ragged hour at its ends. Sessions and conversations have no roll-ups by period: of a window with very
 * many calls the latest are told apart, unless the view wants {@linkplain View#whole all of them}.
 */
final class Overview {

    private static final int MAX_UNPRICED_SHOWN = 5;
    private static final int MAX_KEYS_SHOWN = 20;
    private static final Difference NO_DIFFERENCE = new Difference("–", "–");

    private final Ledger ledger;
    private final View view;
    private final SortedSet<String> keys;
    private final Frame frame;
    private final BudgetsPart budgets;
    private final Supplier<List<AgentLogs>> foundLogs;
    private final String origin;

    /**
     * An overview.
     *
     * @param keys the attributes that the ledger's records have
     * @param foundLogs the logs of agents on this machine
     * @param origin how its reader reaches this server, such as {@code http://localhost:8080}
     */
    Overview(
            Ledger ledger,
            View view,
            SortedSet<String> keys,
            Frame frame,
            BudgetsPart budgets,
            Supplier<List<AgentLogs>> foundLogs,
            String origin) {
        this.foundLogs = foundLogs;
        this.origin = origin;
        this.budgets = budgets;
        this.ledger = ledger;
        this.view = view;
        this.keys = keys;
        this.frame = frame;
    }

    OverviewPage page() {
        boolean single = ledger.readsRecords(groups(view, view.window()));
        TimeWindow told = told(single);
        ReportQuery asked = ReportQuery.of(groups(view, told));
        TimeWindow charted = charted();
        Buckets buckets = Buckets.of(charted, view.every(), view.zone());
        TimeWindow unshown = TimeWindow.of(charted.start(), buckets.window().start());

        Questions questions = new Questions(
                ledger,
                told.equals(view.window())
                        ? asked
                        : asked.before(TimeWindow.of(view.window().start(), told.start())));
        Supplier<List<Card>> periods = periods(questions);
        Optional<Supplier<Summary>> compared = view.before().map(window -> total(questions, window));
        Supplier<Card> savings = CacheSavings.ask(ledger, view, questions);
        Supplier<List<Frame.Link>> unpriced = models(questions, PricingStatus.UNPRICED);
        Supplier<List<Frame.Link>> partial = models(questions, PricingStatus.PARTIAL);
        Supplier<Comparison> comparison = comparison(questions, single);
        Supplier<Summary> leftOut = unshown.isEmpty() ? () -> Summary.ZERO : total(questions, unshown);
        Supplier<Boolean> everWritten = everWritten(questions);
        OverviewChart chart = new OverviewChart(ledger, view, buckets, single, told);
        Supplier<List<GroupedSummary>> bars = chart.ask(questions);
        Supplier<List<Summary>> barsBefore = chart.askBefore(questions);

        Report report = questions.ask();
        List<GroupedSummary> groups = report.rows();
        Summary earlier = report.before().orElse(Summary.ZERO);
        Summary total = report.total().plus(earlier);
        boolean nothingYet = total.isNothing() && !everWritten.get();
        return new OverviewPage(
                frame,
                view.span(),
                periods.get(),
                budgets,
                facts(total, compared.map(Supplier::get), savings.get()),
                mix(total),
                warning(total, unpriced, partial),
                DoubtText.words(total),
                oldPrices(),
                chart.of(groups, total, bars.get(), barsBefore.get()),
                view.measure().title() + " by " + groupTitle().toLowerCase(Locale.ROOT),
                buckets.size().text().replace('_', ' '),
                buckets.coarser(),
                leftOut(unshown, leftOut.get()),
                groupTitle(),
                headings(),
                hint(groups),
                rows(groups, earlier, told, total, comparison.get()),
                earlier.isNothing() ? "" : latest(total),
                view.on("/").with("whole", "yes").toString(),
                row("Total", "", total, total, compared.map(Supplier::get), view.compared()),
                view.on("/summary.csv").without("every").toString(),
                view.on("/summary.csv").with("every", buckets.size().text()).toString(),
                total.isNothing(),
                view.on("/")
                        .without("from", "through")
                        .with("period", Range.ALL.text())
                        .toString(),
                nothingYet ? firstRecord() : "",
                nothingYet ? foundLogs.get() : List.of());
    }

    private String groupTitle() {
        return view.dimensions().stream().map(Frame::title).collect(Collectors.joining(" and "));
    }

    /** The columns that the table can be ordered by. */
    private List<Heading> headings() {
        List<Heading> headings = new ArrayList<>();
        headings.add(heading(groupTitle(), Sort.NAME));
        headings.add(heading("Cost", Sort.COST));
        headings.add(heading("Calls", Sort.CALLS));
        headings.add(heading("Tokens", Sort.TOKENS));
        return headings;
    }

    private Heading heading(String title, Sort sort) {
        boolean current = view.order()
                .map(order -> order == sort)
                .orElse(view.measure().order().equals(sort.order()));
        return new Heading(
                title,
                view.on("/").with("order", sort.text()).toString(),
                !current ? "" : sort == Sort.NAME ? "ascending" : "descending");
    }

    /** What to do where no call has any of the attributes that are asked for. */
    private String hint(List<GroupedSummary> groups) {
        return view.dimensions().stream()
                .flatMap(dimension -> dimension.attributeKey().stream())
                .filter(key -> !keys.contains(key))
                .filter(key -> groups.stream()
                        .noneMatch(row -> !row.keys()
                                .getOrDefault(Dimension.attribute(key), "")
                                .isEmpty()))
                .findFirst()
                .map(key -> "No call has the attribute “" + key + "”. "
                        + (keys.isEmpty()
                                ? "The calls of this ledger have no attributes."
                                : "Those of this ledger: "
                                        + keys.stream().limit(MAX_KEYS_SHOWN).collect(Collectors.joining(", "))
                                        + (keys.size() > MAX_KEYS_SHOWN ? " and others." : ".")))
                .orElse("");
    }

    /** The groups of the period before, as far as it has passed of this one; nothing where nothing is compared. */
    private Supplier<Comparison> comparison(Questions questions, boolean single) {
        Optional<TimeWindow> before = view.compared() && !single ? view.before() : Optional.empty();
        if (before.isEmpty()) {
            return () -> new Comparison(false, Map.of(), true);
        }
        Supplier<List<GroupedSummary>> rows = questions.rows(view.query(before.get())
                .by(view.dimensions())
                .limit(View.MAX_ROWS)
                .build());
        return () -> {
            Map<Map<Dimension, String>, Summary> found = new HashMap<>();
            boolean whole = true;
            for (GroupedSummary row : rows.get()) {
                whole &= !row.other();
                if (!row.other()) {
                    found.put(row.keys(), row.summary());
                }
            }
            return new Comparison(true, found, whole);
        };
    }

    /**
     * The groups of the period before.
     *
     * @param whole whether a group that is not among them had no calls
     */
    private record Comparison(boolean told, Map<Map<Dimension, String>, Summary> groups, boolean whole) {

        Optional<Summary> of(GroupedSummary row) {
            Summary found = groups.get(row.keys());
            return found != null
                    ? Optional.of(found)
                    : told && whole && !row.other() ? Optional.of(Summary.ZERO) : Optional.empty();
        }
    }

    /** A ledger without prices, or with some that name no day, is not old. */
    private String oldPrices() {
        return ledger.prices()
                .newestSource()
                .flatMap(newest -> PriceAge.of(newest, view.now()).note())
                .orElse("");
    }

    /** Whether the ledger has a record at all, whatever the view chose. */
    private static Supplier<Boolean> everWritten(Questions questions) {
        Supplier<Summary> all =
                questions.total(SummaryQuery.over(TimeWindow.all()).build());
        return () -> !all.get().isNothing();
    }

    private String firstRecord() {
        return "curl " + origin + "/v1/records -H 'Content-Type: application/json' -d \\\n"
                + "  '{\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1200,\"output_tokens\":300}'";
    }

    /** The part of the window whose groups are told apart: all of it, unless that takes longer than anybody waits. */
    private TimeWindow told(boolean single) {
        // A total that is read from all calls leaves nothing to save.
        boolean shorter = single
                && !view.whole()
                && !ledger.readsRecords(view.query(view.window()).build());
        return shorter
                ? RecentCalls.of(ledger, view.window(), view.zone(), RecentCalls.most(view.dimensions()))
                : view.window();
    }

    private String latest(Summary total) {
        return "Only the latest " + Figures.count(RecentCalls.most(view.dimensions()))
                + " calls of the range, or fewer, are told apart by "
                + groupTitle().toLowerCase(Locale.ROOT) + " here; the totals are of all "
                + Figures.count(total.totalRecords()) + ".";
    }

    private static SummaryQuery groups(View view, TimeWindow told) {
        return view.query(told).by(view.dimensions()).limit(view.limit()).build();
    }

    /** The question for what a view shows: its groups or, where the view names a bucket, those of every bucket. */
    static SummaryQuery listed(View view) {
        SummaryQuery.Builder query =
                view.query(view.window()).by(view.dimensions()).limit(view.limit());
        view.every().ifPresent(bucket -> query.every(bucket, view.zone()));
        return query.build();
    }

    private Supplier<Summary> total(Questions questions, TimeWindow window) {
        return questions.total(view.query(window).build());
    }

    /** What the chart covers: of all time only what has records. */
    private TimeWindow charted() {
        TimeWindow window = view.window();
        boolean bounded = window.start().isAfter(TimeWindow.MIN) && window.end().isBefore(TimeWindow.MAX);
        if (bounded) {
            return window;
        }
        List<GroupedSummary> months = ledger.summaries(
                view.query(window).every(CalendarBucket.MONTH, view.zone()).build());
        if (months.isEmpty() || months.get(0).bucket().isEmpty()) {
            return TimeWindow.of(view.now(), view.now());
        }
        var first = months.get(0).bucket().orElseThrow().toInstant();
        var last = months.get(months.size() - 1).bucket().orElseThrow().toInstant();
        return window.intersect(TimeWindow.of(first, CalendarBucket.MONTH.next(last, view.zone())));
    }

    /** What of the totals lies before the first bar; empty for nothing. */
    private String leftOut(TimeWindow before, Summary summary) {
        if (summary.totalRecords() == 0) {
            return "";
        }
        return calls(summary.totalRecords(), "is", "are") + " not shown: what was before "
                + Units.date(before.end(), view.zone()) + ", " + Units.cost(summary) + ", lies further back than the "
                + Buckets.MAX_BUCKETS + " months that a chart has room for. Dates choose what it shows.";
    }

    /** What was spent lately: nothing where the view is of an earlier time, or its calls are. */
    private Supplier<List<Card>> periods(Questions questions) {
        TimeWindow month = whole(Range.MONTH);
        Instant lately =
                Collections.min(List.of(month.start(), whole(Range.WEEK).start()));
        if (!view.window().end().isAfter(lately)) {
            return List::of;
        }
        Supplier<Summary> spent = total(questions, month);
        Supplier<Summary> thisWeek = total(questions, whole(Range.WEEK));
        Supplier<Card> today = period(Range.TODAY, questions, "yesterday by now");
        Supplier<Card> week = period(Range.WEEK, questions, "last week by now");
        Supplier<Card> thisMonth = period(Range.MONTH, questions, "last month by now");
        return () -> !view.filters().isEmpty()
                        && spent.get().isNothing()
                        && thisWeek.get().isNothing()
                ? List.of()
                : List.of(today.get(), week.get(), thisMonth.get(), projected(spent.get(), month));
    }

    private Card projected(Summary spent, TimeWindow month) {
        Optional<Usd> projected = Projection.of(spent.totalCost(), month, view.now());
        return new Card(
                "Projected month end",
                projected
                        .filter(usd -> !spent.whollyUnpriced())
                        .map(usd -> (spent.fullyPriced() ? "" : "≥\u202f") + Figures.usd(usd, 2))
                        .orElse("–"),
                projected.isPresent() ? "at this month’s pace so far" : "from the month’s second day on");
    }

    /** A period to its end: calls stamped ahead of our clock belong to it too. */
    private TimeWindow whole(Range range) {
        return range.window(view.now(), view.zone());
    }

    private Supplier<Card> period(Range range, Questions questions, String compared) {
        TimeWindow whole = whole(range);
        TimeWindow elapsed = whole.intersect(TimeWindow.of(TimeWindow.MIN, view.now()));
        Supplier<Summary> now = total(questions, whole);
        Supplier<Summary> before = total(questions, View.before(elapsed, range.length(), whole, view.zone()));
        return () -> new Card(range.title(), Units.cost(now.get()), change(now.get(), before.get(), compared));
    }

    private static String change(Summary now, Summary before, String compared) {
        BigDecimal then = before.totalCost().toBigDecimal();
        if (then.signum() == 0) {
            return (before.isNothing() ? "no calls " : Units.cost(before) + " ") + compared;
        }
        return percentOn(now.totalCost().toBigDecimal(), then) + " on " + Units.cost(before) + " " + compared;
    }

    private static List<Card> facts(Summary total, Optional<Summary> before, Card savings) {
        List<Card> cards = new ArrayList<>();
        String compared = before.map(then -> change(total, then, "before")).orElse("over all time");
        cards.add(new Card("Cost", Units.cost(total), compared));
        cards.add(new Card("Calls", Figures.count(total.totalRecords()), average(total)));
        cards.add(new Card(
                "Tokens",
                Units.tokens(Measure.tokens(total)),
                Units.tokens(total.totalOutputTokens()) + " of them output"));
        cards.add(new Card(
                "Cache hit rate", hitRate(total), "reads of reads and writes; reads of all input: " + cached(total)));
        cards.add(savings);
        return cards;
    }

    /** Nothing where no writes are counted, which would be 100 %. */
    private static String hitRate(Summary summary) {
        return summary.totalCacheCreationInputTokens() == 0 ? "–" : Units.percent(summary.cacheHitRate());
    }

    private static String cached(Summary summary) {
        return summary.totalCacheReadInputTokens() + summary.totalCacheCreationInputTokens() == 0
                ? "–"
                : Units.percent(summary.cacheReadShare());
    }

    private static String average(Summary total) {
        long priced = total.totalRecords() - total.unpricedRecords();
        if (priced == 0) {
            return "none with a price";
        }
        Usd each = Usd.rounded(
                total.totalCost().toBigDecimal().divide(BigDecimal.valueOf(priced), Usd.SCALE, RoundingMode.HALF_EVEN));
        return Figures.usd(each, Figures.decimals(each)) + " each on average";
    }

    private static List<Part> mix(Summary total) {
        List<Part> parts = new ArrayList<>();
        BigDecimal all = BigDecimal.valueOf(Measure.tokens(total));
        if (all.signum() == 0) {
            return parts;
        }
        long[] counts = {
            total.totalInputTokens(),
            total.totalCacheCreationInputTokens(),
            total.totalCacheReadInputTokens(),
            total.totalOutputTokens()
        };
        String[] names = {"Input, uncached", "Cache writes", "Cache reads", "Output"};
        BigDecimal x = BigDecimal.ZERO;
        for (int i = 0; i < counts.length; i++) {
            BigDecimal count = BigDecimal.valueOf(counts[i]);
            BigDecimal width = percent(count, all);
            parts.add(new Part(
                    names[i],
                    "s" + i,
                    x.toPlainString(),
                    width.toPlainString(),
                    Units.tokens(counts[i]),
                    Units.percent(count, all)));
            x = x.add(width);
        }
        return parts;
    }

    private static BigDecimal percent(BigDecimal part, BigDecimal whole) {
        return whole.signum() == 0 ? BigDecimal.ZERO : part.movePointRight(2).divide(whole, 2, RoundingMode.DOWN);
    }

    private Optional<Warning> warning(
            Summary total, Supplier<List<Frame.Link>> unpriced, Supplier<List<Frame.Link>> partial) {
        if (total.fullyPriced()) {
            return Optional.empty();
        }
        List<String> parts = new ArrayList<>();
        if (total.unpricedRecords() > 0) {
            parts.add(calls(total.unpricedRecords(), "has", "have") + " no price");
        }
        if (total.partialRecords() > 0) {
            parts.add(calls(total.partialRecords(), "has", "have") + " a price for only part of the usage");
        }
        return Optional.of(new Warning(
                String.join(", and ", parts) + ": the cost shown is the least it can be.",
                total.unpricedRecords() > 0 ? unpriced.get() : List.of(),
                total.partialRecords() > 0 ? partial.get() : List.of(),
                view.on("/unpriced").toString()));
    }

    /** The models of most calls with such a price; none where the view chose by that. */
    private Supplier<List<Frame.Link>> models(Questions questions, PricingStatus status) {
        if (view.filters().containsKey(Dimension.PRICING_STATUS)) {
            return List::of;
        }
        Supplier<List<GroupedSummary>> rows = questions.rows(view.query(view.window())
                .where(Dimension.PRICING_STATUS, status.text())
                .by(Dimension.MODEL)
                .order(SummaryQuery.Order.RECORDS)
                .limit(MAX_UNPRICED_SHOWN)
                .build());
        return () -> rows.get().stream()
                .filter(row -> !row.other() && row.summary().totalRecords() > 0)
                .map(row -> new Frame.Link(
                        Units.name(row.key()),
                        View.narrowed(view.on("/calls"), row.keys())
                                .with(View.where(Dimension.PRICING_STATUS), status.text())
                                .toString(),
                        false))
                .toList();
    }

    private static String calls(long count, String one, String several) {
        return Figures.count(count, "call " + one, "calls " + several);
    }

    private List<Row> rows(
            List<GroupedSummary> groups, Summary earlier, TimeWindow told, Summary total, Comparison comparison) {
        List<Row> rows = new ArrayList<>();
        for (GroupedSummary group : groups) {
            if (!group.summary().isNothing()) {
                rows.add(row(
                        group.other() ? "Other" : Units.name(group.keys().values()),
                        group.other() ? "" : deeper(group.keys()),
                        group.summary(),
                        total,
                        comparison.of(group),
                        comparison.told()));
            }
        }
        if (!earlier.isNothing()) {
            rows.add(row(
                    "Before " + Units.minute(told.start(), view.zone()),
                    "",
                    earlier,
                    total,
                    Optional.empty(),
                    comparison.told()));
        }
        return rows;
    }

    /** One level down: from a group to its sessions, from a session to its calls. */
    private String deeper(Map<Dimension, String> keys) {
        boolean session = keys.containsKey(Dimension.SESSION) || view.filters().containsKey(Dimension.SESSION);
        Address group = View.narrowed(view.on(session ? "/calls" : "/").without("order"), keys);
        return (session
                        ? group
                        : group.with("group_by", Dimension.SESSION.name()).without("then_by"))
                .toString();
    }

    private Row row(
            String name, String link, Summary summary, Summary total, Optional<Summary> before, boolean compared) {
        BigDecimal part = view.measure().of(summary);
        BigDecimal whole = view.measure().of(total);
        return new Row(
                name,
                link,
                Units.cost(summary),
                whole.signum() == 0 || (view.measure() == Measure.COST && summary.whollyUnpriced())
                        ? ""
                        : Units.percent(part, whole),
                percent(part, whole).toPlainString(),
                !compared
                        ? Optional.empty()
                        : Optional.of(
                                before.map(then -> difference(summary, then)).orElse(NO_DIFFERENCE)),
                Figures.count(summary.totalRecords()),
                Units.tokens(Measure.tokens(summary)),
                Units.tokens(summary.totalInputTokens()),
                Units.tokens(summary.totalOutputTokens()),
                Units.tokens(summary.totalCacheReadInputTokens()),
                Units.tokens(summary.totalCacheCreationInputTokens()),
                hitRate(summary),
                cached(summary),
                summary.fullyPriced() ? "" : Figures.count(summary.unpricedRecords() + summary.partialRecords()));
    }

    /** What a group comes to against the period before, by the measure that is shown. */
    private Difference difference(Summary now, Summary before) {
        Measure measure = view.measure();
        BigDecimal then = measure.of(before);
        String shown = before.isNothing() ? "–" : measure.figure(before);
        boolean unknown = measure == Measure.COST && (now.whollyUnpriced() || before.whollyUnpriced());
        if (then.signum() == 0 || unknown) {
            return new Difference(shown, before.isNothing() && !now.isNothing() ? "new" : "–");
        }
        return new Difference(shown, percentOn(measure.of(now), then));
    }

    private static String percentOn(BigDecimal now, BigDecimal then) {
        BigDecimal percent = now.subtract(then).movePointRight(2).divide(then, 0, RoundingMode.HALF_EVEN);
        String sign = percent.signum() > 0 ? "+" : percent.signum() < 0 ? "−" : "±";
        return sign
                + Figures.count(percent.abs().min(BigDecimal.valueOf(99_999)).longValueExact()) + "\u202f%";
    }
}
