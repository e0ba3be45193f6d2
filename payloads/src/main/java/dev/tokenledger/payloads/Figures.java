package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Counts;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object's counts and remembers whether it found any, and which members it was asked for: the others are those that the
 * convention does not know. Every refusal begins with the field's path.
 */
final class Figures {

    /** Whole numbers above it are not exact in every JSON writer. */
    private static final long MAX_TOTAL = 1L << 53;

    private static final int SHOWN = 32;

    private final String path;
    private final Node.@Nullable Mapping object;
    private final Set<String> asked = new TreeSet<>();
    private final Set<String> known = new HashSet<>();
    private final Map<String, List<Figures>> inner = new HashMap<>();
    private boolean found;

    private Figures(String path, Node.@Nullable Mapping object) {
        this.path = path;
        this.object = object;
    }

    static Figures of(Node.Mapping object) {
        return new Figures("", object);
    }

    /** An object without any member. */
    static Figures none() {
        return new Figures("", null);
    }

    /** Takes the object for one that states its usage in another way than by counts. */
    void foundAny() {
        found = true;
    }

    /** Whether the field has an object. */
    boolean isObject(String field) {
        return member(field) instanceof Node.Mapping;
    }

    /** The field's text; empty where it is absent or something else than a text, which some dialects have there. */
    String word(String field) {
        Node node = object == null ? null : object.members().get(field);
        if (node instanceof Node.Text text) {
            known.add(field);
            return text.value();
        }
        return "";
    }

    /** The field's count; 0 where it is absent. */
    long count(String field) {
        asked.add(field);
        found |= has(field);
        return whole(field, TokenCounts.LIMIT);
    }

    /** The counts of several fields of which a dialect states one; the first that is not zero. */
    long first(String... fields) {
        long first = 0;
        for (String field : fields) {
            long count = count(field);
            first = first == 0 ? count : first;
        }
        return first;
    }

    /** Takes members for known whose figures mean nothing for the price, or stand elsewhere as well. */
    void ignore(String... fields) {
        known.addAll(List.of(fields));
    }

    /** Whether there is any member with a value. */
    boolean isEmpty() {
        return object == null || object.members().values().stream().allMatch(Node.Nothing.class::isInstance);
    }

    /** The names of all members with a value. */
    List<String> names() {
        return object == null
                ? List.of()
                : object.members().keySet().stream().filter(this::has).toList();
    }

    /** Hands over all members that were neither read nor ignored, those of the objects that were looked into too. */
    void unread(UnknownMembers unknown) {
        if (object == null) {
            return;
        }
        object.members().forEach((name, value) -> {
            List<Figures> looked = inner.get(name);
            if (looked != null) {
                looked.forEach(figures -> figures.unread(unknown));
            } else if (!known.contains(name)) {
                unknown.add(path + name, value);
            }
        });
    }

    /** What the field says that all counts come to, which may be more than one count can be; 0 where it is absent. */
    long total(String field) {
        return whole(field, MAX_TOTAL);
    }

    private long whole(String field, long most) {
        Node node = member(field);
        if (node == null) {
            return 0;
        }
        if (!(node instanceof Node.Number number)) {
            throw refused(field, "expected a number, found " + node.kind());
        }
        try {
            return Counts.parse(number.literal(), most);
        } catch (IllegalArgumentException e) {
            throw refused(field, String.valueOf(e.getMessage()));
        }
    }

    /** The field's amount of money, in its own unit; empty where it is absent, or no number but a dialect's own thing. */
    Optional<BigDecimal> amount(String field) {
        if (!(member(field) instanceof Node.Number number)) {
            return Optional.empty();
        }
        BigDecimal amount;
        try {
            amount = Decimals.parse(number.literal());
        } catch (IllegalArgumentException e) {
            throw refused(field, String.valueOf(e.getMessage()));
        }
        if (amount.signum() < 0) {
            throw refused(field, "an amount is not negative, found " + Texts.cut(number.literal(), SHOWN));
        }
        return Optional.of(amount);
    }

    /** Whether the field is {@code true}. */
    boolean isTrue(String field) {
        return member(field) instanceof Node.Truth truth && truth.value();
    }

    /** Whether the field has a value. */
    boolean has(String field) {
        return member(field) != null;
    }

    /** The field's text; empty where it is absent. */
    String text(String field) {
        Node node = member(field);
        if (node == null) {
            return "";
        }
        if (!(node instanceof Node.Text text)) {
            throw refused(field, "expected text, found " + node.kind());
        }
        return text.value();
    }

    /** The object in a field; one without any field where it is absent. */
    Figures object(String field) {
        List<Figures> looked = inner.get(field);
        if (looked == null) {
            Node node = member(field);
            if (node != null && !(node instanceof Node.Mapping)) {
                throw refused(field, "expected an object, found " + node.kind());
            }
            looked = List.of(new Figures(path + field + ".", (Node.Mapping) node));
            inner.put(field, looked);
        }
        return looked.get(0);
    }

    /** The objects in a list; none where it is absent. */
    List<Figures> objects(String field) {
        List<Figures> looked = inner.get(field);
        if (looked != null) {
            return looked;
        }
        Node node = member(field);
        if (node == null) {
            return List.of();
        }
        List<Figures> objects = new ArrayList<>();
        if (!(node instanceof Node.Sequence sequence)) {
            throw refused(field, "expected a list, found " + node.kind());
        }
        for (int i = 0; i < sequence.items().size(); i++) {
            String item = field + "[" + i + "]";
            if (!(sequence.items().get(i) instanceof Node.Mapping mapping)) {
                throw refused(item, "expected an object");
            }
            objects.add(new Figures(path + item + ".", mapping));
        }
        inner.put(field, objects);
        return objects;
    }

    /** What is left of a whole without a part of it. */
    long without(String whole, long wholeCount, String part, long partCount) {
        if (partCount > wholeCount) {
            throw refused(
                    part, partCount + " is more than the " + wholeCount + " of " + path + whole + " that contain it");
        }
        return wholeCount - partCount;
    }

    /** Refuses an object in which no count was found; one without any member says that there is nothing to count. */
    void requireAny() {
        if (!found && !(path.isEmpty() && isEmpty())) {
            throw new IllegalArgumentException("none of the counts of this format is there (" + String.join(", ", asked)
                    + "); is the format another one?");
        }
    }

    IllegalArgumentException refused(String field, String problem) {
        return new IllegalArgumentException(path + field + ": " + problem);
    }

    private @Nullable Node member(String field) {
        known.add(field);
        Node node = object == null ? null : object.members().get(field);
        return node instanceof Node.Nothing ? null : node;
    }
}
