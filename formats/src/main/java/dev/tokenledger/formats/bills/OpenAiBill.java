package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.CsvTable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's reports. Usage states tokens: its input contains the cached and the written ones, which stand beside it; a batch is told by
 * its flag. Costs state amounts by a line item, whose words are the model and, behind the last comma, the class.
 */
final class OpenAiBill {

    private static final String INPUT = "input_tokens";
    private static final String CACHED = "input_cached_tokens";
    private static final String WRITTEN = "input_cache_write_tokens";
    private static final String UNCACHED = "input_uncached_tokens";

    private OpenAiBill() {}

    /** A row's figure by name; null if it has none. */
    private interface Row {
        @Nullable
        BigDecimal number(String name);

        String text(String name);
    }

    static void read(Path file, BillSink sink) {
        if (file.toString().toLowerCase(Locale.ROOT).contains(".csv")) {
            readCsv(file, sink);
            return;
        }
        for (Json page : Json.document(file).pages()) {
            if (!page.has("data")) {
                throw page.mistake("expected a page of usage or costs with \"data\"");
            }
            for (Json bucket : page.at("data").items()) {
                readBucket(bucket, sink);
            }
        }
    }

    private static void readBucket(Json bucket, BillSink sink) {
        sink.cover(bucket.at("start_time").instant(), bucket.at("end_time").instant());
        for (Json row : bucket.at("results").items()) {
            BillLine.Builder line = BillLine.at(
                            row.file(),
                            row.line(),
                            bucket.at("start_time").instant(),
                            bucket.at("end_time").instant())
                    .project(row.at("project_id").text());
            if (row.has("amount")) {
                Json amount = row.at("amount");
                BigDecimal value = amount.at("value").decimal();
                if (value == null) {
                    throw amount.mistake("expected an amount with a value");
                }
                try {
                    Figure.checkUsd(amount.at("currency").text());
                } catch (IllegalArgumentException e) {
                    throw amount.mistake(String.valueOf(e.getMessage()));
                }
                cost(
                        line,
                        row.at("line_item").text(),
                        value,
                        row.at("quantity").decimal(),
                        row.at("quantity_unit").text(),
                        sink);
            } else {
                usage(
                        line,
                        new Row() {
                            @Override
                            public @Nullable BigDecimal number(String name) {
                                return row.at(name).decimal();
                            }

                            @Override
                            public String text(String name) {
                                return row.at(name).text();
                            }
                        },
                        row.at("object").text(),
                        sink);
            }
        }
    }

    private static void readCsv(Path file, BillSink sink) {
        try (InputStream in = Bill.KIND.open(file);
                CsvTable table = new CsvTable(file.toString(), in, Bill.MAX_STREAM_BYTES)) {
            table.require("start_time", "end_time");
            boolean costs = table.has("amount_value");
            if (!costs && !table.has(INPUT) && !table.has("num_model_requests")) {
                table.require("amount_value");
            }
            while (table.next()) {
                sink.cover(Figure.instant(table, "start_time"), Figure.instant(table, "end_time"));
                BillLine.Builder line = BillLine.at(
                                file.toString(),
                                table.line(),
                                Figure.instant(table, "start_time"),
                                Figure.instant(table, "end_time"))
                        .project(table.text("project_id"));
                if (!costs) {
                    usage(
                            line,
                            new Row() {
                                @Override
                                public @Nullable BigDecimal number(String name) {
                                    return Figure.of(table, name);
                                }

                                @Override
                                public String text(String name) {
                                    return table.text(name);
                                }
                            },
                            "",
                            sink);
                    continue;
                }
                BigDecimal value = Figure.of(table, "amount_value");
                if (value != null) {
                    try {
                        Figure.checkUsd(table.text("amount_currency"));
                    } catch (IllegalArgumentException e) {
                        throw table.mistake("amount_currency", String.valueOf(e.getMessage()));
                    }
                    cost(
                            line,
                            table.text("line_item"),
                            value,
                            Figure.of(table, "quantity"),
                            table.text("quantity_unit"),
                            sink);
                }
            }
        } catch (IOException e) {
            throw Bill.KIND.unreadable(file.toString(), e);
        }
    }

    private static void usage(BillLine.Builder line, Row row, String object, BillSink sink) {
        boolean batch = row.text("batch").toLowerCase(Locale.ROOT).equals("true");
        line.model(row.text("model")).tier(batch ? "batch" : row.text("service_tier"));
        BigDecimal requests = row.number("num_model_requests");
        boolean tool = object.contains("web_search") || object.contains("file_search");
        if (requests != null && !tool) {
            sink.add(line.tokens("").requests(requests).build());
            line.withoutFigures();
        }
        if (tool) {
            BigDecimal calls = row.number("num_requests");
            sink.add(line.calls(object.contains("web_search") ? "web_search" : "file_search")
                    .quantity(Figure.orZero(calls))
                    .build());
            return;
        }
        BigDecimal cached = Figure.orZero(row.number(CACHED));
        BigDecimal written = Figure.orZero(row.number(WRITTEN));
        BigDecimal input = row.number(INPUT);
        BigDecimal uncached = row.number(UNCACHED);
        if (uncached == null && input != null) {
            uncached = input.subtract(cached).subtract(written);
        }
        quantity(line, "input", Figure.orZero(uncached), sink);
        quantity(line, "cache_read", cached, sink);
        quantity(line, "cache_write_5m", written, sink);
        quantity(line, "output", Figure.orZero(row.number("output_tokens")), sink);
    }

    private static void quantity(BillLine.Builder line, String tokenClass, BigDecimal count, BillSink sink) {
        if (count.signum() < 0) {
            throw Bill.KIND.unusable(
                    line.build().file(),
                    "line " + line.build().line() + ": the parts of input_tokens are more than the whole");
        }
        if (count.signum() != 0) {
            sink.add(line.tokens(tokenClass).quantity(count).build());
            line.withoutFigures();
        }
    }

    private static void cost(
            BillLine.Builder line,
            String item,
            BigDecimal amount,
            @Nullable BigDecimal quantity,
            String unit,
            BillSink sink) {
        line.amount(amount).text(item);
        int comma = item.lastIndexOf(", ");
        UsageWords.Meaning meaning = UsageWords.meaning(comma < 0 ? item : item.substring(comma + 2));
        Optional<String> tool = UsageWords.toolCall(item);
        if (tool.isPresent()) {
            line.calls(tool.get()).text("");
            if (quantity != null) {
                line.quantity(quantity);
            }
        } else if (comma > 0 && !meaning.name().isEmpty()) {
            line.model(item.substring(0, comma).strip())
                    .tokens(meaning.name())
                    .tier(meaning.tier())
                    .text("");
            BigDecimal tokens = tokens(quantity, unit);
            if (tokens != null) {
                line.quantity(tokens);
            }
        } else if (item.isEmpty()) {
            line.calls("");
        } else {
            line.kind(BillLine.Kind.OTHER);
        }
        sink.add(line.build());
    }

    private static @Nullable BigDecimal tokens(@Nullable BigDecimal quantity, String unit) {
        if (quantity == null || !List.of("tokens", "1000_tokens").contains(unit)) {
            return null;
        }
        return unit.equals("tokens") ? quantity : quantity.movePointRight(3);
    }
}
