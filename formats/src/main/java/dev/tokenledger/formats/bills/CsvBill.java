package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.CsvTable;
import dev.tokenledger.formats.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A bill as a table of one's own making. Columns, found by name:
 *
 * <ul>
 *   <li>{@code date}, a day in the zone asked for; or {@code start} and {@code end}, instants
 *   <li>{@code model}; {@code service_tier}, {@code region}, {@code project} (or {@code workspace}), {@code id} of a call
 *   <li>{@code class} with {@code quantity}: a class of tokens as price files name it, or a paid tool call such as {@code
 *       web_search}; or the counts side by side, by the names that records have: {@code input_tokens}, {@code output_tokens}, …
 *   <li>{@code requests}, how many calls
 *   <li>{@code amount} (or {@code cost}), US dollars; {@code currency}, if stated USD
 *   <li>{@code kind}: usage (the default), credit, discount, tax, rounding or other; {@code description}
 * </ul>
 */
final class CsvBill {

    private static final Map<String, String> COUNTS = new LinkedHashMap<>();

    static {
        COUNTS.put("input_tokens", "input");
        COUNTS.put("output_tokens", "output");
        COUNTS.put("cache_read_input_tokens", "cache_read");
        COUNTS.put("cache_creation_input_tokens", "cache_write_5m");
        COUNTS.put("cache_creation_5m_input_tokens", "cache_write_5m");
        COUNTS.put("cache_creation_1h_input_tokens", "cache_write_1h");
    }

    private CsvBill() {}

    static void read(Path file, BillSink sink) {
        try (InputStream in = Bill.KIND.open(file);
                CsvTable table = new CsvTable(file.toString(), in, Bill.MAX_STREAM_BYTES)) {
            if (!table.has("start")) {
                table.require("date");
            }
            if (!table.has("cost")) {
                table.require("amount");
            }
            while (table.next()) {
                row(file, table, sink);
            }
        } catch (IOException e) {
            throw Bill.KIND.unreadable(file.toString(), e);
        }
    }

    private static void row(Path file, CsvTable table, BillSink sink) {
        try {
            Figure.checkUsd(table.text("currency"));
        } catch (IllegalArgumentException e) {
            throw table.mistake("currency", String.valueOf(e.getMessage()));
        }
        Instant start = table.has("start") ? Figure.instant(table, "start") : day(table, sink, 0);
        Instant end = table.has("end") ? Figure.instant(table, "end") : day(table, sink, 1);
        if (!start.isBefore(end)) {
            throw table.mistake("end", "it is not after start");
        }
        BillLine.Builder line = BillLine.at(file.toString(), table.line(), start, end)
                .model(table.text("model"))
                .tier(table.text("service_tier"))
                .region(table.text("region"))
                .project(table.text("project").isEmpty() ? table.text("workspace") : table.text("project"))
                .callId(table.text("id"))
                .text(table.text("description"));
        BigDecimal amount = Figure.of(table, table.has("amount") ? "amount" : "cost");
        BillLine.Kind kind = kind(table);
        BigDecimal requests = Figure.of(table, "requests");
        if (kind != BillLine.Kind.USAGE) {
            sink.add(line.kind(kind).amount(Figure.orZero(amount)).build());
            return;
        }
        line.text("");
        BigDecimal quantity = Figure.of(table, "quantity");
        if (amount != null) {
            line.amount(amount);
        }
        if (requests != null) {
            line.requests(requests);
        }
        if (quantity != null) {
            line.quantity(quantity);
        }
        sink.add(classified(line, table.text("class")).build());
        line.withoutFigures();
        COUNTS.forEach((column, tokenClass) -> {
            BigDecimal count = Figure.orZero(Figure.of(table, column));
            if (column.equals("cache_creation_input_tokens")) {
                count = count.subtract(Figure.orZero(Figure.of(table, "cache_creation_5m_input_tokens")))
                        .subtract(Figure.orZero(Figure.of(table, "cache_creation_1h_input_tokens")));
            }
            if (count.signum() < 0) {
                throw table.mistake(column, "a count is not negative, and its parts are not more than the whole");
            }
            if (count.signum() > 0) {
                sink.add(line.tokens(tokenClass).quantity(count).build());
            }
        });
    }

    private static BillLine.Builder classified(BillLine.Builder line, String name) {
        String tokenClass = UsageWords.meaning(name).name();
        return name.isEmpty() || !tokenClass.isEmpty()
                ? line.tokens(tokenClass)
                : line.calls(name.toLowerCase(Locale.ROOT));
    }

    private static BillLine.Kind kind(CsvTable table) {
        String text = table.text("kind");
        for (BillLine.Kind kind : BillLine.Kind.values()) {
            if (text.isEmpty() || kind.name().toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
                return kind;
            }
        }
        throw table.mistake(
                "kind",
                "expected usage, credit, discount, tax, rounding or other, found \"" + Names.shown(text) + "\"");
    }

    private static Instant day(CsvTable table, BillSink sink, int after) {
        String text = table.text("date");
        try {
            return LocalDate.parse(text)
                    .plusDays(after)
                    .atStartOfDay(sink.zone())
                    .toInstant();
        } catch (DateTimeException e) {
            throw table.mistake("date", "expected a day such as 2026-11-02, found \"" + Names.shown(text) + "\"");
        }
    }
}
