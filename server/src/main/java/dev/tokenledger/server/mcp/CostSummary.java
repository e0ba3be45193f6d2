package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The tool {@code cost_summary}: what a period cost, in words and as the JSON of {@code /v1/summary}. */
final class CostSummary {

    static final String NAME = "cost_summary";

    /** Keeps amounts exact, and without exponents. */
    static final McpJsonMapper JSON = new JacksonMcpJsonMapper(JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build());

    /** What an agent can take in; the rest is one group. */
    private static final int MAX_GROUPS = 50;

    private static final Set<String> PARAMETERS = Set.of("period", "group_by", "limit");

    private final Supplier<Ledger> ledger;
    private final InstantSource clock;
    private final ZoneId zone;

    CostSummary(Supplier<Ledger> ledger, InstantSource clock, ZoneId zone) {
        this.ledger = ledger;
        this.clock = clock;
        this.zone = zone;
    }

    Tool tool() {
        String dimensions = Dimension.all().stream().map(Dimension::name).collect(Collectors.joining(", "));
        return Tool.builder(
                        NAME,
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                Map.of(
                                        "period",
                                        Map.of(
                                                "type",
                                                "string",
                                                "enum",
                                                List.of("today", "yesterday", "week", "month", "all"),
                                                "description",
                                                "Calendar period in " + zone + "; today unless stated"),
                                        "group_by",
                                        Map.of(
                                                "type",
                                                "string",
                                                "description",
                                                "What to group by, with commas between several: " + dimensions
                                                        + ", attribute.<key>")),
                                "additionalProperties",
                                false))
                .title("Cost summary")
                .description("What language model calls cost and how many tokens they used, from an exact ledger. A"
                        + " cost with ≥ is a lower bound, because some calls have no price.")
                .annotations(new ToolAnnotations("Cost summary", true, false, true, false, null))
                .build();
    }

    /** Answers a call; a mistake in its arguments is an answer too, and so is that the ledger cannot be opened. */
    CallToolResult call(CallToolRequest request) {
        Ledger opened;
        try {
            opened = ledger.get();
        } catch (LedgerException e) {
            return problem(String.valueOf(e.getMessage()));
        }
        try {
            Map<String, List<String>> parameters = new TreeMap<>();
            parameters.put("period", List.of("today"));
            Map<String, Object> arguments = request.arguments() == null ? Map.of() : request.arguments();
            arguments.forEach((name, value) -> {
                if (!(value instanceof String text)) {
                    throw new ParameterException(name, "expected text");
                }
                if (!text.isBlank()) {
                    parameters.put(name, List.of(text));
                }
            });
            if (parameters.containsKey("group_by")) {
                parameters.put("limit", List.of(Integer.toString(MAX_GROUPS)));
            }
            String period = parameters.getOrDefault("period", List.of()).get(0);
            SummaryQuery query = new QueryParameters(parameters, PARAMETERS, clock.instant(), zone).summary();
            Report report = opened.report(ReportQuery.of(query));
            List<GroupedSummary> rows = report.rows();
            return CallToolResult.builder()
                    .addTextContent(text(period, query, report))
                    .structuredContent(JSON, SummaryJson.write(query, rows))
                    .build();
        } catch (ParameterException e) {
            return problem(e.parameter() + ": " + e.getMessage());
        }
    }

    private static CallToolResult problem(String text) {
        return CallToolResult.builder().addTextContent(text).isError(true).build();
    }

    private String text(String period, SummaryQuery query, Report report) {
        Summary total = report.total();
        StringBuilder text = new StringBuilder(period.equals("all") ? "All time" : "Cost " + words(period));
        text.append(": ").append(words(total));
        text.append("\nTokens: ")
                .append(count(total.totalInputTokens()))
                .append(" input, ")
                .append(count(total.totalOutputTokens()))
                .append(" output, ")
                .append(count(total.totalCacheReadInputTokens()))
                .append(" cache read, ")
                .append(count(total.totalCacheCreationInputTokens()))
                .append(" cache write");
        if (!query.dimensions().isEmpty()) {
            text.append("\nBy ")
                    .append(query.dimensions().stream().map(Dimension::name).collect(Collectors.joining(", ")))
                    .append(':');
            for (GroupedSummary row : report.rows()) {
                String key = row.other() ? "(all others)" : row.key().isBlank() ? "(none)" : row.key();
                text.append("\n- ").append(key).append(": ").append(words(row.summary()));
            }
        }
        return text.toString();
    }

    private static String words(String period) {
        return switch (period) {
            case "week", "month" -> "this " + period;
            default -> period;
        };
    }

    private static String words(Summary summary) {
        String calls = calls(summary.totalRecords());
        String cost = (summary.fullyPriced() ? "" : "≥ ") + "$" + plain(summary.totalCost()) + " for " + calls;
        if (summary.unpricedRecords() > 0) {
            cost += ", " + count(summary.unpricedRecords()) + " without a price";
        }
        if (summary.partialRecords() > 0) {
            cost += ", " + count(summary.partialRecords()) + " priced in part";
        }
        return cost;
    }

    private static String calls(long count) {
        return count(count) + (count == 1 ? " call" : " calls");
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String plain(Usd amount) {
        return amount.toBigDecimal().toPlainString();
    }
}
