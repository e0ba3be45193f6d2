package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.CsvTable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amazon's Cost and Usage Report 2.0 as CSV: the lines of Bedrock, others are passed over. The usage type has the model and the class, such
 * as {@code USE1-Claude4.6Sonnet-input-tokens}; amounts are in the unit that the line states, thousands of tokens as a rule.
 */
final class AwsBill {

    private static final Pattern USAGE_TYPE = Pattern.compile(
            "(?:[A-Z]{2,5}[0-9]?-)?(?<model>.+?)-(?<what>(?:cache-read|cache-write|input-token|output-token|input-image|output-image).*)");

    private AwsBill() {}

    static void read(Path file, BillSink sink) {
        try (InputStream in = Bill.KIND.open(file);
                CsvTable table = new CsvTable(file.toString(), in, Bill.MAX_STREAM_BYTES)) {
            table.require(
                    "line_item_line_item_type",
                    "line_item_usage_start_date",
                    "line_item_usage_end_date",
                    "line_item_usage_type",
                    "line_item_usage_amount",
                    "line_item_unblended_cost");
            while (table.next()) {
                String product = table.text("line_item_product_code") + table.text("product_servicecode");
                if (product.isEmpty() || product.toLowerCase(Locale.ROOT).contains("bedrock")) {
                    line(file, table, sink);
                }
            }
        } catch (IOException e) {
            throw Bill.KIND.unreadable(file.toString(), e);
        }
    }

    private static void line(Path file, CsvTable table, BillSink sink) {
        try {
            Figure.checkUsd(table.text("line_item_currency_code"));
        } catch (IllegalArgumentException e) {
            throw table.mistake("line_item_currency_code", String.valueOf(e.getMessage()));
        }
        BigDecimal cost = Figure.orZero(Figure.of(table, "line_item_unblended_cost"));
        String type = table.text("line_item_usage_type");
        BillLine.Builder line = BillLine.at(
                        file.toString(),
                        table.line(),
                        Figure.instant(table, "line_item_usage_start_date"),
                        Figure.instant(table, "line_item_usage_end_date"))
                .amount(cost)
                .text(
                        table.text("line_item_line_item_description").isEmpty()
                                ? type
                                : table.text("line_item_line_item_description"));
        switch (table.text("line_item_line_item_type")) {
            case "Credit", "Refund" -> sink.add(line.kind(BillLine.Kind.CREDIT).build());
            case "Tax" -> sink.add(line.kind(BillLine.Kind.TAX).build());
            case "EdpDiscount", "PrivateRateDiscount", "BundledDiscount", "Discount", "SppDiscount" ->
                sink.add(line.kind(BillLine.Kind.DISCOUNT).build());
            case "Usage" -> usage(line, type, table, sink);
            default -> sink.add(line.kind(BillLine.Kind.OTHER).build());
        }
    }

    private static void usage(BillLine.Builder line, String type, CsvTable table, BillSink sink) {
        Matcher parts = USAGE_TYPE.matcher(type);
        UsageWords.Meaning meaning = UsageWords.meaning(parts.matches() ? parts.group("what") : "");
        if (meaning.name().isEmpty()) {
            sink.add(line.kind(BillLine.Kind.OTHER).text(type).build());
            return;
        }
        String what = parts.group("what").toLowerCase(Locale.ROOT);
        BigDecimal amount = Figure.orZero(Figure.of(table, "line_item_usage_amount"));
        String model = parts.group("model");
        sink.add(line.model(model.endsWith("-mantle") ? model.substring(0, model.length() - 7) : model)
                .tokens(meaning.name())
                .tier(meaning.tier())
                .region(what.contains("global") ? "" : table.text("product_region_code"))
                .quantity(amount.movePointRight(places(table.text("pricing_unit"))))
                .text("")
                .build());
    }

    private static int places(String unit) {
        String text = unit.toLowerCase(Locale.ROOT).replace(" ", "").replace(",", "");
        if (text.startsWith("1m") || text.startsWith("million") || text.startsWith("1000000")) {
            return 6;
        }
        return text.equals("tokens") || text.equals("token") || text.equals("1token") ? 0 : 3;
    }
}
