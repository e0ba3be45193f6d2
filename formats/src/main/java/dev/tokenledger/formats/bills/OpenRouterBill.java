package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.CsvTable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * OpenRouter's activity. Its CSV has a line for each call, whose prompt contains the cached tokens; its JSON a row for each day and
 * model, which does not tell them apart. Amounts are what OpenRouter charges: none where a key of one's own paid.
 */
final class OpenRouterBill {

    private OpenRouterBill() {}

    static void read(Path file, BillSink sink) {
        if (file.toString().toLowerCase(Locale.ROOT).contains(".csv")) {
            readCsv(file, sink);
            return;
        }
        for (Json page : Json.document(file).pages()) {
            if (page.at("data").isNothing()) {
                throw page.mistake("expected activity or a generation with \"data\"");
            }
            if (page.at("data").has("id")) {
                generation(page.at("data"), sink);
            } else {
                page.at("data").items().forEach(row -> day(row, sink));
            }
        }
    }

    private static void readCsv(Path file, BillSink sink) {
        try (InputStream in = Bill.KIND.open(file);
                CsvTable table = new CsvTable(file.toString(), in, Bill.MAX_STREAM_BYTES)) {
            table.require("generation_id", "created_at", "cost_total", "tokens_prompt", "tokens_completion");
            while (table.next()) {
                Instant at = Figure.instant(table, "created_at");
                call(
                        BillLine.at(file.toString(), table.line(), at, at.plus(Duration.ofMillis(1)))
                                .model(table.text("model_permaslug"))
                                .callId(table.text("generation_id")),
                        Figure.orZero(Figure.of(table, "tokens_prompt")),
                        Figure.orZero(Figure.of(table, "tokens_cached")),
                        Figure.orZero(Figure.of(table, "tokens_completion")),
                        Figure.orZero(Figure.of(table, "cost_total")),
                        Figure.orZero(Figure.of(table, "cost_web_search")),
                        sink);
            }
        } catch (IOException e) {
            throw Bill.KIND.unreadable(file.toString(), e);
        }
    }

    private static void generation(Json call, BillSink sink) {
        Instant at = call.at("created_at").instant();
        call(
                BillLine.at(call.file(), call.line(), at, at.plus(Duration.ofMillis(1)))
                        .model(call.at("model").text())
                        .tier(call.at("service_tier").text())
                        .callId(call.at("id").text()),
                call.at("native_tokens_prompt").decimalOrZero(),
                call.at("native_tokens_cached").decimalOrZero(),
                call.at("native_tokens_completion").decimalOrZero(),
                call.at("total_cost").decimalOrZero(),
                BigDecimal.ZERO,
                sink);
    }

    private static void call(
            BillLine.Builder line,
            BigDecimal prompt,
            BigDecimal cached,
            BigDecimal output,
            BigDecimal cost,
            BigDecimal search,
            BillSink sink) {
        sink.add(line.tokens("")
                .requests(BigDecimal.ONE)
                .amount(cost.subtract(search))
                .build());
        line.withoutFigures();
        quantity(line, "input", prompt.subtract(cached), sink);
        quantity(line, "cache_read", cached, sink);
        quantity(line, "output", output, sink);
        if (search.signum() != 0) {
            sink.add(line.calls("web_search").amount(search).build());
        }
    }

    private static void day(Json row, BillSink sink) {
        Instant start = row.at("date").instant();
        BillLine.Builder line = BillLine.at(row.file(), row.line(), start, start.plus(Duration.ofDays(1)))
                .model(
                        row.at("model_permaslug").text().isEmpty()
                                ? row.at("model").text()
                                : row.at("model_permaslug").text());
        sink.add(line.tokens("")
                .requests(row.at("requests").decimalOrZero())
                .amount(row.at("usage").decimalOrZero())
                .build());
        line.withoutFigures();
        quantity(line, BillLine.PROMPT, row.at("prompt_tokens").decimalOrZero(), sink);
        quantity(line, "output", row.at("completion_tokens").decimalOrZero(), sink);
    }

    private static void quantity(BillLine.Builder line, String tokenClass, BigDecimal count, BillSink sink) {
        if (count.signum() < 0) {
            BillLine at = line.build();
            throw Bill.KIND.unusable(at.file(), "line " + at.line() + ": more cached tokens than tokens of the prompt");
        }
        if (count.signum() != 0) {
            sink.add(line.tokens(tokenClass).quantity(count).build());
            line.withoutFigures();
        }
    }
}
