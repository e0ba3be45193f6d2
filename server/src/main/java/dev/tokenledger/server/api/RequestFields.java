package dev.tokenledger.server.api;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.server.api.BodyText.Form;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.http.Problem;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;

/** A body that is one JSON object of a few texts. */
final class RequestFields {

    private final Map<String, Node> members;

    private RequestFields(Map<String, Node> members) {
        this.members = members;
    }

    /**
     * Reads a request's body.
     *
     * @param names the fields that it may have, in the order in which messages name them
     * @throws Problem if it is no such object
     */
    static RequestFields read(Context context, Limits limits, String... names) {
        String expected = String.join(" and ", names);
        BodyText body = BodyText.read(context, limits);
        if (body.form() != Form.SINGLE) {
            throw Problem.of(400, "expected one JSON object with " + expected);
        }
        Node node;
        try {
            node = Documents.readJson(body.items().get(0));
        } catch (TextFormatException e) {
            throw Problem.of(400, "not valid JSON: " + e.getMessage());
        }
        if (!(node instanceof Node.Mapping mapping)) {
            throw Problem.of(400, "expected one JSON object with " + expected);
        }
        for (String name : mapping.members().keySet()) {
            if (!List.of(names).contains(name)) {
                throw Problem.badField(name, "unknown field; expected " + expected);
            }
        }
        return new RequestFields(mapping.members());
    }

    /**
     * A field that must be there.
     *
     * @throws Problem if it is not, or no text, or blank
     */
    String text(String name) {
        if (members.get(name) instanceof Node.Text text && !text.value().isBlank()) {
            return text.value();
        }
        throw Problem.badField(name, name + ": expected a text that is not blank");
    }
}
