package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.formats.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Google Cloud's billing export, a row of the table in each line as BigQuery writes it as JSON. The description of an SKU has the model,
 * the modality and the class, such as {@code Gemini 3.5 Flash Text Input - Predictions}. Credits stand with the rows that they are for.
 */
final class GoogleBill {

    private static final int MAX_LINE_BYTES = 1 << 20;

    private static final Pattern SKU = Pattern.compile(
            "(?i)(?:priority - |batch - )?(?<model>.+?) (?<what>(?:\\(long\\) |batch |priority |flex |long |thinking )*"
                    + "(?:text|image|audio|video|input|output)\\b.*)");

    private GoogleBill() {}

    static void read(Path file, BillSink sink) {
        try (InputStream in = Bill.KIND.open(file);
                Lines lines = new Lines(in, MAX_LINE_BYTES)) {
            long read = 0;
            while (lines.next()) {
                read += lines.length();
                if (lines.tooLong() || read > Bill.MAX_STREAM_BYTES) {
                    throw Bill.KIND.unusable(
                            file.toString(),
                            "line " + lines.number() + ": it is longer than " + MAX_LINE_BYTES + " bytes");
                }
                if (!lines.blank()) {
                    row(json(file, lines), sink);
                }
            }
        } catch (IOException e) {
            throw Bill.KIND.unreadable(file.toString(), e);
        }
    }

    private static Json json(Path file, Lines lines) {
        try {
            String text = Utf8.decode(lines.bytes(), lines.offset(), lines.length());
            return new Json(file.toString(), lines.number(), Documents.readJson(text));
        } catch (CharacterCodingException e) {
            throw Bill.KIND.unusable(file.toString(), "line " + lines.number() + ": it is not UTF-8 text");
        } catch (TextFormatException e) {
            throw Bill.KIND.unusable(file.toString(), "line " + lines.number() + ": " + e.getMessage());
        }
    }

    private static void row(Json row, BillSink sink) {
        try {
            Figure.checkUsd(row.at("currency").text());
        } catch (IllegalArgumentException e) {
            throw row.mistake(String.valueOf(e.getMessage()));
        }
        String sku = row.at("sku").at("description").text();
        BillLine.Builder line = BillLine.at(
                        row.file(),
                        row.line(),
                        row.at("usage_start_time").instant(),
                        row.at("usage_end_time").instant())
                .project(row.at("project").at("id").text())
                .text(sku)
                .amount(row.at("cost").decimalOrZero());
        switch (row.at("cost_type").text()) {
            case "tax" -> sink.add(line.kind(BillLine.Kind.TAX).build());
            case "rounding_error" -> sink.add(line.kind(BillLine.Kind.ROUNDING).build());
            case "", "regular" -> usage(line, sku, row, sink);
            default -> sink.add(line.kind(BillLine.Kind.OTHER).build());
        }
        if (!row.at("credits").isNothing()) {
            for (Json credit : row.at("credits").items()) {
                sink.add(line.withoutFigures()
                        .kind(BillLine.Kind.CREDIT)
                        .amount(credit.at("amount").decimalOrZero())
                        .text(credit.at("name").text())
                        .build());
            }
        }
    }

    private static void usage(BillLine.Builder line, String sku, Json row, BillSink sink) {
        Matcher parts = SKU.matcher(sku);
        boolean matched = parts.matches();
        UsageWords.Meaning meaning = UsageWords.meaning(matched ? parts.group("what") : "");
        String unit = row.at("usage").at("unit").text().toLowerCase(Locale.ROOT);
        if (meaning.name().isEmpty() || !(unit.equals("count") || unit.startsWith("token")) || unit.contains("hour")) {
            sink.add(line.kind(BillLine.Kind.OTHER).build());
            return;
        }
        BigDecimal amount = row.at("usage").at("amount").decimalOrZero();
        String lower = sku.toLowerCase(Locale.ROOT);
        sink.add(line.model(parts.group("model").strip())
                .tokens(meaning.name())
                .tier(lower.startsWith("priority") ? "priority" : lower.startsWith("batch") ? "batch" : meaning.tier())
                .region(row.at("location").at("region").text())
                .longContext(lower.contains("(long)") || lower.contains(" long "))
                .quantity(amount)
                .text("")
                .build());
        line.text(sku);
    }
}
