package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.usage.Attribution;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetsApiTest {

    private static final String JSON = "application/json";

    /** A call for one dollar, of the team that has ten a day. */
    private static final String DOLLAR =
            "{\"model\":\"m\",\"cost_usd\":1,\"attributes\":{\"team\":\"search\"},\"output_tokens\":3}";

    private static final Budget SEARCH = new Budget(
            "search",
            Map.of(Dimension.attribute("team"), "search"),
            Budget.Period.DAY,
            Usd.parse("10"),
            Optional.empty());

    private static RunningServer server() {
        return RunningServer.start(settings -> settings.budgets(() -> List.of(SEARCH)));
    }

    @Test
    void withoutBudgets_theListIsEmpty_andEveryCallIsAllowed() {
        try (RunningServer server = RunningServer.start()) {
            assertThat(server.get("/v1/budgets").body())
                    .isEqualTo("{\"at\":\"2026-11-22T12:00:00Z\",\"exceeded\":0,\"budgets\":[]}");
            HttpResponse<String> admitted = server.post("/v1/budgets/admit?reservation=r", JSON, DOLLAR);
            assertThat(admitted.statusCode()).isEqualTo(200);
            assertThat(admitted.body())
                    .isEqualTo("{\"outcome\":\"allowed\",\"reason\":\"there is room for 1 USD\",\"reservation\":\"r\","
                            + "\"estimate_usd\":1,\"pricing_status\":\"priced\",\"expires\":null,\"budgets\":[]}");
        }
    }

    @Test
    void call_isReserved_settledByItsRecord_andTheBudgetSaysSo() {
        try (RunningServer server = server()) {
            HttpResponse<String> admitted = server.post("/v1/budgets/admit?reservation=r1", JSON, DOLLAR);
            assertThat(admitted.statusCode()).isEqualTo(200);
            assertThat(admitted.body())
                    .contains("\"outcome\":\"allowed\"", "\"expires\":\"2026-11-22T12:10:00Z\"")
                    .contains("\"name\":\"search\",\"where\":{\"attribute.team\":\"search\"},\"period\":\"day\"")
                    .contains("\"limit_usd\":10,\"spent_usd\":0,\"reserved_usd\":0");
            assertThat(server.post("/v1/budgets/admit?reservation=r2", JSON, DOLLAR)
                            .body())
                    .contains("\"spent_usd\":0,\"reserved_usd\":1");

            server.post(
                    "/v1/records?reservation=r1",
                    JSON,
                    DOLLAR.replace("{", "{\"id\":\"a\",")
                            .replace(",\"attributes\":{\"id\":\"a\",", ",\"attributes\":{"));

            assertThat(server.post("/v1/budgets/admit?reservation=r3", JSON, DOLLAR)
                            .body())
                    .contains("\"spent_usd\":1,\"reserved_usd\":1");
            assertThat(server.get("/v1/budgets").body())
                    .contains("\"state\":\"within\",\"limit_usd\":10,\"spent_usd\":1,\"used\":0.1,");
        }
    }

    @Test
    void refusedCall_answers409_reservesNothing_andAReleaseMakesRoom() {
        try (RunningServer server = server()) {
            IntStream.range(0, 10).forEach(i -> server.post("/v1/budgets/admit?reservation=r" + i, JSON, DOLLAR));

            HttpResponse<String> refused = server.post("/v1/budgets/admit?reservation=more", JSON, DOLLAR);
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.body())
                    .contains("\"outcome\":\"refused\"", "\"expires\":null", "\"exceeded\":true")
                    .contains("budget \\\"search\\\" has no room for 1 USD");
            // The same name again is the same reservation.
            assertThat(server.post("/v1/budgets/admit?reservation=r9", JSON, DOLLAR)
                            .statusCode())
                    .isEqualTo(200);

            assertThat(server.post("/v1/budgets/release", JSON, "{\"reservation\":\"r9\"}")
                            .body())
                    .isEqualTo("{\"result\":\"released\",\"reservation\":\"r9\"}");
            assertThat(server.post("/v1/budgets/admit?reservation=more", JSON, DOLLAR)
                            .statusCode())
                    .isEqualTo(200);
            // Other teams' calls are not this budget's.
            assertThat(server.post("/v1/budgets/admit", JSON, DOLLAR.replace("search", "billing"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void gatewayAndProgram_seeEachOthersReservations() {
        try (RunningServer server = server()) {
            BudgetGuard guard = BudgetGuard.builder(server.ledger(), () -> List.of(SEARCH))
                    .clock(InstantSource.fixed(RunningServer.NOW))
                    .build();
            guard.admit(
                    "own",
                    Attribution.builder().attribute("team", "search").build(),
                    CallEstimate.of(ModelIdentity.ofReference("m"), Usd.parse("9.5")));

            assertThat(server.post("/v1/budgets/admit", JSON, DOLLAR).statusCode())
                    .isEqualTo(409);
            assertThat(server.post("/v1/budgets/release", JSON, "{\"reservation\":\"own\"}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.post("/v1/budgets/admit", JSON, DOLLAR).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void manyAtOnce_areAdmittedAsFarAsThereIsRoom() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try (RunningServer server = server()) {
            List<Future<Integer>> asked = IntStream.range(0, 40)
                    .mapToObj(i -> clients.submit(() -> server.post("/v1/budgets/admit?reservation=r" + i, JSON, DOLLAR)
                            .statusCode()))
                    .toList();
            int admitted = 0;
            for (Future<Integer> status : asked) {
                assertThat(status.get()).isIn(200, 409);
                admitted += status.get() == 200 ? 1 : 0;
            }
            assertThat(admitted).isEqualTo(10);
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void estimate_isTheDearestWayToReadTheInput_unlessAskedOtherwise() {
        String call = "{\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1000000}";
        try (RunningServer server = server()) {
            assertThat(server.post("/v1/budgets/admit", JSON, call).body()).contains("\"estimate_usd\":12,");
            assertThat(server.post("/v1/budgets/admit?estimate=as_stated", JSON, call)
                            .body())
                    .contains("\"estimate_usd\":6,");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?reservation=%20      | {'model':'m'}          | reservation",
                "?estimate=cheap       | {'model':'m'}          | estimate",
                "?budget=search        | {'model':'m'}          | budget",
                "''                    | {'model':'m','cost':1} | cost",
                "''                    | {}                     | model",
            })
    void whatIsNoQuestion_isRefusedByName(String query, String body, String field) {
        try (RunningServer server = server()) {
            HttpResponse<String> answer = server.post("/v1/budgets/admit" + query, JSON, body.replace('\'', '"'));

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
        }
    }

    @Test
    void openReservationOfAnotherAmount_isRefused() {
        try (RunningServer server = server()) {
            server.post("/v1/budgets/admit?reservation=r", JSON, DOLLAR);

            HttpResponse<String> answer =
                    server.post("/v1/budgets/admit?reservation=r", JSON, DOLLAR.replace(":1,", ":2,"));

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("\"field\":\"reservation\"");
        }
    }

    @Test
    void metrics_tellOfEachBudget_alsoOfTwoOfOneName() {
        Budget month = new Budget("search", Map.of(), Budget.Period.MONTH, Usd.parse("40"), Optional.empty());
        try (RunningServer server = RunningServer.start(settings -> settings.budgets(() -> List.of(SEARCH, month)))) {
            server.post("/v1/records", JSON, DOLLAR);
            server.post("/v1/records", JSON, "{\"model\":\"nobody-prices-me\",\"input_tokens\":1}");

            assertThat(server.get("/metrics").body())
                    .contains("tokenledger_budgets_readable 1.0\n")
                    .contains("tokenledger_budget_limit_usd{budget=\"search\"} 10.0\n")
                    .contains("tokenledger_budget_limit_usd{budget=\"search (2)\"} 40.0\n")
                    .contains("tokenledger_budget_spent_usd{budget=\"search\"} 1.0\n")
                    .contains("tokenledger_budget_used_ratio{budget=\"search (2)\"} 0.025\n")
                    .contains("tokenledger_budget_unpriced_records{budget=\"search\"} 0.0\n")
                    .contains("tokenledger_budget_unpriced_records{budget=\"search (2)\"} 1.0\n");
        }
    }

    @Test
    void budgetsThatCannotBeRead_answer503_andSayWhere(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("b.yaml");
        Files.writeString(file, "budgets:\n  - name: search\n    usd: many\n");
        try (RunningServer server = RunningServer.start(settings -> settings.budgets(new BudgetFile(file)::read))) {
            for (HttpResponse<String> answer :
                    List.of(server.get("/v1/budgets"), server.post("/v1/budgets/admit", JSON, DOLLAR))) {
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains("line 3").doesNotContain("b.yaml");
            }
            assertThat(server.get("/metrics").body())
                    .contains("tokenledger_budgets_readable 0.0\n")
                    .doesNotContain("tokenledger_budget_");
        }
    }
}
