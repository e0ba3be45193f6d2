package dev.tokenledger.server.api;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.RequestBody;
import io.javalin.http.Context;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A body that holds one JSON object or several, cut into the text of each, so that each is read by the rules of one.
 *
 * @param form how they came
 * @param items the text of each, in order
 */
record BodyText(Form form, List<String> items) {

    private static final Set<String> MEDIA_TYPES_OF_LINES =
            Set.of(Answers.LINES, "application/ndjson", "application/jsonl", "application/x-jsonlines");

    /** How objects come. */
    enum Form {
        /** One object. */
        SINGLE,
        /** An array of objects. */
        ARRAY,
        /** An object a line; blank lines count for nothing. */
        LINES
    }

    /**
     * Reads a request's body.
     *
     * @throws Problem if it is of another type, no text, no JSON, or has more objects than the limit
     */
    static BodyText read(Context context, Limits limits) {
        byte[] bytes = RequestBody.read(context, limits);
        String mediaType = RequestBody.mediaType(context);
        boolean lines = MEDIA_TYPES_OF_LINES.contains(mediaType);
        if (!lines && !mediaType.equals(Answers.JSON)) {
            throw Problem.of(415, "Content-Type: expected " + Answers.JSON + " or " + Answers.LINES);
        }
        String text;
        try {
            text = Utf8.decode(bytes, 0, bytes.length);
        } catch (CharacterCodingException e) {
            throw Problem.of(400, "the body is not valid UTF-8");
        }
        if (lines) {
            return new BodyText(Form.LINES, lines(text, limits.batchRecords()));
        }
        return text.stripLeading().startsWith("[")
                ? new BodyText(Form.ARRAY, array(text, limits.batchRecords()))
                : new BodyText(Form.SINGLE, List.of(text));
    }

    private static List<String> lines(String text, int most) {
        List<String> items = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            String line = text.substring(start, end);
            if (!line.isBlank()) {
                add(items, line, most);
            }
            start = end + 1;
        }
        return items;
    }

    private static List<String> array(String text, int most) {
        List<String> items = new ArrayList<>();
        // Finds where each ends; how deep it may be is for its reader to say, as in the other forms.
        try (JsonParser parser = Documents.deepJson(text)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.START_OBJECT) {
                    throw malformed(items.size(), "expected an object");
                }
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                int end = (int) parser.currentTokenLocation().getCharOffset() + 1;
                add(items, text.substring(start, end), most);
            }
            if (parser.nextToken() != null) {
                throw Problem.of(400, "the body goes on after the array");
            }
        } catch (JacksonException e) {
            throw malformed(items.size(), "not valid JSON, or nested a thousand levels deep");
        }
        return items;
    }

    /** Whether a text is one JSON object, not nested a thousand levels deep, whatever else may be wrong with it. */
    static boolean isObject(String text) {
        try (JsonParser parser = Documents.deepJson(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** The whole body is refused for the object at this index. */
    static Problem malformed(int index, String problem) {
        return Problem.atIndex(400, index, "", "record " + index + ": " + problem);
    }

    private static void add(List<String> items, String item, int most) {
        if (items.size() == most) {
            throw Problem.of(413, "more than " + most + " records; send them in parts");
        }
        items.add(item);
    }
}
