package dev.tokenledger.formats.bills;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Anthropic's reports: usage of messages, costs (cents as decimal text), and cost analytics, which state list and discounted amounts.
 * No workspace means the default one.
 */
final class AnthropicBill {

    private static final List<String> KNOWN = List.of("uncached_input_tokens", "amount", "cost");

    private AnthropicBill() {}

    static void read(Path file, BillSink sink) {
        for (Json page : Json.document(file).pages()) {
            if (!page.has("data")) {
                throw page.mistake("expected a usage or cost report with \"data\"");
            }
            for (Json bucket : page.at("data").items()) {
                if (bucket.has("results")) {
                    sink.cover(
                            bucket.at("starting_at").instant(),
                            bucket.at("ending_at").instant());
                    bucket.at("results").items().forEach(row -> row(bucket, row, row, sink));
                } else {
                    row(bucket, bucket, bucket.has("group") ? bucket.at("group") : bucket, sink);
                }
            }
        }
    }

    /** @param group where the row states what it is grouped by */
    private static void row(Json bucket, Json row, Json group, BillSink sink) {
        BillLine.Builder line = BillLine.at(
                        row.file(),
                        row.line(),
                        bucket.at("starting_at").instant(),
                        bucket.at("ending_at").instant())
                .model(group.at("model").text())
                .tier(group.at("service_tier").text())
                .region(group.at("inference_geo").text())
                .longContext(group.at("context_window").text().equals("200k-1M"))
                .project(group.at("workspace_id").text());
        if (row.has(KNOWN.get(0))) {
            usage(line, row, sink);
        } else if (row.has("cost")) {
            analytics(line, row.at("cost"), group, sink);
        } else if (row.has("amount")) {
            classified(line, group, row.at("description").text());
            sink.add(line.amount(cents(row.at("amount"), row.at("currency").text()))
                    .build());
        } else {
            throw row.mistake("expected a row with one of " + String.join(", ", KNOWN));
        }
    }

    private static void usage(BillLine.Builder line, Json row, BillSink sink) {
        Json written = row.at("cache_creation");
        tokens(line, "input", row.at("uncached_input_tokens"), sink);
        tokens(line, "output", row.at("output_tokens"), sink);
        tokens(line, "cache_read", row.at("cache_read_input_tokens"), sink);
        tokens(line, "cache_write_5m", written.at("ephemeral_5m_input_tokens"), sink);
        tokens(line, "cache_write_1h", written.at("ephemeral_1h_input_tokens"), sink);
        BigDecimal searches =
                row.at("server_tool_use").at("web_search_requests").decimalOrZero();
        if (searches.signum() != 0) {
            sink.add(line.calls("web_search").quantity(searches).build());
        }
    }

    private static void tokens(BillLine.Builder line, String tokenClass, Json count, BillSink sink) {
        BigDecimal quantity = count.decimalOrZero();
        if (quantity.signum() != 0) {
            sink.add(line.tokens(tokenClass).quantity(quantity).build());
            line.withoutFigures();
        }
    }

    private static void analytics(BillLine.Builder line, Json cost, Json group, BillSink sink) {
        classified(line, group, group.at("cost_type").text());
        BigDecimal amount = cents(cost.at("amount"), cost.at("currency").text());
        BigDecimal list = cost.at("list_amount").isNothing() ? amount : cents(cost.at("list_amount"), "USD");
        BigDecimal requests = cost.at("requests").decimal();
        if (requests != null && requests.signum() != 0) {
            line.requests(requests);
        }
        sink.add(line.amount(list).build());
        if (amount.compareTo(list) != 0) {
            sink.add(line.withoutFigures()
                    .kind(BillLine.Kind.DISCOUNT)
                    .amount(Decimals.plain(amount.subtract(list)))
                    .text("discount")
                    .build());
        }
    }

    /** What an amount is for: a class of tokens, a tool call, or, where the report is not grouped by it, all of a model's usage. */
    private static void classified(BillLine.Builder line, Json group, String text) {
        String type = group.at("cost_type").text();
        String tokenType = group.at("token_type").text();
        String model = group.at("model").text();
        Optional<String> tool = UsageWords.toolCall(type.isEmpty() ? text : type);
        if (!tokenType.isEmpty()) {
            line.tokens(UsageWords.meaning(tokenType).name());
        } else if (tool.isPresent()) {
            line.calls(tool.get());
        } else if (model.isEmpty() && text.isEmpty()) {
            // Tool calls, or, in a report that is not grouped by model, everything.
            line.calls("");
        } else if (model.isEmpty() && !type.equals("tokens")) {
            line.kind(BillLine.Kind.OTHER).text(text);
        } else {
            line.tokens("");
        }
    }

    private static BigDecimal cents(Json amount, String currency) {
        BigDecimal cents = amount.decimal();
        if (cents == null) {
            throw amount.mistake("expected an amount in cents");
        }
        try {
            Figure.checkUsd(currency);
        } catch (IllegalArgumentException e) {
            throw amount.mistake(String.valueOf(e.getMessage()));
        }
        return Decimals.plain(cents.movePointLeft(2));
    }
}
