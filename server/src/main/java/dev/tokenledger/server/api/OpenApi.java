package dev.tokenledger.server.api;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Answer;
import dev.tokenledger.server.http.Operation.Body;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** The OpenAPI document: made from the table of routes, its own included, so that it cannot leave one out. */
public final class OpenApi implements Part {

    private static final String SCHEMAS = "schemas.json";

    private static final Operation DOCUMENT =
            Operation.of("openapi", "This document").json("OpenAPI 3.1.", "{\"type\":\"object\"}");

    private final List<Route> routes = new ArrayList<>();
    private final String version;
    private final String pathPrefix;

    /**
     * Describes what these parts answer.
     *
     * @param pathPrefix what a proxy has before every path; empty for nothing
     */
    public OpenApi(List<Part> parts, String version, String pathPrefix) {
        this.version = version;
        this.pathPrefix = pathPrefix;
        for (Part part : parts) {
            routes.addAll(part.routes());
        }
        routes.addAll(routes());
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get("/openapi.json", Access.ANYONE, DOCUMENT, context -> Answers.json(context, document())));
    }

    /** Written when it is asked for, which is seldom. */
    private String document() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("openapi", "3.1.0");
            json.writeObjectPropertyStart("info");
            json.writeStringProperty("title", "Tokenledger");
            json.writeStringProperty("summary", "An exact, append-only ledger of LLM token usage and cost.");
            json.writeStringProperty("version", version.isEmpty() ? "unknown" : version);
            json.writeObjectPropertyStart("license");
            json.writeStringProperty("name", "Apache License 2.0");
            json.writeStringProperty("identifier", "Apache-2.0");
            json.writeEndObject();
            json.writeEndObject();
            json.writeName("servers");
            // Relative to the document: it does not know by which names its readers reach it.
            json.writeRawValue("[{\"url\":\"" + (pathPrefix.isEmpty() ? "/" : pathPrefix)
                    + "\",\"description\":\"This server.\"}]");
            json.writeObjectPropertyStart("paths");
            paths().forEach((path, operations) -> {
                json.writeObjectPropertyStart(path);
                operations.forEach(route -> operation(route, json));
                json.writeEndObject();
            });
            json.writeEndObject();
            json.writeObjectPropertyStart("components");
            json.writeName("schemas");
            json.writeRawValue(schemas());
            json.writeObjectPropertyStart("securitySchemes");
            json.writeName("key");
            json.writeRawValue(
                    "{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"A key that `tokenledger keys create`"
                            + " made. A server on a loopback address asks for none unless it was started with --require-keys.\"}");
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private Map<String, List<Route>> paths() {
        Map<String, List<Route>> paths = new LinkedHashMap<>();
        routes.forEach(route ->
                paths.computeIfAbsent(route.path(), path -> new ArrayList<>()).add(route));
        return paths;
    }

    private static void operation(Route route, JsonGenerator json) {
        Operation operation = route.operation();
        json.writeObjectPropertyStart(route.method().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("operationId", operation.id());
        json.writeStringProperty("summary", operation.summary());
        if (!operation.description().isEmpty()) {
            json.writeStringProperty("description", operation.description());
        }
        json.writeName("security");
        // None is stated too, so that it is not taken for forgotten.
        json.writeRawValue(route.access()
                .scope()
                .map(scope -> "[{},{\"key\":[\"" + scope.text() + "\"]}]")
                .orElse("[]"));
        if (!operation.parameters().isEmpty()) {
            json.writeArrayPropertyStart("parameters");
            operation.parameters().forEach(parameter -> parameter(parameter, json));
            json.writeEndArray();
        }
        if (!operation.bodies().isEmpty()) {
            bodies(operation.bodies(), json);
        }
        json.writeObjectPropertyStart("responses");
        answers(operation.answers(), json);
        json.writeObjectPropertyStart("default");
        json.writeStringProperty("description", "A problem (RFC 9457).");
        json.writeName("content");
        json.writeRawValue("{\"" + Problem.MEDIA_TYPE + "\":{\"schema\":" + Answers.reference("Problem") + "}}");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void parameter(Parameter parameter, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("name", parameter.name());
        json.writeStringProperty("in", parameter.place().name().toLowerCase(Locale.ROOT));
        json.writeBooleanProperty("required", parameter.place() == Place.PATH);
        json.writeStringProperty("description", parameter.description());
        if (parameter.type().startsWith("{\"type\":\"object\"")) {
            // Its members are parameters by their own names.
            json.writeStringProperty("style", "form");
            json.writeBooleanProperty("explode", true);
        }
        json.writeName("schema");
        json.writeRawValue(parameter.type());
        parameter.example().ifPresent(example -> {
            json.writeName("example");
            if (parameter.type().startsWith("{\"type\":\"integer\"")) {
                json.writeRawValue(example);
            } else {
                json.writeString(example);
            }
        });
        json.writeEndObject();
    }

    private static void bodies(List<Body> bodies, JsonGenerator json) {
        Map<String, List<Body>> byType = new LinkedHashMap<>();
        bodies.forEach(body -> byType.computeIfAbsent(body.mediaType(), type -> new ArrayList<>())
                .add(body));
        json.writeObjectPropertyStart("requestBody");
        json.writeBooleanProperty("required", true);
        json.writeObjectPropertyStart("content");
        byType.forEach((type, alternatives) -> {
            json.writeObjectPropertyStart(type);
            json.writeName("schema");
            json.writeRawValue(alternatives.get(0).schema());
            json.writeObjectPropertyStart("examples");
            for (int i = 0; i < alternatives.size(); i++) {
                if (!alternatives.get(i).example().isEmpty()) {
                    json.writeObjectPropertyStart("example" + (i + 1));
                    json.writeName("value");
                    example(type, alternatives.get(i).example(), json);
                    json.writeEndObject();
                }
            }
            json.writeEndObject();
            json.writeEndObject();
        });
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void example(String type, String example, JsonGenerator json) {
        if (type.equals(Answers.JSON)) {
            json.writeRawValue(example);
        } else {
            json.writeString(example);
        }
    }

    private static void answers(List<Answer> answers, JsonGenerator json) {
        Map<Integer, List<Answer>> byStatus = new LinkedHashMap<>();
        answers.forEach(answer -> byStatus.computeIfAbsent(answer.status(), status -> new ArrayList<>())
                .add(answer));
        byStatus.forEach((status, alternatives) -> {
            json.writeObjectPropertyStart(Integer.toString(status));
            json.writeStringProperty("description", alternatives.get(0).description());
            json.writeObjectPropertyStart("content");
            for (Answer answer : alternatives) {
                if (!answer.mediaType().isEmpty()) {
                    json.writeObjectPropertyStart(answer.mediaType());
                    if (!answer.schema().isEmpty()) {
                        json.writeName("schema");
                        json.writeRawValue(answer.schema());
                    }
                    json.writeEndObject();
                }
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private static String schemas() {
        try (InputStream in = OpenApi.class.getResourceAsStream(SCHEMAS)) {
            if (in == null) {
                throw new IllegalStateException("the program was built without its " + SCHEMAS);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
