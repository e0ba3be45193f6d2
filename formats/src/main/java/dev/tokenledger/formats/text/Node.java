package dev.tokenledger.formats.text;

import java.util.List;
import java.util.Map;

/** A value of a JSON or YAML document, and where it stands. Numbers keep their digits as written. Immutable. */
public sealed interface Node {

    /** Where the value begins. */
    Place place();

    /** What kind of value it is, for messages: {@code text}, {@code a number}, … */
    String kind();

    /**
     * Names with values.
     *
     * @param members in the order of the document; a name occurs once
     * @param keys where each name stands
     */
    record Mapping(Place place, Map<String, Node> members, Map<String, Place> keys) implements Node {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** Values in order. */
    record Sequence(Place place, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Text. */
    record Text(Place place, String value) implements Node {
        @Override
        public String kind() {
            return "text";
        }
    }

    /**
     * A number.
     *
     * @param literal its digits as written
     * @param whole whether it was written without a fraction and an exponent
     */
    record Number(Place place, String literal, boolean whole) implements Node {
        @Override
        public String kind() {
            return "a number";
        }
    }

    /** True or false. */
    record Truth(Place place, boolean value) implements Node {
        @Override
        public String kind() {
            return "true or false";
        }
    }

    /** Nothing: {@code null}, or in YAML an empty place. */
    record Nothing(Place place) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }
}
