package dev.tokenledger.formats.json;

import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Names;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import dev.tokenledger.usage.UsageRecord.Builder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/** One reading of one record. Knows the field it stands in, so that every mistake can name it. */
public final class RecordReader {

    /** Reads what is no field of a record. */
    public interface MoreFields {
        /**
         * Reads a field's value, the parser standing on it.
         *
         * @return whether there is such a field
         */
        boolean read(String name, JsonParser parser);
    }

    static final MoreFields NO_MORE_FIELDS = (name, parser) -> false;

    /** What becomes of a cost in the text. */
    public enum Costs {
        /** It is kept as the record's given cost. */
        KEPT,
        /** It is checked and forgotten. */
        FORGOTTEN
    }

    private static final String CALLS = "_calls";

    private final MoreFields more;
    private final Costs costs;
    private final @Nullable EntryFields entry;
    final Builder builder = UsageRecord.builder();
    private String field = "";
    private @Nullable Usd negativeCost;
    private boolean identified;
    private boolean statesPasses;
    private long seen;

    /** A reader of one record. */
    public RecordReader(MoreFields more, Costs costs) {
        this(more, costs, null);
    }

    /** @param entry takes what an export says beyond a record; null where that is read over */
    RecordReader(MoreFields more, Costs costs, @Nullable EntryFields entry) {
        this.more = more;
        this.costs = costs;
        this.entry = entry;
    }

    /** Reads one object and nothing after it. */
    UsageRecord read(String json, Supplier<RecordId> idWhenAbsent) {
        readFields(json);
        return build(idWhenAbsent);
    }

    boolean isIdentified() {
        return identified;
    }

    /** The record, with an id where the text states none. */
    UsageRecord build(Supplier<RecordId> idWhenAbsent) {
        if (!identified) {
            builder.id(idWhenAbsent.get());
        }
        return build();
    }

    /** Reads one object and nothing after it into the builder. */
    public Builder readFields(String json) {
        try (JsonParser parser = Documents.json(json)) {
            try {
                read(parser);
            } catch (JacksonException e) {
                throw new RecordFormatException(Reason.INVALID_JSON, field, explained(e, parser));
            }
        } catch (RecordFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw refused(e);
        }
        return builder;
    }

    private void read(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new RecordFormatException(Reason.INVALID_JSON, "", "expected a JSON object");
        }
        fields(parser);
        if (parser.nextToken() != null) {
            throw new RecordFormatException(
                    Reason.INVALID_JSON, "", "text after the object" + column(parser.currentTokenLocation()));
        }
    }

    /** Whether the text states this field, if only as null. */
    public boolean states(String name) {
        FieldTable.Field known = FieldTable.find(name);
        return known != null && (seen & 1L << known.index()) != 0;
    }

    /** Remembers that the text states this field; says whether it did before. */
    private boolean seenBefore(FieldTable.Field known) {
        long bit = 1L << known.index();
        boolean before = (seen & bit) != 0;
        seen |= bit;
        return before;
    }

    /** Refuses the fields of counts, for a reason. */
    public void refuseTokenCounts(String reason) {
        for (String name : FieldTable.names()) {
            if (FieldTable.isCount(name) && states(name)) {
                field = name;
                throw invalid(reason);
            }
        }
    }

    /** The record, its parts checked against each other. */
    public UsageRecord build() {
        try {
            if (entry != null && entry.ofAdjustment()) {
                builder.withoutCost();
            } else if (negativeCost != null) {
                builder.cost(negativeCost);
            }
            UsageRecord record = builder.build();
            if (statesPasses && record.passes().isEmpty()) {
                field = "passes";
                throw invalid("the passes do not add up to the record's counts");
            }
            return record;
        } catch (RecordFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            field = "";
            throw refused(e);
        }
    }

    private void fields(JsonParser parser) {
        Set<String> seenMore = Set.of();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            FieldTable.Field known = FieldTable.find(name);
            field = known != null ? name : Names.shown(name);
            boolean twice;
            if (known != null) {
                twice = seenBefore(known);
            } else {
                seenMore = seenMore.isEmpty() ? new HashSet<>() : seenMore;
                twice = !seenMore.add(name);
            }
            if (twice) {
                throw invalid("duplicate field");
            }
            parser.nextToken();
            if (known == null) {
                other(name, parser);
            } else if (parser.currentToken() != JsonToken.VALUE_NULL) {
                known.reader().read(this, parser);
            }
            // What is wrong from here on is not wrong with this field.
            field = "";
        }
    }

    private void other(String name, JsonParser parser) {
        if (more.read(name, parser)) {
            return;
        }
        if (!name.endsWith(CALLS) || name.length() == CALLS.length()) {
            Optional<String> meant = Names.nearest(name, FieldTable.names());
            throw invalid("unknown field"
                    + meant.map(expected -> "; did you mean " + expected + "?").orElse(""));
        }
        if (parser.currentToken() != JsonToken.VALUE_NULL) {
            builder.calls(name.substring(0, name.length() - CALLS.length()), count(parser, TokenCounts.LIMIT));
        }
    }

    void id(JsonParser parser) {
        String text = text(parser);
        builder.id(text);
        identified = !text.isBlank();
    }

    String text(JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw invalid("expected text, found " + kind(parser.currentToken()));
        }
        return parser.getString();
    }

    /** A text of a fixed vocabulary, short enough to stand in a message. */
    String word(JsonParser parser) {
        String text = text(parser);
        return Names.shown(Texts.cut(Texts.checked(field, text, Bound.TEXT), 32));
    }

    long count(JsonParser parser, long most) {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_NUMBER_INT) {
            throw invalid("expected a whole number from 0 to " + most + ", found "
                    + (token == JsonToken.VALUE_NUMBER_FLOAT ? number(parser) : kind(token)));
        }
        // Longer numbers may not fit a long; a number of this length does, and is out of range.
        long count = parser.getStringLength() > 18 ? -1 : parser.getLongValue();
        if (count < 0 || count > most) {
            throw invalid("expected a whole number from 0 to " + most + ", found " + number(parser));
        }
        return count;
    }

    Usd usd(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
            throw invalid("expected a decimal number, found " + kind(token));
        }
        BigDecimal exact;
        try {
            exact = Decimals.parse(parser.getString());
        } catch (IllegalArgumentException e) {
            throw invalid(
                    "expected a decimal number such as 0.25" + (token.isNumeric() ? ", found " + number(parser) : ""));
        }
        Usd usd = Usd.rounded(exact);
        boolean kept = costs == Costs.KEPT || !field.equals("cost_usd");
        if (kept && usd.toBigDecimal().compareTo(exact) != 0) {
            builder.note(field + "_rounded");
        }
        return usd;
    }

    boolean truth(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (!token.isBoolean()) {
            throw invalid("expected true or false, found " + kind(token));
        }
        return token == JsonToken.VALUE_TRUE;
    }

    void attributes(JsonParser parser) {
        expect(parser, JsonToken.START_OBJECT, "an object of texts");
        Set<String> keys = new HashSet<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            field = "attributes." + Names.shown(key);
            if (!keys.add(key.strip())) {
                throw invalid("duplicate field");
            }
            if (parser.nextToken() != JsonToken.VALUE_NULL) {
                builder.attribute(key, text(parser));
            }
        }
    }

    void stampedAttributes(JsonParser parser) {
        expect(parser, JsonToken.START_ARRAY, "a list of texts");
        List<String> keys = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            keys.add(text(parser));
            builder.stampedAttributes(keys);
        }
    }

    void notes(JsonParser parser) {
        expect(parser, JsonToken.START_ARRAY, "a list of texts");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            builder.note(text(parser));
        }
    }

    /** Each pass has the names of the record's own counts; they are checked against those once all fields are read. */
    void passes(JsonParser parser) {
        expect(parser, JsonToken.START_ARRAY, "a list of objects");
        List<TokenCounts> read = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser, JsonToken.START_OBJECT, "an object of counts");
            RecordReader pass = new RecordReader(NO_MORE_FIELDS, costs);
            pass.field = field;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                FieldTable.Field known = FieldTable.find(name);
                pass.field = "passes." + Names.shown(name);
                if (known == null || !FieldTable.isCount(name)) {
                    throw pass.invalid("unknown count");
                }
                if (pass.seenBefore(known)) {
                    throw pass.invalid("duplicate field");
                }
                if (parser.nextToken() != JsonToken.VALUE_NULL) {
                    known.reader().read(pass, parser);
                }
            }
            read.add(pass.builder.model("pass").build().tokens());
        }
        builder.passes(read);
        statesPasses = !read.isEmpty();
    }

    void cost(JsonParser parser) {
        Usd cost = usd(parser);
        if (entry != null && cost.signum() < 0) {
            // Whether it is an adjustment's, a later field says.
            negativeCost = cost;
        } else if (costs == Costs.KEPT) {
            builder.cost(cost);
        }
        if (entry != null) {
            entry.cost(cost);
        }
    }

    void pricingStatus(JsonParser parser) {
        String text = word(parser);
        if (!text.isEmpty()) {
            PricingStatus status = PricingStatus.parse(text);
            if (costs == Costs.KEPT) {
                builder.pricingStatus(status);
            }
            if (entry != null) {
                entry.status(status);
            }
        }
    }

    /** Reads a field that no record has. */
    void ofEntry(JsonParser parser, EntryFields.Reading reading) {
        if (entry == null) {
            parser.skipChildren();
        } else {
            reading.read(entry, this, parser);
        }
    }

    void kind(JsonParser parser) {
        String kind = word(parser);
        if (entry != null) {
            entry.kind(kind);
        } else if (kind.equals(EntryJson.REVERSAL)) {
            throw EntryFields.ofReversal();
        } else if (kind.equals(EntryJson.REVALUATION)) {
            throw EntryFields.ofRevaluation();
        } else if (kind.equals(EntryJson.ADJUSTMENT)) {
            throw EntryFields.noRecord();
        }
        if (!kind.isEmpty()
                && !kind.equals(EntryJson.USAGE)
                && !kind.equals(EntryJson.REVERSAL)
                && !kind.equals(EntryJson.REVALUATION)
                && !kind.equals(EntryJson.ADJUSTMENT)) {
            throw invalid("expected usage");
        }
    }

    void reversal(JsonParser parser) {
        if (entry != null) {
            entry.reversal(this, parser);
            return;
        }
        throw EntryFields.ofReversedRecord();
    }

    void expect(JsonParser parser, JsonToken token, String what) {
        if (parser.currentToken() != token) {
            throw invalid("expected " + what + ", found " + kind(parser.currentToken()));
        }
    }

    RecordFormatException invalid(String problem) {
        return new RecordFormatException(Reason.INVALID_RECORD, field, problem);
    }

    /** The domain's own refusal, whose message begins with its field. */
    private RecordFormatException refused(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        int colon = message.indexOf(": ");
        boolean named = colon > 0 && message.lastIndexOf(' ', colon) < 0;
        String problem = named ? message.substring(colon + 2) : message;
        if (!field.isEmpty()) {
            return invalid(problem);
        }
        // Fields that do not go together: named, or "one + other = 7 exceed …".
        String first = named ? message.substring(0, colon) : message.substring(0, Math.max(0, message.indexOf(' ')));
        boolean isField = named || FieldTable.names().contains(first);
        return new RecordFormatException(Reason.INVALID_RECORD, isField ? first : "", problem);
    }

    private static String number(JsonParser parser) {
        return Texts.cut(parser.getString(), 32);
    }

    private static String explained(JacksonException e, JsonParser parser) {
        if (e instanceof UnexpectedEndOfInputException) {
            return "the JSON object ends too early";
        }
        String problem = e instanceof StreamConstraintsException
                ? "nested deeper than " + Documents.MAX_DEPTH + " levels, or too long a number"
                : "not valid JSON";
        return problem + column(e.getLocation() != null ? e.getLocation() : parser.currentLocation());
    }

    private static String column(TokenStreamLocation location) {
        return " near column " + Math.max(1, location.getColumnNr());
    }

    /** What was found, by kind: values are not repeated. */
    private static String kind(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            case VALUE_NULL -> "null";
            default -> "something else";
        };
    }
}
