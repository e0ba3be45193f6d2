package dev.tokenledger.formats.currency;

import dev.tokenledger.Ledger;
import dev.tokenledger.backend.SummaryRows;
import dev.tokenledger.formats.currency.ExchangeRates.Rate;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The answer to a question about totals, in another currency too: what each day came to, in a zone, by that day's rate.
 *
 * <p>Amounts are exact fractions until they are shown: each figure, that of a group as that of the whole, is the sum of its days,
 * rounded once, half-even, to {@value #DIGITS} digits after the point. So the figures of groups may differ from that of the whole
 * in the last of these digits, where rates do not divide evenly; the amounts in USD beside them always add up. Immutable.
 */
public final class ConvertedReport {

    /** Digits after the point. */
    public static final int DIGITS = 12;

    /** Quotients are carried so much further than what is shown that no sum of them is rounded otherwise. */
    private static final int CARRIED_DIGITS = 48;

    private static final int MAX_NAMED_DAYS = 10;

    private final String currency;
    private final ZoneId zone;
    private final List<GroupedSummary> rows;
    private final List<BigDecimal> costs;
    private final BigDecimal total;
    private final Map<String, Long> unpricedModels;
    private final SortedSet<LocalDate> carried;
    private final SortedSet<LocalDate> old;

    private ConvertedReport(
            ExchangeRates rates,
            ZoneId zone,
            List<GroupedSummary> rows,
            List<BigDecimal> costs,
            BigDecimal total,
            Map<String, Long> unpricedModels,
            Set<LocalDate> days) {
        this.currency = rates.currency();
        this.zone = zone;
        this.rows = List.copyOf(rows);
        this.costs = List.copyOf(costs);
        this.total = total;
        this.unpricedModels = unpricedModels;
        SortedSet<LocalDate> carriedOn = new TreeSet<>();
        SortedSet<LocalDate> oldOn = new TreeSet<>();
        for (LocalDate day : days) {
            LocalDate of = rates.at(day).map(Rate::day).orElse(day);
            if (!of.equals(day)) {
                carriedOn.add(day);
            }
            if (ChronoUnit.DAYS.between(of, day) > ExchangeRates.MAX_FRESH_DAYS) {
                oldOn.add(day);
            }
        }
        carried = Collections.unmodifiableSortedSet(carriedOn);
        old = Collections.unmodifiableSortedSet(oldOn);
    }

    /** Days with a cost have no rate, not even an earlier one. The message names them. */
    public static final class NoRateException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        private NoRateException(ExchangeRates rates, SortedSet<LocalDate> days) {
            super("there is no rate of " + rates.currency() + " for " + named(days) + "; the first one is of "
                    + rates.first() + ". Name a file that has these days, or ask for calls from then on");
        }
    }

    /** What each day came to. */
    private static final class DailyCost {

        private final TreeMap<LocalDate, Usd> days = new TreeMap<>();

        void add(LocalDate day, Usd cost) {
            if (cost.signum() != 0) {
                days.merge(day, cost, Usd::plus);
            }
        }

        void add(DailyCost other) {
            other.days.forEach(this::add);
        }

        BigDecimal at(ExchangeRates rates) {
            // Days of one divisor make one quotient; most sums have but a few.
            Map<BigDecimal, BigDecimal> byDivisor = new TreeMap<>();
            days.forEach((day, cost) -> {
                Rate rate = rates.at(day).orElseThrow();
                byDivisor.merge(rate.usd(), cost.toBigDecimal().multiply(rate.units()), BigDecimal::add);
            });
            BigDecimal sum = BigDecimal.ZERO;
            for (Map.Entry<BigDecimal, BigDecimal> part : byDivisor.entrySet()) {
                sum = sum.add(part.getValue().divide(part.getKey(), CARRIED_DIGITS, RoundingMode.HALF_EVEN));
            }
            return Decimals.plain(sum.setScale(DIGITS, RoundingMode.HALF_EVEN));
        }
    }

    /**
     * Asks a ledger.
     *
     * @param zone whose days have the rates; the zone of the query's buckets, where it has some
     * @param namesUnpricedModels whether {@link #unpricedModels} is wanted
     * @throws NoRateException if a day with a cost has no rate
     * @throws dev.tokenledger.summary.TooManyGroupsException if the groups of all days are more than one answer holds; a limit
     *     of the query does not help, as days are converted before groups are ordered
     */
    public static ConvertedReport ask(
            Ledger ledger, SummaryQuery query, ZoneId zone, ExchangeRates rates, boolean namesUnpricedModels) {
        ZoneId days = query.bucket().isPresent() ? query.zone() : zone;
        boolean finer = query.bucket()
                .filter(bucket -> bucket.compareTo(CalendarBucket.DAY) <= 0)
                .isPresent();
        CalendarBucket asked = finer ? query.bucket().get() : CalendarBucket.DAY;
        ReportQuery question = ReportQuery.of(query.sameCalls(query.window())
                .by(query.dimensions())
                .every(asked, days)
                .order(SummaryQuery.Order.KEY)
                .build());
        Report report = ledger.report(namesUnpricedModels ? question.namingUnpricedModels() : question);

        SummaryRows rows = new SummaryRows(query);
        Map<Instant, Map<List<String>, DailyCost>> costs = new HashMap<>();
        DailyCost whole = new DailyCost();
        for (GroupedSummary row : report.rows()) {
            OffsetDateTime start = row.bucket().orElseThrow();
            Instant bucket = query.bucket()
                    .map(calendar -> calendar.startOf(start.toInstant(), days))
                    .orElse(Instant.EPOCH);
            List<String> key = List.copyOf(row.keys().values());
            rows.add(bucket, key, row.summary());
            Usd cost = row.summary().totalCost();
            costs.computeIfAbsent(bucket, first -> new HashMap<>())
                    .computeIfAbsent(key, first -> new DailyCost())
                    .add(start.toLocalDate(), cost);
            whole.add(start.toLocalDate(), cost);
        }
        SortedSet<LocalDate> unknown = whole.days.keySet().stream()
                .filter(day -> rates.at(day).isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        if (!unknown.isEmpty()) {
            throw new NoRateException(rates, unknown);
        }
        List<GroupedSummary> shown = rows.rows();
        return new ConvertedReport(
                rates,
                days,
                shown,
                costs(shown, costs, rates),
                whole.at(rates),
                report.unpricedModels(),
                whole.days.keySet());
    }

    private static List<BigDecimal> costs(
            List<GroupedSummary> rows, Map<Instant, Map<List<String>, DailyCost>> costs, ExchangeRates rates) {
        Set<List<String>> shown = new HashSet<>();
        for (GroupedSummary row : rows) {
            if (!row.other()) {
                shown.add(List.copyOf(row.keys().values()));
            }
        }
        List<BigDecimal> converted = new ArrayList<>(rows.size());
        for (GroupedSummary row : rows) {
            Instant bucket = row.bucket().map(OffsetDateTime::toInstant).orElse(Instant.EPOCH);
            Map<List<String>, DailyCost> cells = costs.getOrDefault(bucket, Map.of());
            DailyCost cost = new DailyCost();
            if (row.other()) {
                cells.forEach((key, days) -> {
                    if (!shown.contains(key)) {
                        cost.add(days);
                    }
                });
            } else {
                cost.add(cells.getOrDefault(List.copyOf(row.keys().values()), new DailyCost()));
            }
            converted.add(cost.at(rates));
        }
        return converted;
    }

    /** Days in words, the first ones by name. */
    public static String named(SortedSet<LocalDate> days) {
        String some =
                days.stream().limit(MAX_NAMED_DAYS).map(LocalDate::toString).collect(Collectors.joining(", "));
        int more = days.size() - MAX_NAMED_DAYS;
        return more > 0 ? some + " and " + more + " more days" : some;
    }

    /** The currency's code. */
    public String currency() {
        return currency;
    }

    /** The zone whose days have the rates. */
    public ZoneId zone() {
        return zone;
    }

    /** The rows, as the ledger answers the query. */
    public List<GroupedSummary> rows() {
        return rows;
    }

    /** What each of the {@link #rows} cost, in the currency. */
    public List<BigDecimal> costs() {
        return costs;
    }

    /** What all rows cost together, in the currency. */
    public BigDecimal total() {
        return total;
    }

    /** How many calls of each model are not, or not wholly, in the cost; empty if that was not asked for. */
    public Map<String, Long> unpricedModels() {
        return unpricedModels;
    }

    /** The days with a cost that have the rate of an earlier one. */
    public SortedSet<LocalDate> carried() {
        return carried;
    }

    /** Those of them whose rate is more than {@value ExchangeRates#MAX_FRESH_DAYS} days older than they are. */
    public SortedSet<LocalDate> old() {
        return old;
    }
}
