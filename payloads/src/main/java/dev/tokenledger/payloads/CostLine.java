package dev.tokenledger.payloads;

import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.json.RecordReader;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;

/**
 * Prices usage line by line without storing it: one JSON object in, one out.
 *
 * <p>A line has a record's fields (see {@link RecordJson}), or, in place of the token counts, {@code format} and
 * {@code usage}: a provider's raw usage object and the {@linkplain UsagePayload convention} it follows. Without a
 * {@code timestamp} the price is the one in force now. A cost in the line takes no part: the book decides.
 *
 * <p>Out come the cost and the normalised counts, every token count even if it is 0; {@code notes} are the usage's and the
 * pricing's; {@code unpriced_calls} only where there are some. Safe for use by many threads.
 */
public final class CostLine {

    private static final RecordId NO_ID = RecordId.of("-");

    private final PriceBook prices;
    private final InstantSource clock;

    private CostLine(PriceBook prices, InstantSource clock) {
        this.prices = prices;
        this.clock = clock;
    }

    /** Prices by this book; a line without a timestamp is priced as of the clock's time. */
    public static CostLine of(PriceBook prices, InstantSource clock) {
        return new CostLine(prices, clock);
    }

    /**
     * The answer to one line.
     *
     * @param problem what is wrong with a bad line; empty for a good one
     * @param json one line of JSON, without a line break; for a bad line {@code {"error":"…","line":N}}
     */
    public record Result(String problem, String json) {
        /** Whether the line was bad. */
        public boolean failed() {
            return !problem.isEmpty();
        }
    }

    /**
     * Prices one line.
     *
     * @param number the line's number, from 1, for an error
     */
    public Result price(String line, long number) {
        return answer(() -> RecordJson.checked(line), number);
    }

    /** Prices the line that a walk has come to; one that is too long is an error as well. */
    public Result price(Lines lines) {
        return answer(
                () -> {
                    if (lines.tooLong()) {
                        throw RecordJson.tooLong();
                    }
                    return RecordJson.text(lines.bytes(), lines.offset(), lines.length());
                },
                lines.number());
    }

    private interface LineText {
        String get();
    }

    private Result answer(LineText line, long number) {
        try {
            return new Result("", priced(line.get()));
        } catch (IllegalArgumentException e) {
            String problem = Texts.cut(String.valueOf(e.getMessage()), 500);
            return new Result(problem, JsonText.write(json -> {
                json.writeStartObject();
                json.writeStringProperty("error", problem);
                json.writeNumberProperty("line", number);
                json.writeEndObject();
            }));
        }
    }

    private String priced(String line) {
        Payload payload = new Payload();
        RecordReader reader = new RecordReader(payload, RecordReader.Costs.FORGOTTEN);
        UsageRecord.Builder builder = reader.readFields(line).id(NO_ID);
        if (payload.applies()) {
            reader.refuseTokenCounts("stands beside \"usage\"; state counts by one of the two");
            payload.read().applyTo(builder, reader.states("service_tier"));
        }
        UsageRecord record = reader.build();
        List<String> notes = new ArrayList<>(record.notes());
        Cost cost = prices.price(record, clock.instant());
        notes.addAll(cost.notes());
        return JsonText.write(json -> write(record, cost, notes, json));
    }

    private static void write(UsageRecord record, Cost cost, List<String> notes, JsonGenerator json) {
        json.writeStartObject();
        EntryJson.amount(cost, json);
        EntryJson.unpricedTokens(cost, json);
        EntryJson.unpricedCalls(cost, json);
        json.writeArrayPropertyStart("notes");
        notes.forEach(json::writeString);
        json.writeEndArray();
        JsonText.tokens(record.tokens(), json::writeNumberProperty);
        EntryJson.calls(record.calls(), json);
        json.writeEndObject();
    }

    /** The two fields that a line has beyond a record's. */
    private static final class Payload implements RecordReader.MoreFields {

        private @Nullable String format;
        private Node.@Nullable Mapping usage;

        @Override
        public boolean read(String name, JsonParser parser) {
            switch (name) {
                case "format" -> format = format(Documents.read(parser));
                case "usage" -> usage = usage(parser);
                default -> {
                    return false;
                }
            }
            return true;
        }

        private static @Nullable String format(Node node) {
            if (node instanceof Node.Nothing) {
                return null;
            }
            if (node instanceof Node.Text text) {
                return text.value();
            }
            throw new RecordFormatException(Reason.INVALID_RECORD, "format", "expected text, found " + node.kind());
        }

        private static Node.@Nullable Mapping usage(JsonParser parser) {
            Node node;
            try {
                node = Documents.read(parser);
            } catch (TextFormatException e) {
                throw new RecordFormatException(Reason.INVALID_RECORD, "usage", String.valueOf(e.getMessage()));
            }
            if (node instanceof Node.Nothing) {
                return null;
            }
            if (node instanceof Node.Mapping mapping) {
                return mapping;
            }
            throw new RecordFormatException(Reason.INVALID_RECORD, "usage", "expected an object, found " + node.kind());
        }

        boolean applies() {
            if (format == null && usage == null) {
                return false;
            }
            if (format == null || usage == null) {
                throw new RecordFormatException(
                        Reason.INVALID_RECORD,
                        format == null ? "format" : "usage",
                        "format and usage go together; formats: " + UsagePayload.formats());
            }
            return true;
        }

        PayloadUsage read() {
            if (format == null || usage == null) {
                throw new IllegalStateException("asked without a payload");
            }
            UsagePayload convention;
            try {
                convention = UsagePayload.of(format);
            } catch (IllegalArgumentException e) {
                throw new RecordFormatException(Reason.INVALID_RECORD, "format", String.valueOf(e.getMessage()));
            }
            try {
                return convention.read(usage);
            } catch (IllegalArgumentException e) {
                throw new RecordFormatException(Reason.INVALID_RECORD, "usage", String.valueOf(e.getMessage()));
            }
        }
    }
}
