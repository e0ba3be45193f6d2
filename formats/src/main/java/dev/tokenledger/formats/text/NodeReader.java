package dev.tokenledger.formats.text;

import dev.tokenledger.formats.text.DocumentException.Mistake;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Takes a document apart and keeps what is wrong with it: a value with a mistake is left out, and reading goes on, so that one
 * look at the list mends the file. Any mistake refuses the file in the end. Not safe for use by several threads.
 */
public final class NodeReader {

    private final List<Mistake> mistakes = new ArrayList<>();

    /** Creates a reader that has found no mistake yet. */
    public NodeReader() {
        // Nothing is known of a document before it is read.
    }

    /**
     * A place in a document.
     *
     * @param path where it is inside the document, such as {@code prices[2].model}; empty for the document as a whole
     */
    public record Spot(Place place, String path) {

        private Spot at(Place there, String name) {
            return new Spot(there, path.isEmpty() ? name : path + "." + name);
        }

        private Spot at(Place there, int index) {
            return new Spot(there, path + "[" + index + "]");
        }
    }

    /** A value and where it stands. */
    public record Member(Node node, Spot spot) {}

    /** How many mistakes there are so far. */
    public int mistakes() {
        return mistakes.size();
    }

    /** Notes what is wrong, and what was expected. */
    public void mistake(Spot spot, String problem) {
        mistakes.add(new Mistake(spot.place().line(), spot.place().column(), spot.path(), problem));
    }

    /**
     * Ends the reading.
     *
     * @param file the file's name, for the message
     * @throws DocumentException if there are mistakes
     */
    public void refuseMistakes(String file) {
        if (!mistakes.isEmpty()) {
            throw new DocumentException(file, mistakes);
        }
    }

    /**
     * Hands over the members of a mapping.
     *
     * @param expected the keys there can be; none for keys that are names of the file's own
     * @return where each key stands
     */
    public Map<String, Spot> members(Node node, Spot spot, List<String> expected, BiConsumer<String, Member> each) {
        if (!(node instanceof Node.Mapping mapping)) {
            mistake(
                    spot,
                    "expected "
                            + (expected.isEmpty()
                                    ? "names with values"
                                    : "a mapping with " + String.join(", ", expected))
                            + ", found " + found(node));
            return Map.of();
        }
        Map<String, Spot> spots = new HashMap<>();
        mapping.members().forEach((name, value) -> {
            Spot member = spot.at(mapping.keys().getOrDefault(name, value.place()), Names.shown(name));
            if (!expected.isEmpty() && !expected.contains(name)) {
                mistake(
                        member,
                        "unknown key; "
                                + Names.nearest(name, expected)
                                        .map(meant -> "did you mean " + meant + "?")
                                        .orElse("expected one of " + String.join(", ", expected)));
                return;
            }
            spots.put(name, member);
            each.accept(name, new Member(value, member));
        });
        return spots;
    }

    /** Hands over the values of a list. */
    public void items(Node node, Spot spot, BiConsumer<Node, Spot> each) {
        if (!(node instanceof Node.Sequence sequence)) {
            mistake(spot, "expected a list, found " + found(node));
            return;
        }
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            each.accept(item, spot.at(item.place(), i));
        }
    }

    /** Hands over a text; what {@code use} refuses is a mistake. */
    public void text(Member member, Consumer<String> use) {
        if (!(member.node() instanceof Node.Text text)) {
            String quotes = member.node() instanceof Node.Number ? "; put it in quotes" : "";
            mistake(member.spot(), "expected text, found " + found(member.node()) + quotes);
            return;
        }
        guarded(member.spot(), () -> use.accept(text.value()));
    }

    /** Hands over a number, or one in quotes, digit for digit; what {@code use} refuses is a mistake. */
    public void decimal(Member member, Consumer<BigDecimal> use) {
        if (member.node() instanceof Node.Number number) {
            guarded(member.spot(), () -> use.accept(Decimals.parse(number.literal())));
        } else if (member.node() instanceof Node.Text text) {
            guarded(member.spot(), () -> use.accept(Decimals.parse(text.value())));
        } else {
            mistake(member.spot(), "expected a decimal number such as 0.25, found " + found(member.node()));
        }
    }

    /** Takes a step; if it throws an {@link IllegalArgumentException}, that is a mistake. */
    public void guarded(Spot spot, Runnable step) {
        try {
            step.run();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String last = spot.path().substring(spot.path().lastIndexOf('.') + 1) + ": ";
            mistake(spot, message.startsWith(last) ? message.substring(last.length()) : message);
        }
    }

    /**
     * Builds what was read.
     *
     * @param whole where it stands
     * @param parts where its parts stand, by name
     * @return empty if its parts do not go together: that is a mistake at the part that the refusal names first
     */
    public <T> Optional<T> built(Supplier<T> source, Spot whole, Map<String, Spot> parts) {
        try {
            return Optional.of(source.get());
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int colon = message.indexOf(": ");
            Spot part = colon < 0 ? null : parts.get(message.substring(0, colon));
            mistake(part == null ? whole : part, part == null ? message : message.substring(colon + 2));
            return Optional.empty();
        }
    }

    /** What a value is, for messages. */
    public static String found(Node node) {
        return node instanceof Node.Number number ? "the number " + Names.shown(number.literal()) : node.kind();
    }
}
