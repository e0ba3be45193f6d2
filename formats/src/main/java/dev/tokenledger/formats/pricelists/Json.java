package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks into documents of which only some members matter, and none has to be there. */
final class Json {

    private Json() {}

    static Map<String, Node> members(Node node) {
        return node instanceof Node.Mapping mapping ? mapping.members() : Map.of();
    }

    /** A member; nothing if it is not there. */
    static Node member(Node node, String name) {
        Node member = members(node).get(name);
        return member == null ? new Node.Nothing(node.place()) : member;
    }

    static Node member(Node node, String first, String second) {
        return member(member(node, first), second);
    }

    static List<Node> items(Node node) {
        return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
    }

    /** A text; empty if it is none. */
    static String text(Node node) {
        return node instanceof Node.Text text ? text.value().strip() : "";
    }

    /** A number, or a text of one; empty if it is none. */
    static Optional<BigDecimal> decimal(Node node) {
        String literal = node instanceof Node.Number number ? number.literal() : text(node);
        try {
            return literal.isEmpty() ? Optional.empty() : Optional.of(Decimals.parse(literal));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A whole number of tokens, 0 to 10^12; empty if it is none. */
    static Optional<Long> tokens(Node node) {
        return decimal(node)
                .filter(number -> number.signum() >= 0
                        && number.scale() <= 0
                        && number.compareTo(BigDecimal.valueOf(1_000_000_000_000L)) <= 0)
                .map(BigDecimal::longValueExact);
    }
}
