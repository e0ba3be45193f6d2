package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Counts;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.money.Usd;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON object of which only the members of interest were kept; the rest, which is what a model or a tool said, is passed over
 * without being decoded. {@code null} is as good as absent. What decides a figure is refused, by the path of its field, if it
 * is of the wrong kind; what is only a label is then left out.
 */
final class Fields {

    /** The longest line or text that is read, in bytes: 16 MiB. */
    static final int MAX_BYTES = 16 << 20;

    private static final int MAX_DEPTH = 1_000;
    private static final int SHOWN = 32;

    private static final Pattern MILLISECONDS = Pattern.compile("[0-9]{1,15}(\\.[0-9]+)?");

    /** A number below is of seconds: as milliseconds it were a day of 1973 or before. */
    private static final BigDecimal FIRST_MILLISECONDS = new BigDecimal("100000000000");

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_BYTES)
                    .maxNameLength(MAX_BYTES)
                    .maxDocumentLength(-1)
                    .build())
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final String path;
    private final Map<String, Object> members;

    /** A number's digits as written. */
    private record Literal(String digits) {}

    private Fields(String path, Map<String, Object> members) {
        this.path = path;
        this.members = members;
    }

    /** An object without members. */
    static Fields none() {
        return new Fields("", Map.of());
    }

    static JsonParser parser(byte[] bytes, int offset, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length);
    }

    static JsonParser parser(InputStream in) {
        return FACTORY.createParser(ObjectReadContext.empty(), in);
    }

    static JsonParser parser(String text) {
        return FACTORY.createParser(ObjectReadContext.empty(), text);
    }

    /**
     * Members of objects that hold a call's figures, of which none may go unnoticed: what is not among the members of interest is
     * looked at as well.
     */
    private static final Set<String> OF_USAGE = Set.of(
            "usage",
            "usageMetadata",
            "tokens",
            "token_usage",
            "total_token_usage",
            "last_token_usage",
            "usage_object",
            "metrics",
            "tokenUsage",
            "additional_usage_values");

    /** Members whose own members are named after models, each with an object; those of the first have figures in it. */
    private static final String FIGURES_BY_MODEL = "modelUsage";

    private static final Set<String> BY_MODEL = Set.of(FIGURES_BY_MODEL, "modelMetrics");

    /** Where the members stand that no reader knows. No member has this name. */
    private static final String UNKNOWN = "\n";

    /**
     * Reads the object that a parser stands on, and leaves the parser on its end.
     *
     * @param names the members of interest, at whatever depth
     * @throws IllegalArgumentException if one of them stands twice in an object
     */
    static Fields read(JsonParser parser, Set<String> names) {
        return new Fields("", object(parser, names, "", null));
    }

    /**
     * The object that a text holds.
     *
     * @throws IllegalArgumentException if a member of interest stands twice in an object
     */
    static Fields read(String text, Set<String> names) {
        try (JsonParser parser = parser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            Fields fields = read(parser, names);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("text after the JSON object");
            }
            return fields;
        }
    }

    /**
     * The object of figures that a text holds.
     *
     * @throws IllegalArgumentException if a member of interest stands twice in an object
     */
    static Fields readFigures(String text, Set<String> names) {
        try (JsonParser parser = parser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            Fields fields = new Fields("", figures(parser, names, ""));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("text after the JSON object");
            }
            return fields;
        }
    }

    /**
     * An object that holds figures.
     *
     * @param prefix the length of its path
     * @param unknown its members that nobody asks for
     */
    private record Usage(int prefix, UnknownMembers unknown) {}

    /** @param usage the object of figures that this one is in, or is; null in any other */
    private static Map<String, Object> object(
            JsonParser parser, Set<String> names, String path, @Nullable Usage usage) {
        Map<String, Object> members = new HashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (!names.contains(name)) {
                if (usage == null) {
                    parser.skipChildren();
                } else {
                    lookAt(parser, path.substring(usage.prefix) + name, usage.unknown);
                }
            } else if (token != JsonToken.VALUE_NULL
                    && members.put(name, value(parser, names, path, name, usage)) != null) {
                throw new IllegalArgumentException(path + name + ": duplicate field");
            }
        }
        return members;
    }

    /** Looks at a member that nobody asks for, and at those within it. */
    private static void lookAt(JsonParser parser, String path, UnknownMembers unknown) {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String inner = path + "." + parser.currentName();
                    parser.nextToken();
                    lookAt(parser, inner, unknown);
                }
            }
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    lookAt(parser, path, unknown);
                }
            }
            default -> unknown.add(path, parser.getString());
        }
    }

    private static Object value(
            JsonParser parser, Set<String> names, String parent, String name, @Nullable Usage usage) {
        if (BY_MODEL.contains(name) && parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> models = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String model = parser.currentName();
                parser.nextToken();
                Object value = name.equals(FIGURES_BY_MODEL) && parser.currentToken() == JsonToken.START_OBJECT
                        ? figures(parser, names, parent + name + "." + model + ".")
                        : value(parser, names, parent + name + "." + model, null);
                if (models.put(model, value) != null) {
                    throw new IllegalArgumentException(parent + name + ": a model is a duplicate");
                }
            }
            return models;
        }
        if (usage == null && OF_USAGE.contains(name) && parser.currentToken() == JsonToken.START_OBJECT) {
            return figures(parser, names, parent + name + ".");
        }
        return value(parser, names, parent + name, usage);
    }

    /** An object of figures, with what it has that no reader knows. */
    private static Map<String, Object> figures(JsonParser parser, Set<String> names, String path) {
        UnknownMembers found = new UnknownMembers();
        Map<String, Object> members = object(parser, names, path, new Usage(path.length(), found));
        if (!found.isEmpty()) {
            members.put(UNKNOWN, found);
        }
        return members;
    }

    private static Object value(JsonParser parser, Set<String> names, String path, @Nullable Usage usage) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, names, path + ".", usage);
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(
                            parser.currentToken() == JsonToken.VALUE_NULL
                                    ? false
                                    : value(parser, names, path + "[" + items.size() + "]", usage));
                }
                yield items;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Literal(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> parser.getString();
        };
    }

    /** What is to be noted of members of this object of figures that nobody knows. */
    Set<String> unknownMembers() {
        return members.get(UNKNOWN) instanceof UnknownMembers unknown ? unknown.notes() : Set.of();
    }

    /** Whether this object of figures says something, known or not, but states none of these counts, if only as 0. */
    boolean statesNoneOf(String... counts) {
        return !members.isEmpty() && Arrays.stream(counts).noneMatch(members::containsKey);
    }

    /** Whether the member is there, and not null. */
    boolean has(String name) {
        return members.containsKey(name);
    }

    /** The object in a member; one without members where it is absent or something else. */
    @SuppressWarnings("unchecked") // Only object() makes maps.
    Fields object(String name) {
        return new Fields(
                path + name + ".",
                members.get(name) instanceof Map<?, ?> object ? (Map<String, Object>) object : Map.of());
    }

    /** The objects in a member whose own members are named after models, by model. */
    Map<String, Fields> byModel(String name) {
        Map<String, Fields> models = new LinkedHashMap<>();
        if (members.get(name) instanceof Map<?, ?> named) {
            Fields inner = object(name);
            named.keySet().forEach(model -> models.put((String) model, inner.object((String) model)));
        }
        return models;
    }

    /** Whether the member is an object. */
    boolean hasObject(String name) {
        return members.get(name) instanceof Map;
    }

    /** The items of a list, those that are no objects as ones without members; none where the list is absent. */
    @SuppressWarnings("unchecked") // Only object() makes maps.
    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        if (members.get(name) instanceof List<?> items) {
            for (Object item : items) {
                objects.add(new Fields(
                        path + name + "[" + objects.size() + "].",
                        item instanceof Map<?, ?> object ? (Map<String, Object>) object : Map.of()));
            }
        }
        return objects;
    }

    /** The texts of a list; none where it is absent. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        if (members.get(name) instanceof List<?> items) {
            for (Object item : items) {
                if (item instanceof String text) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    /** The text of a member; empty where it is absent or no text. */
    String text(String name) {
        return members.get(name) instanceof String text ? text : "";
    }

    /** A text or a number as written, for ids; empty where it is absent. */
    String scalar(String name) {
        Object value = members.get(name);
        return value instanceof Literal literal ? literal.digits : value instanceof String text ? text : "";
    }

    boolean isTrue(String name) {
        return members.get(name) instanceof Boolean truth && truth;
    }

    /** A text that a record can keep as an id; empty where there is none. */
    String id(String name) {
        return LabelText.sanitize(text(name), Bound.ID);
    }

    /** A text that a record can keep as a label; empty where there is none. */
    String label(String name) {
        return LabelText.sanitize(text(name), Bound.TEXT);
    }

    /**
     * A count; 0 where it is absent.
     *
     * @throws IllegalArgumentException if it is no whole number from 0 to 10¹²
     */
    long count(String name) {
        Object value = members.get(name);
        if (value == null) {
            return 0;
        }
        if (!(value instanceof Literal literal)) {
            throw refused(name, "expected a number");
        }
        try {
            return Counts.parse(literal.digits, TokenCounts.LIMIT);
        } catch (IllegalArgumentException e) {
            throw refused(name, String.valueOf(e.getMessage()));
        }
    }

    /**
     * What is left of a whole without a part of it.
     *
     * @throws IllegalArgumentException if the part is more than the whole
     */
    long without(String whole, long wholeCount, String part, long partCount) {
        if (partCount > wholeCount) {
            throw refused(part, partCount + " is more than the " + wholeCount + " of " + whole + " that contain it");
        }
        return wholeCount - partCount;
    }

    /**
     * An amount of USD, to the nearest 10⁻¹².
     *
     * @throws IllegalArgumentException if it is no decimal number, or negative
     */
    Optional<Usd> usd(String name) {
        return usd(name, 0);
    }

    /**
     * An amount in a decimal fraction of USD, to the nearest 10⁻¹².
     *
     * @param places by how many places the point moves: 10 for an amount in 10⁻¹⁰ USD
     * @throws IllegalArgumentException if it is no decimal number, or negative
     */
    Optional<Usd> usd(String name, int places) {
        Object value = members.get(name);
        if (value == null) {
            return Optional.empty();
        }
        String digits = value instanceof Literal literal ? literal.digits : value instanceof String text ? text : "";
        BigDecimal exact;
        try {
            exact = Decimals.parse(digits);
        } catch (IllegalArgumentException e) {
            throw refused(name, "expected a decimal number of USD");
        }
        if (exact.signum() < 0) {
            throw refused(name, "an amount is not negative, found " + Texts.cut(digits, SHOWN));
        }
        return Optional.of(Usd.rounded(exact.movePointLeft(places)));
    }

    /**
     * An instant, as an RFC 3339 text or in milliseconds since 1970; null where it is absent.
     *
     * @throws IllegalArgumentException if it is neither
     */
    @Nullable
    Instant time(String name) {
        Object value = members.get(name);
        if (value == null) {
            return null;
        }
        try {
            if (value instanceof String text) {
                return Rfc3339.parse(text);
            }
            if (value instanceof Literal literal
                    && MILLISECONDS.matcher(literal.digits).matches()) {
                return Instant.ofEpochMilli(new BigDecimal(literal.digits).longValue());
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            throw refused(name, String.valueOf(e.getMessage()));
        }
        throw refused(name, "expected a time");
    }

    /**
     * An instant that has to be there, as {@link #time} reads it.
     *
     * @throws IllegalArgumentException if it is absent, or no time
     */
    Instant statedTime(String name) {
        Instant time = time(name);
        if (time == null) {
            throw refused(name, "is missing");
        }
        return time;
    }

    /**
     * An instant, as an RFC 3339 text or in seconds or milliseconds since 1970, which differ by their size; null where it is absent.
     *
     * @throws IllegalArgumentException if it is neither
     */
    @Nullable
    Instant timeOfAnyUnit(String name) {
        if (members.get(name) instanceof Literal literal
                && MILLISECONDS.matcher(literal.digits).matches()) {
            BigDecimal number = new BigDecimal(literal.digits);
            return number.compareTo(FIRST_MILLISECONDS) < 0
                    ? Instant.ofEpochMilli(number.movePointRight(3).longValue())
                    : Instant.ofEpochMilli(number.longValue());
        }
        return time(name);
    }

    IllegalArgumentException refused(String name, String problem) {
        return new IllegalArgumentException(path + name + ": " + problem);
    }
}
