package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.RoutesTest.Call;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.ReadLimit;
import dev.tokenledger.server.keys.Scope;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a key that is limited to some calls is answered, by every route of the table: what a server would answer that has those calls
 * alone, to the letter. So a new route that reads the whole ledger fails here, whatever it shows.
 */
@Tag("once")
class LimitedKeysTest {

    /** Stands in every text of the calls that are not to be seen. */
    private static final String OTHERS = "zzother";

    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Routes for readers that tell of no call: a new one that reads no ledger gets a line here. */
    private static final Set<String> OF_NO_CALL = Set.of("/v1/cost", "/v1/prices");

    private static final Dimension TEAM = Dimension.attribute("team");
    private static final Dimension ENVIRONMENT = Dimension.attribute("environment");

    private static final ApiKey.Created WHOLE = ApiKey.create("whole", Set.of(Scope.READ), Instant.EPOCH);

    @TempDir
    private static Path folder;

    /** A limit, and which calls it leaves. */
    record Case(ReadLimit limit, ApiKey.Created key, Predicate<UsageRecord> own) {

        static Case of(Map<Dimension, String> values, Predicate<UsageRecord> own) {
            ReadLimit limit = new ReadLimit(values);
            return new Case(
                    limit,
                    ApiKey.create("limited", Set.of(Scope.INGEST, Scope.READ), Instant.EPOCH, Map.of(), limit),
                    own);
        }

        @Override
        public String toString() {
            return limit.values().toString();
        }
    }

    static List<Case> cases() {
        return List.of(
                Case.of(Map.of(TEAM, "search"), record -> isOf(record, "team", "search")),
                Case.of(
                        Map.of(TEAM, "search", ENVIRONMENT, "prod"),
                        record -> isOf(record, "team", "search") && isOf(record, "environment", "prod")),
                Case.of(
                        Map.of(Dimension.SESSION, "search-s-1"),
                        record -> record.sessionId().equals("search-s-1")),
                Case.of(Map.of(TEAM, "nobody"), record -> false));
    }

    private static boolean isOf(UsageRecord record, String key, String value) {
        return value.equals(record.attributes().get(key));
    }

    private static List<UsageRecord> records() {
        List<UsageRecord> records = new ArrayList<>();
        for (String team : List.of("search", OTHERS, "")) {
            String text = team.equals("search") ? "search" : OTHERS;
            for (int i = 0; i < 12; i++) {
                UsageRecord.Builder record = UsageRecord.builder()
                        .id(text + team.length() + "-" + i)
                        .timestamp(RunningServer.NOW
                                .minus(Duration.ofHours(i * 31L))
                                .minusSeconds(1))
                        .model(i % 3 == 0 ? text + "-house-model" : "gpt-5")
                        .provider(i % 3 == 0 ? text + "-house" : "openai")
                        .role(text + "-role")
                        .taskName(text + "-task")
                        .source(text + "-source")
                        .sessionId(text + "-s-" + i % 2)
                        .conversationId(text + "-c-" + i % 3)
                        .inputTokens(1_000L + i)
                        .outputTokens((long) team.length() * 100_003)
                        .attribute("environment", i % 2 == 0 ? "prod" : "dev")
                        .attribute(text + ".own", text + "-value");
                records.add(record.attribute("team", team).build());
            }
        }
        return records;
    }

    private static Ledger ledger(Predicate<UsageRecord> own) {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(RunningServer.NOW));
        ledger.appendAll(records().stream().filter(own).toList());
        // Numbers of entries are given in the order of writing, so those that are seen come first in both ledgers.
        ledger.appendAll(records());
        List<UsageRecord> left = records().stream().filter(own.negate()).toList();
        if (!left.isEmpty()) {
            ledger.reverse(left.get(0).id(), OTHERS + " reason");
        }
        return ledger;
    }

    private static Ledger ownLedger(Predicate<UsageRecord> own) {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(RunningServer.NOW));
        ledger.appendAll(records().stream().filter(own).toList());
        return ledger;
    }

    private static Budget budget(String name, Map<Dimension, String> filters) {
        return new Budget(name, filters, Budget.Period.MONTH, Usd.parse("1000"), Optional.empty());
    }

    private static RunningServer serving(Ledger ledger, Case limited, boolean whole) {
        List<Budget> seen = List.of(
                budget("seen", limited.limit().values()),
                budget("seen of a model", plus(limited.limit().values(), Dimension.MODEL, "gpt-5")));
        List<Budget> all = new ArrayList<>(seen);
        all.add(budget(OTHERS + " everything", Map.of()));
        all.add(budget(OTHERS + " team", Map.of(TEAM, OTHERS)));
        all.add(budget(OTHERS + " model", Map.of(Dimension.MODEL, "gpt-5")));
        return new RunningServer(
                ledger,
                settings -> settings.keys(() ->
                                ApiKeys.of(List.of(WHOLE.key(), limited.key().key())))
                        .rates(LimitedKeysTest::rates)
                        .budgets(() -> whole ? all : seen));
    }

    /** A rate for each day that there are calls of. */
    private static ExchangeRates rates() {
        String days = IntStream.range(0, 40)
                .mapToObj(day ->
                        RunningServer.NOW.minus(Duration.ofDays(day)).toString().substring(0, 10) + ",EUR,0.5")
                .sorted()
                .collect(Collectors.joining("\n", "date,currency,per_usd\n", "\n"));
        try {
            return ExchangeRates.read(Files.writeString(folder.resolve("rates.csv"), days), "EUR");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Dimension, String> plus(Map<Dimension, String> filters, Dimension dimension, String value) {
        Map<Dimension, String> more = new LinkedHashMap<>(filters);
        more.put(dimension, value);
        return more;
    }

    /** All routes for readers, each as it is described and with whatever may lead it to calls of others. */
    private static List<Call> questions() {
        List<Call> calls = new ArrayList<>();
        RoutesTest.examples().stream()
                .filter(call -> call.route().access() == Access.READ)
                .forEach(calls::add);
        for (Route route : RoutesTest.routes()) {
            if (route.access() == Access.READ && route.operation().bodies().isEmpty()) {
                Set<String> names = route.operation().parameters().stream()
                        .map(Parameter::name)
                        .collect(Collectors.toCollection(TreeSet::new));
                for (String path : variations(route, names)) {
                    calls.add(new Call(route, path, "", ""));
                }
            }
            if (route.path().equals("/mcp")) {
                mcp().forEach(body -> calls.add(new Call(route, "/mcp", "application/json", body)));
            }
        }
        return calls;
    }

    private static List<String> variations(Route route, Set<String> names) {
        List<String> paths = new ArrayList<>();
        String path = route.path();
        if (names.contains("id")) {
            for (String id : List.of("search6-1", OTHERS + "7-1", OTHERS + "0-1", "no-such-call")) {
                boolean inPath =
                        route.operation().parameters().stream().anyMatch(parameter -> parameter.place() == Place.PATH);
                paths.add(inPath ? path.replaceAll("\\{[a-z_]+}", id) : path + "?id=" + id);
            }
        }
        if (names.contains("where")) {
            for (String filter : List.of(
                    "attribute.team=" + OTHERS,
                    "attribute.team=search",
                    "attribute.team=",
                    "attribute.environment=dev",
                    "attribute.environment=prod",
                    "model=" + OTHERS + "-house-model",
                    "session=" + OTHERS + "-s-1",
                    "session=search-s-0",
                    "role=search-role")) {
                paths.add(path + "?period=all&where." + filter);
            }
        }
        for (String name : List.of("group_by", "values_of")) {
            if (names.contains(name)) {
                Stream.concat(
                                Dimension.all().stream().map(Dimension::name),
                                Stream.of("attribute.team", "attribute.environment", "attribute." + OTHERS + ".own"))
                        .forEach(dimension -> paths.add(path + "?period=all&" + name + "=" + dimension));
                paths.add(path + "?period=all&" + name + "=attribute.team&where.attribute.team=" + OTHERS);
            }
        }
        if (names.contains("every")) {
            paths.add(path + "?period=all&every=day");
            paths.add(path + "?period=month&every=day&where.attribute.team=" + OTHERS);
        }
        if (names.contains("currency")) {
            paths.add(path + "?period=all&currency=EUR&group_by=attribute.team");
        }
        if (names.contains("history")) {
            paths.add(path + "?history=true&limit=1000");
        }
        if (names.contains("limit") && names.contains("after")) {
            paths.add(path + "?period=all&limit=5");
        }
        return paths;
    }

    /** Every tool, with arguments that ask for calls of others. */
    private static final Map<String, List<String>> TOOLS = Map.of(
            "cost_summary",
            List.of(
                    "{\"period\":\"all\"}",
                    "{\"period\":\"all\",\"group_by\":\"attribute.team\"}",
                    "{\"period\":\"all\",\"where\":{\"attribute.team\":\"" + OTHERS + "\"}}"),
            "compare_periods",
            List.of(
                    "{}",
                    "{\"period\":\"month\",\"group_by\":\"attribute.team\"}",
                    "{\"period\":\"month\",\"where\":{\"attribute.team\":\"" + OTHERS + "\"}}"),
            "list_dimensions",
            List.of("{}", "{\"values_of\":\"model\"}", "{\"values_of\":\"attribute.team\"}"),
            "explain_call",
            List.of("{\"id\":\"search6-1\"}", "{\"id\":\"" + OTHERS + "7-1\"}"),
            "model_prices",
            List.of("{\"model\":\"gpt-5\"}"),
            "budget_status",
            List.of("{}"));

    private static List<String> mcp() {
        return TOOLS.entrySet().stream()
                .flatMap(tool -> tool.getValue().stream()
                        .map(arguments ->
                                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\""
                                        + tool.getKey() + "\",\"arguments\":" + arguments + "}}"))
                .sorted()
                .toList();
    }

    private static String answered(RunningServer server, Call call, ApiKey.Created key) {
        HttpRequest.Builder request = server.request(call.path()).header("Authorization", "Bearer " + key.secret());
        if (!call.mediaType().isEmpty()) {
            request.header("Content-Type", call.mediaType()).POST(BodyPublishers.ofString(call.body()));
        }
        HttpResponse<String> answer = server.send(request.build());
        String where = answer.headers().firstValue("Location").orElse("");
        String body = answer.body().replace(":" + server.server().port(), ":PORT");
        // Reversals have ids that no two ledgers share.
        return answer.statusCode() + " " + where + "\n" + ID.matcher(body).replaceAll("ID");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyQuestion_isAnsweredAsIfThereWereNoOtherCalls(Case limited) {
        Set<String> told = new TreeSet<>(OF_NO_CALL);
        try (RunningServer server = serving(ledger(limited.own()), limited, true);
                RunningServer alone = serving(ownLedger(limited.own()), limited, false)) {
            for (Call call : questions()) {
                String expected = answered(alone, call, WHOLE);
                assertThat(answered(server, call, limited.key())).as("%s", call).isEqualTo(expected);
                if (!answered(server, call, WHOLE).equals(expected)) {
                    told.add(call.route().path());
                }
            }
            assertThat(server.failures()).isEmpty();
            assertThat(alone.failures()).isEmpty();
        }
        // A key that is not limited is told of the others by every route: else the above would show nothing.
        assertThat(told)
                .containsAll(RoutesTest.routes().stream()
                        .filter(route -> route.access() == Access.READ)
                        .map(Route::path)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsOfAllCalls_isRefused(Case limited) {
        try (RunningServer server = serving(ledger(limited.own()), limited, true)) {
            List<Route> routes = RoutesTest.routes().stream()
                    .filter(route -> route.access() == Access.READ_ALL)
                    .toList();
            assertThat(routes).extracting(Route::path).contains("/metrics", "/reconcile");
            for (Route route : routes) {
                boolean post = route.method().name().equals("POST");
                Call call = new Call(route, route.path(), post ? "application/json" : "", "{}");
                assertThat(answered(server, call, limited.key()))
                        .startsWith("403 ")
                        .contains("this key is limited to some calls");
                assertThat(answered(server, call, WHOLE)).doesNotStartWith("40").doesNotContain("limited");
            }
        }
    }

    /** What is open to anybody, and what takes records, tells of no call either. */
    @Test
    void otherRoutes_tellOfNoCall() {
        Case limited = cases().get(0);
        try (RunningServer server = serving(ledger(limited.own()), limited, true)) {
            for (Call call : RoutesTest.examples()) {
                if (call.route().access() == Access.ANYONE || call.route().access() == Access.INGEST) {
                    assertThat(answered(server, call, limited.key()))
                            .as("%s", call)
                            .doesNotContain(OTHERS);
                }
            }
            assertThat(server.failures()).isEmpty();
        }
    }

    @Test
    void everyToolOfMcp_isTried() {
        Case limited = cases().get(0);
        try (RunningServer server = serving(ledger(limited.own()), limited, true)) {
            Call list = new Call(
                    RoutesTest.routes().stream()
                            .filter(route -> route.path().equals("/mcp"))
                            .findFirst()
                            .orElseThrow(),
                    "/mcp",
                    "application/json",
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
            Set<String> names = Pattern.compile("\"name\":\"([a-z_]+)\"")
                    .matcher(answered(server, list, limited.key()))
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(names).isEqualTo(new TreeSet<>(TOOLS.keySet()));
        }
    }

    @Test
    void listOfCalls_isReadPageByPage() {
        Case limited = cases().get(0);
        try (RunningServer server = serving(ledger(limited.own()), limited, true)) {
            Route list = RoutesTest.routes().stream()
                    .filter(route -> route.path().equals("/v1/records"))
                    .filter(route -> route.access() == Access.READ)
                    .findFirst()
                    .orElseThrow();
            Set<String> seen = new TreeSet<>();
            String path = "/v1/records?limit=5";
            for (int page = 0; !path.isEmpty(); page++) {
                String answer = answered(server, new Call(list, path, "", ""), limited.key());
                assertThat(answer).startsWith("200 ");
                Pattern.compile("\"id\":\"([^\"]+)\"").matcher(answer).results().forEach(id -> seen.add(id.group(1)));
                var next = Pattern.compile("\"next\":\"([^\"]+)\"").matcher(answer);
                path = next.find() ? "/v1/records?limit=5&after=" + next.group(1) : "";
                assertThat(page).isLessThan(3);
            }
            assertThat(seen).hasSize(12).allMatch(id -> id.startsWith("search"));
        }
    }

    /** An id tells whether there is such a record, as the ledger must; what it says is not told. */
    @Test
    void conflict_withACallThatMayNotBeRead_namesTheFieldAlone() {
        Case limited = cases().get(0);
        try (RunningServer server = serving(ledger(limited.own()), limited, true)) {
            assertThat(stored(server, limited.key(), OTHERS + "7-1"))
                    .contains("\"result\":\"conflict\"", "\"field\":\"timestamp\"", "\"stored\":\"\"");
            assertThat(stored(server, limited.key(), "search6-1"))
                    .contains("\"result\":\"conflict\"", "\"stored\":\"2026-11-21T04:59:59Z\"");
            assertThat(server.ledger()
                            .find(RecordId.of(OTHERS + "7-1"))
                            .orElseThrow()
                            .record())
                    .isEqualTo(records().stream()
                            .filter(record -> record.id().value().equals(OTHERS + "7-1"))
                            .findFirst()
                            .orElseThrow());
        }
    }

    private static String stored(RunningServer server, ApiKey.Created key, String id) {
        return server.send(server.request("/v1/records")
                        .header("Authorization", "Bearer " + key.secret())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(
                                "{\"id\":\"" + id + "\",\"model\":\"m\",\"timestamp\":\"2026-11-22T00:00:00Z\"}"))
                        .build())
                .body();
    }

    /** The budget that refuses the call may be one whose figures tell of others' calls. */
    @Test
    void admission_tellsNoFiguresOfBudgetsThatCountOthers() {
        Case limited = cases().get(0);
        Budget hidden = new Budget(OTHERS + " day", Map.of(), Budget.Period.MONTH, Usd.parse("0.01"), Optional.empty());
        try (RunningServer server = new RunningServer(
                ledger(limited.own()),
                settings -> settings.keys(() ->
                                ApiKeys.of(List.of(WHOLE.key(), limited.key().key())))
                        .budgets(() ->
                                List.of(hidden, budget("seen", limited.limit().values()))))) {
            String call = "{\"model\":\"m\",\"cost_usd\":1,\"attributes\":{\"team\":\"search\"}}";
            HttpResponse<String> answer = server.send(server.request("/v1/budgets/admit?reservation=r")
                    .header("Authorization", "Bearer " + limited.key().secret())
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(call))
                    .build());
            assertThat(answer.statusCode()).isEqualTo(409);
            assertThat(answer.body())
                    .contains("\"outcome\":\"refused\"", "\"name\":\"seen\"")
                    .contains("a budget that counts other calls too")
                    .doesNotContain(OTHERS);
        }
    }

    /** Whatever is asked in whatever combination, on a ledger of any calls. */
    @Test
    void anyQuestion_isAnsweredAsIfThereWereNoOtherCalls() {
        Seeds.run(6, random -> {
            List<Case> cases = cases();
            Case limited = cases.get(random.nextInt(cases.size()));
            try (RunningServer server = serving(ledger(limited.own()), limited, true);
                    RunningServer alone = serving(ownLedger(limited.own()), limited, false)) {
                List<Call> all = questions().stream()
                        .filter(call -> call.route().path().equals("/v1/summary"))
                        .toList();
                for (int i = 0; i < 25; i++) {
                    StringBuilder path = new StringBuilder("/v1/summary?period=all");
                    List<String> by = new ArrayList<>();
                    for (Dimension dimension : List.of(TEAM, ENVIRONMENT, Dimension.MODEL, Dimension.SESSION)) {
                        if (random.nextInt(3) == 0) {
                            by.add(dimension.name());
                        }
                        if (random.nextInt(3) == 0) {
                            List<String> values = List.of("search", OTHERS, "prod", "gpt-5", "search-s-1", "");
                            path.append("&where.")
                                    .append(dimension.name())
                                    .append('=')
                                    .append(URLEncoder.encode(
                                            values.get(random.nextInt(values.size())), StandardCharsets.UTF_8));
                        }
                    }
                    if (!by.isEmpty()) {
                        path.append("&group_by=").append(String.join(",", by));
                        path.append(random.nextBoolean() ? "&limit=" + (1 + random.nextInt(3)) : "");
                    }
                    path.append(random.nextInt(3) == 0 ? "&every=day" : "");
                    path.append(random.nextInt(4) == 0 ? "&as_of=2026-11-22T13:00:00Z" : "");
                    Call call = new Call(all.get(0).route(), path.toString(), "", "");
                    assertThat(answered(server, call, limited.key()))
                            .as("%s, limited to %s", path, limited)
                            .isEqualTo(answered(alone, call, WHOLE));
                }
            }
        });
    }
}
