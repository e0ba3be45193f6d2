package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Counts;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The usage that Cursor's dashboard exports, as CSV: what Cursor keeps on disk has no figures.
 *
 * <p>A row is a call; the columns are found by their names, of which versions differ. Total Tokens decides whether the input with
 * cache writes stands beside the input without them, or contains it. A row is known by its time, model and counts, and its place among
 * equal ones of the same time; so exports that overlap add nothing twice.
 */
public final class CursorSource implements UsageSource {

    private static final String NAME = "cursor";
    private static final int MAX_LINE = 1 << 20;
    private static final String DATE = "date";
    private static final String MODEL = "model";
    private static final String WITH_WRITES = "input (w/ cache write)";
    private static final String WITHOUT_WRITES = "input (w/o cache write)";
    private static final String READ = "cache read";
    private static final String OUTPUT = "output tokens";
    private static final String TOTAL = "total tokens";
    private static final String COST = "cost";
    private static final List<String> REQUIRED = List.of(DATE, MODEL, WITH_WRITES, WITHOUT_WRITES, READ, OUTPUT);
    private static final Pattern AMOUNT = Pattern.compile("\\$?([0-9][0-9,]*(\\.[0-9]+)?|\\.[0-9]+)");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        Export export = new Export();
        try (Lines lines = new Lines(file.open(), MAX_LINE)) {
            while (lines.next()) {
                long number = lines.number();
                if (lines.tooLong()) {
                    sink.skip(number, JsonLines.LINE_TOO_LONG, "longer than " + MAX_LINE + " bytes");
                } else if (lines.blank()) {
                    sink.ignore(number);
                } else {
                    line(lines, number, export, found, sink);
                }
            }
        }
    }

    private static void line(Lines lines, long number, Export export, JsonLines.Found found, ImportSink sink)
            throws IOException {
        String text;
        try {
            text = Utf8.decode(lines.bytes(), lines.offset(), lines.length());
        } catch (CharacterCodingException e) {
            sink.skip(number, JsonLines.INVALID_UTF8, "not valid UTF-8");
            return;
        }
        if (export.columns.isEmpty()) {
            export.header(text);
            sink.ignore(number);
        } else {
            found.read(number, () -> export.row(text, found));
        }
    }

    /** One export being read. */
    private static final class Export {

        private final Map<String, Integer> columns = new HashMap<>();

        /** How often a row stood here, of those with the last one's time. */
        private final Map<String, Integer> equals = new HashMap<>();

        private int width;
        private Instant last = Instant.EPOCH;

        void header(String text) throws IOException {
            String line = text.startsWith("\uFEFF") ? text.substring(1) : text;
            List<String> names = List.of();
            try {
                names = fields(line);
            } catch (IllegalArgumentException e) {
                // Told below.
            }
            width = names.size();
            for (int i = 0; i < names.size(); i++) {
                columns.putIfAbsent(lower(names.get(i)), i);
            }
            if (!columns.keySet().containsAll(REQUIRED)) {
                columns.clear();
                throw new IOException(
                        "its first line does not name the columns Date, Model, Input (w/ Cache Write), Input (w/o"
                                + " Cache Write), Cache Read and Output Tokens; is it Cursor's export of usage?");
            }
        }

        private static String lower(String name) {
            return name.strip().toLowerCase(Locale.ROOT);
        }

        void row(String text, JsonLines.Found found) {
            List<String> fields = fields(text);
            if (fields.size() != width) {
                throw new IllegalArgumentException("expected " + width + " columns, found " + fields.size());
            }
            long with = count(fields, WITH_WRITES);
            long without = count(fields, WITHOUT_WRITES);
            long read = count(fields, READ);
            long output = count(fields, OUTPUT);
            long total = count(fields, TOTAL);
            boolean contained = with >= without && with > 0 && without > 0 && total == with + read + output;
            long written = contained ? with - without : with;
            TokenCounts tokens = TokenCounts.builder()
                    .input(without)
                    .output(output)
                    .cacheCreation(written)
                    .cacheRead(read)
                    .build();
            Optional<Usd> cost = cost(value(fields, COST));
            if (tokens.equals(TokenCounts.NONE) && cost.orElse(Usd.ZERO).signum() == 0) {
                return;
            }
            Instant time = time(value(fields, DATE));
            String model = value(fields, MODEL);
            UsageRecord.Builder record = UsageRecord.builder()
                    .source(NAME)
                    .timestamp(time)
                    .tokens(tokens)
                    .provider(NAME)
                    .sessionId(LabelText.sanitize(value(fields, "cloud agent id"), Bound.ID))
                    .attribute("kind", LabelText.sanitize(value(fields, "kind"), Bound.TEXT))
                    .attribute("max_mode", LabelText.sanitize(value(fields, "max mode"), Bound.TEXT));
            cost.ifPresent(record::reportedCost);
            ModelName.set(record, LabelText.sanitize(model, Bound.TEXT));
            if (written > 0) {
                record.note(Notes.CACHE_SPLIT_MISSING);
            }
            if (columns.containsKey(TOTAL) && total != tokens.totalInput() + output) {
                record.note(Notes.TOTAL_DIFFERS);
            }
            String key = Keys.digest(
                    NAME,
                    time.toString(),
                    model,
                    Long.toString(with),
                    Long.toString(without),
                    Long.toString(read),
                    Long.toString(output));
            if (!time.equals(last)) {
                equals.clear();
                last = time;
            }
            int place = equals.merge(key, 1, Integer::sum);
            found.call(new CopiedCall(
                    place == 1 ? key : Keys.digest(NAME, key, Integer.toString(place)),
                    record.build(),
                    CopiedCall.LARGEST));
        }

        private String value(List<String> fields, String column) {
            Integer place = columns.get(column);
            return place == null ? "" : fields.get(place).strip();
        }

        private long count(List<String> fields, String column) {
            String text = value(fields, column);
            try {
                return text.isEmpty() || text.equals("-") ? 0 : Counts.parse(text, TokenCounts.LIMIT);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(column + ": " + e.getMessage(), e);
            }
        }

        private static Instant time(String text) {
            try {
                return Rfc3339.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(DATE + ": " + e.getMessage(), e);
            }
        }

        /** An amount with or without a sign of dollars; a word says that nothing was charged, and is no amount. */
        private static Optional<Usd> cost(String text) {
            if (!AMOUNT.matcher(text).matches()) {
                return Optional.empty();
            }
            String digits = text.replace("$", "").replace(",", "");
            BigDecimal exact = Decimals.parse(digits.startsWith(".") ? "0" + digits : digits);
            return Optional.of(Usd.rounded(exact));
        }
    }

    /** The fields of a line, with or without quotes; a quote in quotes is doubled. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    field.append(c);
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && field.isEmpty()) {
                quoted = true;
            } else if (c == ',') {
                fields.add(field.toString());
                field.setLength(0);
            } else if (c != '\r') {
                field.append(c);
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("a quote is not closed");
        }
        fields.add(field.toString());
        return fields;
    }
}
