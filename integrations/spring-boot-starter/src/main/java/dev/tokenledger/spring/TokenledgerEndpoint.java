package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.recorder.RecorderStatistics;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@code /actuator/tokenledger}: the health of recording, the total of the present month, and budgets. {@code
 * /actuator/tokenledger/summary?by=model&period=day} groups a period's total. Amounts are exact decimal numbers in USD.
 */
@Endpoint(id = "tokenledger")
public final class TokenledgerEndpoint {

    private static final int MAX_GROUPS = 100;

    private final Ledger ledger;
    private final Recorder recorder;
    private final Optional<BudgetFile> budgets;
    private final InstantSource clock;
    private final ZoneId zone;

    TokenledgerEndpoint(
            Ledger ledger, Recorder recorder, Optional<BudgetFile> budgets, InstantSource clock, ZoneId zone) {
        this.ledger = ledger;
        this.recorder = recorder;
        this.budgets = budgets;
        this.clock = clock;
        this.zone = zone;
    }

    /** All of it in short. */
    @ReadOperation
    public Map<String, Object> overview() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("health", health());
        try {
            told.put("month", figures(ledger.summary(window("month"))));
            told.put("budgets", budgets());
        } catch (LedgerException | IllegalStateException e) {
            told.put("problem", String.valueOf(e.getMessage()));
        }
        return told;
    }

    /**
     * One part of it.
     *
     * @param view {@code health}, {@code budgets} or {@code summary}
     * @param by a dimension, such as {@code model} or {@code attribute.team}; default: model
     * @param period {@code hour}, {@code day}, {@code month}: the present one; or {@code all}; default: month
     */
    @ReadOperation
    public Map<String, Object> part(@Selector String view, @Nullable String by, @Nullable String period) {
        return switch (view) {
            case "health" -> health();
            case "budgets" -> Map.of("budgets", budgets());
            case "summary" -> summary(by == null ? "model" : by, period == null ? "month" : period);
            default -> throw refused("expected health, budgets or summary", new IllegalArgumentException("view"));
        };
    }

    private Map<String, Object> summary(String by, String period) {
        Dimension dimension;
        try {
            dimension = Dimension.parse(by);
        } catch (IllegalArgumentException e) {
            throw refused("by: " + e.getMessage(), e);
        }
        TimeWindow window = window(period);
        List<GroupedSummary> rows = ledger.summaries(
                SummaryQuery.over(window).by(dimension).limit(MAX_GROUPS).build());
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("from", window.start().toString());
        told.put("to", window.end().toString());
        // All of them, for the row of all others is among them.
        told.put("total", figures(rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus)));
        List<Map<String, Object>> groups = new ArrayList<>();
        for (GroupedSummary group : rows) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put(by, group.key());
            row.putAll(figures(group.summary()));
            groups.add(row);
        }
        told.put("groups", groups);
        return told;
    }

    private TimeWindow window(String period) {
        if (period.equals("all")) {
            return TimeWindow.all();
        }
        CalendarBucket bucket;
        try {
            bucket = CalendarBucket.parse(period.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw refused("period: " + e.getMessage() + ", or all", e);
        }
        Instant now = clock.instant();
        Instant start = bucket.startOf(now, zone);
        return TimeWindow.of(start, bucket.next(start, zone));
    }

    private static InvalidEndpointRequestException refused(String reason, IllegalArgumentException cause) {
        return new InvalidEndpointRequestException("Invalid request to the endpoint tokenledger", reason, cause);
    }

    private List<Map<String, Object>> budgets() {
        List<Budget> inForce = budgets.map(BudgetFile::read).orElse(List.of());
        List<Map<String, Object>> told = new ArrayList<>();
        for (BudgetStatus status : BudgetStatus.of(inForce, ledger, clock.instant(), zone)) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", status.budget().name());
            row.put("state", status.state().text());
            row.put("period", status.budget().period().text());
            row.put("limit_usd", status.budget().limit().toBigDecimal());
            row.put("spent_usd", status.spent().totalCost().toBigDecimal());
            status.projected().ifPresent(amount -> row.put("projected_usd", amount.toBigDecimal()));
            told.add(row);
        }
        return told;
    }

    private Map<String, Object> health() {
        return health(recorder.statistics());
    }

    /** What has become of the calls since the program's start. */
    static Map<String, Object> health(RecorderStatistics statistics) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("ledger", statistics.ledgerAwaySince().isEmpty() ? "there" : "away");
        statistics.ledgerAwaySince().ifPresent(since -> told.put("away_since", since.toString()));
        told.put("offered", statistics.offered());
        told.put("committed", statistics.committed());
        told.put("pending", statistics.pending());
        told.put("rejected", statistics.rejected());
        told.put("dropped", statistics.dropped());
        if (!statistics.lastProblem().isEmpty()) {
            told.put("last_problem", statistics.lastProblem());
        }
        return told;
    }

    private static Map<String, Object> figures(Summary summary) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("records", summary.totalRecords());
        told.put("cost_usd", summary.totalCost().toBigDecimal());
        told.put("unpriced_records", summary.unpricedRecords());
        told.put("partial_records", summary.partialRecords());
        told.put("input_tokens", summary.totalInputTokens());
        told.put("output_tokens", summary.totalOutputTokens());
        told.put("cache_read_input_tokens", summary.totalCacheReadInputTokens());
        told.put("cache_creation_input_tokens", summary.totalCacheCreationInputTokens());
        return told;
    }
}
