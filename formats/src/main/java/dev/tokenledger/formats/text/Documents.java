package dev.tokenledger.formats.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLFactoryBuilder;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads JSON and YAML. A name occurs once in its mapping, nesting ends at {@value #MAX_DEPTH} levels, a text holds one
 * document, and YAML has no anchors, aliases or tags, so that what a file says is what its lines say.
 */
public final class Documents {

    /** How deeply values may be nested. */
    public static final int MAX_DEPTH = 16;

    private static final int MAX_SKIPPED_DEPTH = 1_000;
    private static final int MAX_BYTES = 8 << 20;
    private static final int MAX_NUMBER_LENGTH = 400;

    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxDocumentLength(MAX_BYTES)
            .maxStringLength(MAX_BYTES)
            .maxNameLength(MAX_BYTES)
            .maxNumberLength(MAX_NUMBER_LENGTH)
            .build();

    /**
     * Numbers are handed on as text, which costs no more for a long one: what reads a value says how long it may be, and can
     * then name it.
     */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(LIMITS.rebuild().maxNumberLength(MAX_BYTES).build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /** For documents that others make as deep as they like, of which little is looked at. */
    private static final JsonFactory DEEP_JSON = JSON.rebuild()
            .streamReadConstraints(LIMITS.rebuild()
                    .maxNumberLength(MAX_BYTES)
                    .maxNestingDepth(MAX_SKIPPED_DEPTH)
                    .build())
            .build();

    /** A holder, so that whoever reads JSON alone never loads YAML. */
    private static final class Yaml {
        static final YAMLFactory FACTORY = new YAMLFactoryBuilder(new YAMLFactory())
                .loadSettings(LoadSettings.builder()
                        .setCodePointLimit(MAX_BYTES)
                        // Names that stand twice are refused here, by name and both lines.
                        .setAllowDuplicateKeys(true)
                        .build())
                .streamReadConstraints(LIMITS)
                .build();
    }

    private Documents() {}

    /** A strict parser of JSON text, for readers that need no nodes. */
    public static JsonParser json(String text) {
        return JSON.createParser(ObjectReadContext.empty(), text);
    }

    /** A strict parser of JSON text that may be nested a thousand levels deep, for readers that pass over most of it. */
    public static JsonParser deepJson(String text) {
        return DEEP_JSON.createParser(ObjectReadContext.empty(), text);
    }

    /**
     * Reads one JSON document.
     *
     * @throws TextFormatException if the text is no single JSON value within the limits
     */
    public static Node readJson(String text) {
        return read(JSON, text, "JSON");
    }

    /**
     * Reads one YAML document.
     *
     * @throws TextFormatException if the text is no single YAML document within the limits
     */
    public static Node readYaml(String text) {
        return read(Yaml.FACTORY, text, "YAML");
    }

    private static Node read(TokenStreamFactory factory, String text, String format) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
            try {
                if (parser.nextToken() == null) {
                    throw new TextFormatException(Place.START, "the document is empty");
                }
                Node node = read(parser);
                if (parser.nextToken() != null) {
                    throw new TextFormatException(place(parser), "a second document; one is expected");
                }
                return node;
            } catch (JacksonException e) {
                Place place = place(e);
                String problem = isIndentedByTab(text, place) ? "a tab indents this line; use blanks" : explained(e);
                throw new TextFormatException(place, "not valid " + format + ": " + problem);
            }
        }
    }

    /**
     * Reads the value that a parser stands on, and leaves the parser on its last token.
     *
     * @throws TextFormatException if a name occurs twice in its mapping, or YAML uses an anchor, alias or tag
     */
    public static Node read(JsonParser parser) {
        Place place = place(parser);
        refuseReferences(parser, place);
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(parser, place);
            case START_ARRAY -> sequence(parser, place);
            case VALUE_STRING -> new Node.Text(place, parser.getString());
            case VALUE_NUMBER_INT -> new Node.Number(place, parser.getString(), true);
            case VALUE_NUMBER_FLOAT -> new Node.Number(place, parser.getString(), false);
            case VALUE_TRUE -> new Node.Truth(place, true);
            case VALUE_FALSE -> new Node.Truth(place, false);
            case VALUE_NULL -> new Node.Nothing(place);
            default -> throw new TextFormatException(place, "expected a value");
        };
    }

    private static Node mapping(JsonParser parser, Place place) {
        Map<String, Node> members = new LinkedHashMap<>();
        Map<String, Place> keys = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            Place key = place(parser);
            Place first = keys.putIfAbsent(name, key);
            if (first != null) {
                throw new TextFormatException(
                        key, "\"" + Names.shown(name) + "\" is a duplicate, first in line " + first.line());
            }
            parser.nextToken();
            members.put(name, read(parser));
        }
        return new Node.Mapping(place, Collections.unmodifiableMap(members), Collections.unmodifiableMap(keys));
    }

    private static Node sequence(JsonParser parser, Place place) {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(read(parser));
        }
        return new Node.Sequence(place, List.copyOf(items));
    }

    private static void refuseReferences(JsonParser parser, Place place) {
        if (parser instanceof YAMLParser yaml
                && (yaml.isCurrentAlias() || yaml.getObjectId() != null || yaml.getTypeId() != null)) {
            throw new TextFormatException(place, "anchors, aliases and tags are not read; write the value out");
        }
    }

    /** What is wrong, in words of our own: a parser's message may repeat the text. */
    private static String explained(JacksonException e) {
        return e instanceof StreamConstraintsException
                ? "nested deeper than " + MAX_DEPTH + " levels, or a number or name is too long"
                : "look here for a missing or extra quote, bracket, comma, colon, tab or blank";
    }

    /** Where a parser gave up. YAML's own mark is nearer than the last token. */
    private static Place place(JacksonException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException yaml
                    && yaml.getProblemMark().isPresent()) {
                Mark mark = yaml.getProblemMark().get();
                return new Place(mark.getLine() + 1, mark.getColumn() + 1);
            }
        }
        return place(e.getLocation());
    }

    private static boolean isIndentedByTab(String text, Place place) {
        return text.lines()
                .skip(place.line() - 1L)
                .findFirst()
                .map(line ->
                        line.substring(0, line.length() - line.stripLeading().length()))
                .map(indent -> indent.indexOf('\t') >= 0)
                .orElse(false);
    }

    private static Place place(JsonParser parser) {
        return place(parser.currentTokenLocation());
    }

    private static Place place(@Nullable TokenStreamLocation location) {
        return location == null
                ? Place.START
                : new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }
}
