package dev.tokenledger.kafka;

import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the records of a message's value, in the forms of {@code POST /v1/records}: one JSON object, an array of them, or one after
 * another, as JSON Lines has them. A message is read as a whole or not at all. Headers and keys are not read.
 *
 * <p>A record without an id gets one that follows from its place and its text, so that reading it again stores nothing. Only such
 * a record, if it has no timestamp either, happened at the message's: one with an id may come again in another message, of another
 * timestamp, and would then be in conflict with itself.
 */
final class MessageReader {

    /** The longest value that is read: 16 MiB. */
    static final int MAX_BYTES = 16 << 20;

    /** The most records in one message. */
    static final int MAX_RECORDS = 10_000;

    private static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

    private MessageReader() {}

    /**
     * The records of a message; none if it has no value.
     *
     * @throws RecordFormatException if something of it is no record
     */
    static List<UsageRecord> records(Uuid topicId, ConsumerRecord<byte[], byte[]> message) {
        byte[] value = message.value();
        if (value == null) {
            return List.of();
        }
        if (value.length > MAX_BYTES) {
            throw new RecordFormatException(Reason.LINE_TOO_LONG, "", "longer than " + MAX_BYTES + " bytes");
        }
        List<String> items = items(text(value));
        List<UsageRecord> records = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            try {
                records.add(record(items.get(i), i, topicId, message));
            } catch (RecordFormatException e) {
                throw items.size() == 1
                        ? e
                        : new RecordFormatException(e.reason(), "", "record " + (i + 1) + ": " + e.getMessage());
            }
        }
        return records;
    }

    private static String text(byte[] value) {
        try {
            return Utf8.decode(value, 0, value.length);
        } catch (CharacterCodingException e) {
            throw new RecordFormatException(Reason.INVALID_UTF8, "", "not valid UTF-8");
        }
    }

    /** The text of each object. */
    private static List<String> items(String text) {
        List<String> items = new ArrayList<>();
        try (JsonParser parser = Documents.deepJson(text)) {
            JsonToken token = parser.nextToken();
            boolean array = token == JsonToken.START_ARRAY;
            if (array) {
                token = parser.nextToken();
            }
            while (token == JsonToken.START_OBJECT) {
                if (items.size() == MAX_RECORDS) {
                    throw bad("more than " + MAX_RECORDS + " records");
                }
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                items.add(text.substring(
                        start, (int) parser.currentTokenLocation().getCharOffset() + 1));
                token = parser.nextToken();
            }
            boolean whole = array ? token == JsonToken.END_ARRAY && parser.nextToken() == null : token == null;
            if (!whole || (items.isEmpty() && !array)) {
                throw bad("expected a JSON object, an array of objects, or one object after another");
            }
        } catch (JacksonException e) {
            throw bad("not valid JSON, or nested a thousand levels deep");
        }
        return items;
    }

    private static RecordFormatException bad(String problem) {
        return new RecordFormatException(Reason.INVALID_JSON, "", problem);
    }

    private static UsageRecord record(String json, int index, Uuid topicId, ConsumerRecord<byte[], byte[]> message) {
        boolean[] derived = new boolean[1];
        UsageRecord record = RecordJson.parse(json, () -> {
            derived[0] = true;
            return id(json, index, topicId, message);
        });
        long millis = message.timestamp();
        if (!derived[0] || record.timestamp().isPresent() || millis < 0 || millis > END.toEpochMilli()) {
            return record;
        }
        return record.at(Instant.ofEpochMilli(millis));
    }

    private static RecordId id(String json, int index, Uuid topicId, ConsumerRecord<byte[], byte[]> message) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        digest.update(ByteBuffer.allocate(32)
                .putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits())
                .putInt(message.partition())
                .putLong(message.offset())
                .putInt(index)
                .flip());
        byte[] whole = digest.digest(json.getBytes(StandardCharsets.UTF_8));
        return RecordId.of("kafka:" + HexFormat.of().formatHex(Arrays.copyOf(whole, 16)));
    }
}
