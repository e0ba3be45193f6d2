package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.Scope;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for every route of every part, made from the table of routes. */
class RoutesTest {

    private static final Map<Scope, ApiKey.Created> KEYS = keys();

    /** One call that a route is described to take. */
    record Call(Route route, String path, String mediaType, String body) {
        @Override
        public String toString() {
            return route.method() + " " + path + (mediaType.isEmpty() ? "" : " " + mediaType);
        }
    }

    private static Map<Scope, ApiKey.Created> keys() {
        Map<Scope, ApiKey.Created> keys = new EnumMap<>(Scope.class);
        for (Scope scope : Scope.values()) {
            keys.put(scope, ApiKey.create(scope.text(), Set.of(scope), Instant.EPOCH));
        }
        return keys;
    }

    private static ApiKeys known() {
        return ApiKeys.of(KEYS.values().stream().map(ApiKey.Created::key).toList());
    }

    static List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        for (Part part : parts()) {
            routes.addAll(part.routes());
        }
        return routes;
    }

    private static List<Part> parts() {
        return TokenledgerServer.of(InMemoryLedger.open(PriceBook.bundled())).parts();
    }

    /** Each route with each of its examples, those that write first, so that those that read find something. */
    static List<Call> examples() {
        List<Call> calls = new ArrayList<>();
        for (Route route : routes()) {
            List<Parameter> inQuery = route.operation().parameters().stream()
                    .filter(parameter -> parameter.place() == Place.QUERY)
                    .filter(parameter -> parameter.example().isPresent())
                    .toList();
            String path = path(route);
            if (route.operation().bodies().isEmpty()) {
                calls.add(new Call(route, path + query(inQuery), "", ""));
                inQuery.forEach(parameter -> calls.add(new Call(route, path + query(withGroups(parameter)), "", "")));
            }
            for (Operation.Body body : route.operation().bodies()) {
                if (!body.example().isEmpty()) {
                    calls.add(new Call(route, path, body.mediaType(), body.example()));
                }
            }
        }
        calls.sort(Comparator.comparing(call -> call.mediaType().isEmpty()));
        return calls;
    }

    /** A limit limits groups or values, so that it needs some. */
    private static List<Parameter> withGroups(Parameter parameter) {
        return Stream.of("group_by", "values_of")
                .filter(other -> parameter.name().equals("limit")
                        && parameter.description().contains(other))
                .findFirst()
                .map(other -> List.of(parameter, new Parameter(Place.QUERY, other, "", "", Optional.of("model"))))
                .orElse(List.of(parameter));
    }

    private static String path(Route route) {
        String path = route.path();
        for (Parameter parameter : route.operation().parameters()) {
            path = path.replace(
                    "{" + parameter.name() + "}", parameter.example().orElse(""));
        }
        return path;
    }

    private static String query(List<Parameter> parameters) {
        return parameters.stream()
                .map(parameter -> parameter.name() + "="
                        + URLEncoder.encode(parameter.example().orElseThrow(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", parameters.isEmpty() ? "" : "?", ""));
    }

    @Test
    void everyExample_isAnswered() {
        try (RunningServer server = RunningServer.start()) {
            for (Call call : examples()) {
                HttpResponse<String> answer = server.send(request(server, call).build());
                assertThat(answer.statusCode())
                        .as("%s: %s", call, answer.body())
                        .isEqualTo(200);
                String type =
                        answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
                assertThat(call.route().operation().answers())
                        .as("%s answers %s", call, type)
                        .anyMatch(described -> described.mediaType().equals(type));
                if (type.equals("application/json")) {
                    Documents.readJson(answer.body());
                }
            }
            assertThat(server.failures()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void route_isOpenToItsScopeAlone(Route route) {
        try (RunningServer server = RunningServer.start(settings -> settings.keys(RoutesTest::known))) {
            Call call = new Call(route, path(route), body(route) ? "application/json" : "", "{}");
            boolean open = route.access() == Access.ANYONE;
            assertThat(status(server, call, "")).as("without a key").isEqualTo(open ? "in" : "401");
            assertThat(status(server, call, "Bearer tl_wrong"))
                    .as("with a wrong key")
                    .isEqualTo(open ? "in" : "401");
            for (Scope scope : Scope.values()) {
                boolean allowed = open
                        || scope == Scope.ADMIN
                        || route.access().scope().filter(scope::equals).isPresent();
                assertThat(status(server, call, "Bearer " + KEYS.get(scope).secret()))
                        .as("with the scope %s", scope)
                        .isEqualTo(allowed ? "in" : "403");
            }
        }
    }

    /** RFC 9110, 15.5.6: whoever comes by the wrong method is told the right ones. */
    @Test
    void wrongMethod_isToldTheRightOnes() {
        try (RunningServer server = RunningServer.start()) {
            Map<String, Set<String>> methods = new TreeMap<>();
            for (Route route : routes()) {
                Set<String> ofPath = methods.computeIfAbsent(path(route), path -> new TreeSet<>());
                ofPath.add(route.method().name());
                if (route.method().name().equals("GET")) {
                    ofPath.add("HEAD");
                }
            }
            methods.forEach((path, allowed) -> {
                for (String method :
                        List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY", "PROPFIND")) {
                    if (!allowed.contains(method)) {
                        HttpResponse<String> answer = server.send(server.request(path)
                                .method(method, BodyPublishers.noBody())
                                .build());
                        assertThat(answer.statusCode())
                                .as("%s %s", method, path)
                                .isEqualTo(405);
                        assertThat(answer.headers()
                                        .firstValue("Allow")
                                        .orElse("none")
                                        .split(", "))
                                .as("%s %s", method, path)
                                .containsExactlyInAnyOrderElementsOf(allowed);
                    }
                }
            });
        }
    }

    private static boolean body(Route route) {
        return route.method().name().equals("POST");
    }

    /** Whether a request came as far as the route's handler. */
    private static String status(RunningServer server, Call call, String authorization) {
        HttpRequest.Builder request = request(server, call);
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        HttpResponse<String> answer = server.send(request.build());
        int status = answer.statusCode();
        return status == 401 || status == 403 ? Integer.toString(status) : "in";
    }

    private static HttpRequest.Builder request(RunningServer server, Call call) {
        HttpRequest.Builder request = server.request(call.path());
        return call.mediaType().isEmpty()
                ? request
                : request.header("Content-Type", call.mediaType()).POST(BodyPublishers.ofString(call.body()));
    }

    @Test
    void openApiDocument_describesEveryRouteAndNoOther() {
        Set<String> expected = routes().stream()
                .map(route -> route.method().name().toLowerCase(Locale.ROOT) + " " + route.path())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> described = new TreeSet<>();
        Set<String> ids = new HashSet<>();
        members(members(document()).get("paths"))
                .forEach((path, operations) -> members(operations).forEach((method, operation) -> {
                    described.add(method + " " + path);
                    assertThat(ids.add(text(members(operation).get("operationId"))))
                            .as(path)
                            .isTrue();
                }));
        assertThat(described).isEqualTo(expected);
    }

    @Test
    void openApiDocument_hasEverySchemaItRefersTo() {
        String text = documentText();
        Set<String> schemas = members(
                        members(members(document()).get("components")).get("schemas"))
                .keySet();
        Set<String> used = Stream.of(text.split("#/components/schemas/", -1))
                .skip(1)
                .map(rest -> rest.substring(0, rest.indexOf('"')))
                .collect(Collectors.toSet());
        assertThat(used).isEqualTo(schemas);
    }

    /** Every parameter in braces is described, and the other way round. */
    @ParameterizedTest
    @MethodSource("routes")
    void parametersOfThePath_areDescribed(Route route) {
        Set<String> inBraces = Pattern.compile("\\{([a-z_]+)}")
                .matcher(route.path())
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        Set<String> described = route.operation().parameters().stream()
                .filter(parameter -> parameter.place() == Place.PATH)
                .map(Parameter::name)
                .collect(Collectors.toSet());
        assertThat(described).isEqualTo(inBraces);
        assertThat(route.operation().answers()).isNotEmpty();
    }

    private static String documentText() {
        try (RunningServer server = RunningServer.start()) {
            return server.get("/openapi.json").body();
        }
    }

    private static Node document() {
        return Documents.readJson(documentText());
    }

    private static Map<String, Node> members(Node node) {
        return ((Node.Mapping) node).members();
    }

    private static String text(Node node) {
        return ((Node.Text) node).value();
    }
}
