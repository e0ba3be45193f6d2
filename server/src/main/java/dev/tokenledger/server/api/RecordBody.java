package dev.tokenledger.server.api;

import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import dev.tokenledger.sources.json.RecordFormatException;
import dev.tokenledger.sources.json.RecordFormatException.Reason;
import dev.tokenledger.sources.json.RecordJson;
import dev.tokenledger.sources.text.Documents;
import dev.tokenledger.sources.text.Utf8;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The records of one request: a single object, an array of objects, or an object a line. What is no JSON makes the whole body
 * malformed; an object that is no record is rejected by itself.
 *
 * @param items what each of them is, in order
 */
record RecordBody(List<Item> items) {

    private static final Set<String> LINES = Set.of("application/x-ndjson", "application/ndjson", "application/jsonl");

    /** One of the records: read, or refused. */
    static final class Item {
        private final @Nullable UsageRecord record;
        private final Outcome.Rejected rejection;

        private Item(@Nullable UsageRecord record, Outcome.Rejected rejection) {
            this.record = record;
            this.rejection = rejection;
        }

        Optional<UsageRecord> record() {
            return Optional.ofNullable(record);
        }

        Outcome.Rejected rejection() {
            return rejection;
        }
    }

    private static final Outcome.Rejected NOT_REJECTED = new Outcome.Rejected("", "");

    /**
     * Reads a body.
     *
     * @param mediaType what the request says it is; without one, whatever it looks like
     * @throws Problem if it is malformed, or has more records than allowed
     */
    static RecordBody read(byte[] bytes, String mediaType, int mostRecords) {
        String text;
        try {
            text = Utf8.decode(bytes, 0, bytes.length);
        } catch (CharacterCodingException e) {
            throw Problem.of(400, "the body is not valid UTF-8");
        }
        if (LINES.contains(mediaType)) {
            return new RecordBody(lines(text, mostRecords));
        }
        if (!mediaType.equals("application/json")) {
            throw Problem.of(415, "Content-Type: expected application/json or application/x-ndjson");
        }
        if (text.stripLeading().startsWith("[")) {
            return new RecordBody(array(text, mostRecords));
        }
        return new RecordBody(List.of(item(text, 0)));
    }

    private static List<Item> lines(String text, int mostRecords) {
        List<Item> items = new ArrayList<>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> add(items, line, mostRecords));
        return items;
    }

    private static List<Item> array(String text, int mostRecords) {
        List<Item> items = new ArrayList<>();
        try (JsonParser parser = Documents.json(text)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    throw Problem.atIndex(400, items.size(), "", "record " + items.size() + ": expected an object");
                }
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                int end = (int) parser.currentTokenLocation().getCharOffset() + 1;
                add(items, text.substring(start, end), mostRecords);
            }
            if (parser.nextToken() != null) {
                throw Problem.of(400, "the body goes on after the array");
            }
        } catch (JacksonException e) {
            throw Problem.atIndex(
                    400,
                    items.size(),
                    "",
                    "record " + items.size() + ": not valid JSON, or nested deeper than " + Documents.DEEPEST
                            + " levels, near line "
                            + Math.max(
                                    1,
                                    e.getLocation() == null
                                            ? 1
                                            : e.getLocation().getLineNr()));
        }
        return items;
    }

    private static void add(List<Item> items, String json, int mostRecords) {
        if (items.size() == mostRecords) {
            throw Problem.of(413, "more than " + mostRecords + " records; send them in parts");
        }
        items.add(item(json, items.size()));
    }

    private static Item item(String json, int index) {
        try {
            return new Item(RecordJson.parse(json), NOT_REJECTED);
        } catch (RecordFormatException e) {
            if (e.reason() == Reason.INVALID_RECORD || e.reason() == Reason.REVERSAL) {
                return new Item(null, new Outcome.Rejected(e.field(), String.valueOf(e.getMessage())));
            }
            throw Problem.atIndex(400, index, e.field(), "record " + index + ": " + e.getMessage());
        }
    }
}
