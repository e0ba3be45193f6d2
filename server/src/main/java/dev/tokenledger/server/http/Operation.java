package dev.tokenledger.server.http;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a route is, as the OpenAPI document tells it. Immutable; each method returns a changed copy.
 *
 * @param id its name there, in lower camel case, unique
 * @param summary one line
 * @param description more, in Markdown; may be empty
 * @param parameters of the path and the query
 * @param bodies what a request may carry, one for each media type; empty for none
 * @param answers what comes back, one for each status and media type. Problems need no mention
 */
public record Operation(
        String id,
        String summary,
        String description,
        List<Parameter> parameters,
        List<Body> bodies,
        List<Answer> answers) {

    /** Copies its lists. */
    public Operation {
        parameters = List.copyOf(parameters);
        bodies = List.copyOf(bodies);
        answers = List.copyOf(answers);
    }

    /** Where a parameter stands. */
    public enum Place {
        /** In braces in the path; always required. */
        PATH,
        /** In the query; never required. */
        QUERY
    }

    /**
     * A parameter.
     *
     * @param type its JSON schema, such as {@code {"type":"string"}}
     * @param example a value with which the route answers 200 in a test; empty to leave it out there
     */
    public record Parameter(Place place, String name, String description, String type, Optional<String> example) {}

    /**
     * A request's body.
     *
     * @param mediaType such as {@code application/json}
     * @param schema its JSON schema, or a reference such as {@code {"$ref":"#/components/schemas/Record"}}
     * @param example a body to which the route answers 200 in a test; empty for none, as for binary ones
     */
    public record Body(String mediaType, String schema, String example) {}

    /**
     * An answer.
     *
     * @param mediaType empty for an answer without a body
     * @param schema its JSON schema; empty for what is no JSON
     */
    public record Answer(int status, String description, String mediaType, String schema) {}

    /** An operation that takes nothing and answers nothing yet. */
    public static Operation of(String id, String summary) {
        return new Operation(id, summary, "", List.of(), List.of(), List.of());
    }

    /** With a description. */
    public Operation describedAs(String markdown) {
        return new Operation(id, summary, markdown, parameters, bodies, answers);
    }

    /** With a parameter of the path. */
    public Operation path(String name, String text, String example) {
        return with(new Parameter(Place.PATH, name, text, TEXT, Optional.of(example)));
    }

    /** With a parameter of the query that is a text, and an example. */
    public Operation query(String name, String text, String example) {
        return with(new Parameter(Place.QUERY, name, text, TEXT, Optional.of(example)));
    }

    /** With a parameter. */
    public Operation with(Parameter parameter) {
        return new Operation(id, summary, description, plus(parameters, parameter), bodies, answers);
    }

    /** With a body of a media type. */
    public Operation body(String mediaType, String schema, String example) {
        return new Operation(
                id, summary, description, parameters, plus(bodies, new Body(mediaType, schema, example)), answers);
    }

    /** With an answer. */
    public Operation answer(int status, String text, String mediaType, String schema) {
        return new Operation(
                id,
                summary,
                description,
                parameters,
                bodies,
                plus(answers, new Answer(status, text, mediaType, schema)));
    }

    /** With an answer of 200 in JSON. */
    public Operation json(String text, String schema) {
        return answer(200, text, "application/json", schema);
    }

    /** With the filters {@code where.<dimension>}: in OpenAPI an object, each of whose members is a parameter. */
    public Operation filters() {
        String names = Dimension.all().stream()
                .map(dimension -> "\"where." + dimension.name() + "\":" + TEXT)
                .collect(Collectors.joining(","));
        return with(new Parameter(
                Place.QUERY,
                "where",
                "Only calls with these values, such as where.role=interactive; empty for calls without any.",
                "{\"type\":\"object\",\"maxProperties\":" + SummaryQuery.MAX_DIMENSIONS + ",\"properties\":{" + names
                        + "},\"patternProperties\":{\"^where\\\\.attribute\\\\..+$\":" + TEXT
                        + "},\"additionalProperties\":false}",
                Optional.empty()));
    }

    private static final String TEXT = "{\"type\":\"string\"}";

    private static <T> List<T> plus(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
