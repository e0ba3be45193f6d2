package dev.tokenledger.formats.json;

import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Reads a record from one JSON object, and writes one, by the rules that this package states. Safe for use by many threads. */
public final class RecordJson {

    /** The longest text of one record, in bytes: 1 MiB. */
    public static final int MAX_BYTES = 1 << 20;

    private static final String IDENTITY = "identity";

    private RecordJson() {}

    /**
     * A record as one JSON object, with all that was delivered. Read again it is the same record but for parts of the model's
     * identity that are empty, which a reader infers; {@link #write(UsageRecord, boolean)} keeps those too.
     */
    public static String write(UsageRecord record) {
        return write(record, false);
    }

    /**
     * A record as one JSON object, with all that was delivered.
     *
     * @param exact whether {@link #parseExact} is to read it: the identity is then a list of its four parts
     */
    public static String write(UsageRecord record, boolean exact) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("id", record.id().value());
            record.timestamp().ifPresent(instant -> json.writeStringProperty("timestamp", instant.toString()));
            if (exact) {
                exactIdentity(record, json);
            } else {
                EntryJson.identity(record, json);
            }
            EntryJson.facts(record, json);
            record.givenCost().ifPresent(cost -> {
                json.writeNumberProperty("cost_usd", cost.amount().toBigDecimal());
                json.writeStringProperty("pricing_status", cost.status().text());
            });
            json.writeEndObject();
        });
    }

    private static void exactIdentity(UsageRecord record, JsonGenerator json) {
        ModelIdentity identity = record.identity();
        json.writeArrayPropertyStart(IDENTITY);
        json.writeString(identity.model());
        json.writeString(identity.upstreamModel());
        json.writeString(identity.resource());
        json.writeString(identity.provider());
        json.writeEndArray();
        if (!record.requestedModel().isEmpty()) {
            json.writeStringProperty("requested_model", record.requestedModel());
        }
    }

    /**
     * The very record that {@link #write(UsageRecord, boolean)} wrote exactly.
     *
     * @throws RecordFormatException if the text is no such record
     */
    public static UsageRecord parseExact(String json) {
        List<String> parts = new ArrayList<>(4);
        RecordReader reader = new RecordReader(
                (name, parser) -> {
                    if (!name.equals(IDENTITY)) {
                        return false;
                    }
                    while (parser.nextToken() == JsonToken.VALUE_STRING) {
                        parts.add(parser.getString());
                    }
                    return true;
                },
                RecordReader.Costs.KEPT);
        UsageRecord.Builder builder = reader.readFields(checked(json));
        if (parts.size() != 4) {
            throw new RecordFormatException(
                    Reason.INVALID_RECORD, IDENTITY, "expected a list of model, upstream model, resource and provider");
        }
        builder.identity(new ModelIdentity(parts.get(0), parts.get(1), parts.get(2), parts.get(3)));
        return reader.build();
    }

    /**
     * The record that a JSON object states; without an id it gets a new one.
     *
     * @throws RecordFormatException if the text is no record
     */
    public static UsageRecord parse(String json) {
        return parse(json, RecordId::generate);
    }

    /**
     * The record that a JSON object states.
     *
     * @param idWhenAbsent the id of a record that states none
     * @throws RecordFormatException if the text is no record
     */
    public static UsageRecord parse(String json, Supplier<RecordId> idWhenAbsent) {
        return new RecordReader(RecordReader.NO_MORE_FIELDS, RecordReader.Costs.KEPT).read(checked(json), idWhenAbsent);
    }

    /**
     * The record that a JSON object in UTF-8 states; without an id it gets a new one.
     *
     * @throws RecordFormatException if the bytes are no record
     */
    public static UsageRecord parse(byte[] json, int offset, int length) {
        return parse(json, offset, length, RecordId::generate);
    }

    /**
     * The record that a JSON object in UTF-8 states.
     *
     * @param idWhenAbsent the id of a record that states none
     * @throws RecordFormatException if the bytes are no record
     */
    public static UsageRecord parse(byte[] json, int offset, int length, Supplier<RecordId> idWhenAbsent) {
        return parse(text(json, offset, length), idWhenAbsent);
    }

    /**
     * The text, if it is not too long. It has at least as many bytes as characters.
     *
     * @throws RecordFormatException if it is longer than {@value #MAX_BYTES} characters
     */
    public static String checked(String json) {
        if (json.length() > MAX_BYTES) {
            throw tooLong();
        }
        return json;
    }

    /**
     * The text of a record's bytes.
     *
     * @throws RecordFormatException if there are more than {@value #MAX_BYTES}, or they are not UTF-8
     */
    public static String text(byte[] json, int offset, int length) {
        if (length > MAX_BYTES) {
            throw tooLong();
        }
        try {
            return Utf8.decode(json, offset, length);
        } catch (CharacterCodingException e) {
            throw new RecordFormatException(Reason.INVALID_UTF8, "", "not valid UTF-8");
        }
    }

    /** The refusal of a record that is too long. */
    public static RecordFormatException tooLong() {
        return new RecordFormatException(Reason.LINE_TOO_LONG, "", "longer than " + MAX_BYTES + " bytes");
    }
}
