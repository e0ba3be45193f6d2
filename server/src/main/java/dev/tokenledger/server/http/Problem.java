package dev.tokenledger.server.http;

import dev.tokenledger.formats.json.JsonText;
import java.util.OptionalInt;
import org.eclipse.jetty.http.HttpStatus;

/**
 * A request that is not answered as asked, and the document that says why (RFC 9457): {@code type}, {@code title}, {@code
 * status}, {@code detail}, and where they are known the {@code field} at fault and the {@code index} of the record.
 */
public final class Problem extends RuntimeException {

    /** The media type of the document. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String field;
    private final int index;

    private Problem(int status, String detail, String field, int index) {
        // No stack trace: it is an answer, and costs as much as one.
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
        this.index = index;
    }

    /**
     * A problem.
     *
     * @param status the HTTP status, 400 to 599
     * @param detail what is wrong, where, and what to do; without keys, prompts or payloads
     */
    public static Problem of(int status, String detail) {
        return new Problem(status, detail, "", -1);
    }

    /** A request that is not understood, at this field or parameter. */
    public static Problem badField(String field, String detail) {
        return new Problem(HttpStatus.BAD_REQUEST_400, detail, field, -1);
    }

    /** A problem of one record among several, from 0. */
    public static Problem atIndex(int status, int index, String field, String detail) {
        return new Problem(status, detail, field, index);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** What is wrong. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /** The field or parameter at fault; empty if it is none. */
    public String field() {
        return field;
    }

    /** Which record of the request is at fault, from 0. */
    public OptionalInt index() {
        return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** The document. */
    public String json() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("type", "about:blank");
            json.writeStringProperty("title", HttpStatus.getMessage(status));
            json.writeNumberProperty("status", status);
            json.writeStringProperty("detail", detail());
            if (!field.isEmpty()) {
                json.writeStringProperty("field", field);
            }
            index().ifPresent(place -> json.writeNumberProperty("index", place));
            json.writeEndObject();
        });
    }
}
