package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.NodeReader;
import dev.tokenledger.formats.text.Place;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value of a bill, taken apart with the file and line in every refusal.
 *
 * @param file the file's name
 * @param firstLine the line that the document begins in, from 1
 */
record Json(String file, long firstLine, Node node) {

    private static final Node NOTHING = new Node.Nothing(Place.START);

    static Json document(Path file) {
        String name = file.toString();
        return new Json(name, 1, Bill.KIND.parseJson(name, Bill.KIND.content(file)));
    }

    /** The answers in a document: itself, or each of a list of pages. */
    List<Json> pages() {
        return node instanceof Node.Sequence ? items() : List.of(this);
    }

    Json at(String name) {
        Node member = node instanceof Node.Mapping mapping ? mapping.members().get(name) : null;
        return new Json(file, firstLine, member == null ? NOTHING : member);
    }

    boolean has(String name) {
        return node instanceof Node.Mapping mapping && mapping.members().containsKey(name);
    }

    boolean isNothing() {
        return node instanceof Node.Nothing;
    }

    List<Json> items() {
        if (!(node instanceof Node.Sequence sequence)) {
            throw mistake("expected a list, found " + NodeReader.found(node));
        }
        return sequence.items().stream()
                .map(item -> new Json(file, firstLine, item))
                .toList();
    }

    /** A text, or a number's digits; empty for nothing. */
    String text() {
        if (node instanceof Node.Text text) {
            return text.value().strip();
        }
        if (node instanceof Node.Number number) {
            return number.literal();
        }
        if (node instanceof Node.Truth truth) {
            return Boolean.toString(truth.value());
        }
        if (isNothing()) {
            return "";
        }
        throw mistake("expected text, found " + NodeReader.found(node));
    }

    @Nullable
    BigDecimal decimal() {
        String text = text();
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Figure.checked(Decimals.parse(text));
        } catch (IllegalArgumentException e) {
            throw mistake(String.valueOf(e.getMessage()));
        }
    }

    BigDecimal decimalOrZero() {
        BigDecimal number = decimal();
        return number == null ? BigDecimal.ZERO : number;
    }

    Instant instant() {
        try {
            return Figure.instant(text());
        } catch (IllegalArgumentException e) {
            throw mistake(String.valueOf(e.getMessage()));
        }
    }

    long line() {
        return firstLine + node.place().line() - 1;
    }

    DocumentException mistake(String problem) {
        return Bill.KIND.unusable(file, "line " + line() + ": " + problem);
    }
}
