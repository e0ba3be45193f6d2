package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads a file that holds one JSON object. Whatever may hold a call in it stands for a line. */
final class JsonDocument {

    private JsonDocument() {}

    /**
     * The file's object; empty if it cannot be read, which is then told of as one skipped line.
     *
     * @param names the members of interest
     */
    static Optional<Fields> read(ImportFile file, ImportSink sink, Set<String> names) throws IOException {
        try (JsonParser parser = Fields.parser(new BufferedInputStream(file.open()))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                sink.skip(1, JsonLines.INVALID_JSON, "expected a JSON object");
                return Optional.empty();
            }
            Fields document = Fields.read(parser, names);
            if (parser.nextToken() != null) {
                sink.skip(1, JsonLines.INVALID_JSON, "text after the JSON object");
                return Optional.empty();
            }
            return Optional.of(document);
        } catch (JacksonException e) {
            sink.skip(
                    1,
                    JsonLines.INVALID_JSON,
                    "not valid JSON near line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ", column "
                            + JsonLines.column(e));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            sink.skip(1, JsonLines.INVALID_RECORD, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /**
     * Reads a file that holds a list, of which each item stands for a line. What stands behind a break in the list is not read,
     * and told of as one skipped line.
     *
     * @param names the members of interest
     */
    static void items(ImportFile file, ImportSink sink, Set<String> names, JsonLines.Rows rows) throws IOException {
        JsonLines.Found found = new JsonLines.Found(sink);
        long number = 0;
        try (JsonParser parser = Fields.parser(new BufferedInputStream(file.open()))) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                sink.skip(1, JsonLines.INVALID_JSON, "expected a list of JSON objects");
                return;
            }
            int depth = parser.streamReadContext().getNestingDepth();
            for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    Item item = item(parser, depth, names);
                    found.read(++number, () -> rows.read(item.fields(), found));
                } else {
                    parser.skipChildren();
                    sink.ignore(++number);
                }
            }
            if (parser.nextToken() != null) {
                sink.skip(++number, JsonLines.INVALID_JSON, "text after the list");
            }
        } catch (JacksonException e) {
            sink.skip(number + 1, JsonLines.INVALID_JSON, "the list breaks off, or is not valid JSON");
        }
    }

    /** An object of a list, or why it cannot be read. */
    private record Item(Fields read, String problem) {
        Fields fields() {
            if (!problem.isEmpty()) {
                throw new IllegalArgumentException(problem);
            }
            return read;
        }
    }

    private static Item item(JsonParser parser, int depth, Set<String> names) {
        try {
            return new Item(Fields.read(parser, names), "");
        } catch (IllegalArgumentException e) {
            while (parser.streamReadContext().getNestingDepth() > depth) {
                parser.nextToken();
            }
            return new Item(Fields.none(), String.valueOf(e.getMessage()));
        }
    }
}
